"""The card says what the JSON says, and its reading follows the figures."""

from __future__ import annotations

import copy
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from mint.lab.cards.paper import paper_card, reading, render_paper
from mint.report.paper_figures import ACCURACY
from mint.storage.paths import WEIGHTS

SHIPPED = sorted((WEIGHTS / "cards" / "paper").glob("*.json"))
STAGES = ("stage1", "stage2", "stage3", "stage4")


def row(auditor: str, layer: str, samples: int, asked: int | str, auc: float) -> dict[str, Any]:
    return {"auditor": auditor, "layer": layer, "samples": samples, "asked": asked, "accuracy": auc - 0.05, "auc": auc,
            "auc_low": auc - 0.02, "auc_high": auc + 0.02, "members": 100, "non_members": 100}  # fmt: skip


def result(network: float, untrained: float, pixels: float) -> dict[str, Any]:
    """Figures that all differ in their third place, so that a cell in the wrong place is found."""
    step = itertools.count()

    def rows(
        base: float, sizes: list[tuple[int, int | str]], layers: dict[str, tuple[str, ...]]
    ) -> list[dict[str, Any]]:
        return [
            row(a, layer, n, asked, base + next(step) / 1000)
            for n, asked in sizes
            for a in layers
            for layer in layers[a]
            if not (a == "cnn" and asked == "all")
        ]

    layers = {"vanilla": (*STAGES, "embedding", "all"), "cnn": STAGES}
    half = {"photos": 100, "people": 7}
    return {
        "network": "some", "sha256": "0" * 64, "members": "inside", "external": "outside",
        "taps": [{"name": s, "module": f"t{s}", "channels": 4, "stride": 2} for s in STAGES],
        "splits": {s: {"members": half, "external": half} for s in ("training", "validation", "test")},
        "counts": {"members: photos": 1, "members: people": 2, "external: photos": 3, "external: people": 4,
                   "external: namesakes removed, people": 5, "external: photos without a face": 6},
        "too close to a member": {"judged by": "some", "limit": 0.4, "photos removed": 8, "people touched": 9,
                                  "member crops that reach it with their own person": 0.9,
                                  "member crops that reach it with another person": 0.1},
        "plan": {"control": 5000, "whole_maps": 5000, "vanilla_epochs": 20, "cnn_epochs": 30, "cnn_batches": 80,
                 "near": 0.4, "jpeg quality": 90},
        "rows": rows(network, [(1000, 1000), (5000, 5000), (9000, "all")], layers),
        "controls": {
            "pixels": rows(pixels, [(5000, 5000)], {"vanilla": ("crop", "embedding"), "cnn": ("crop",)}),
            "untrained": rows(untrained, [(5000, 5000)], layers),
        },
    }  # fmt: skip


def twin(auc: float) -> dict[str, Any]:
    rows = [row(a, layer, 0, 0, auc) for a, layers in ACCURACY.items() for layer in layers]
    return {"sample": {"rows": rows}, "identity": {"rows": rows}}


def cells(text: str, start: str) -> list[list[str]]:
    part = text.split(start)[1].split("\n\n")[1]
    return [[c.strip() for c in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def test_every_cell_is_where_it_belongs() -> None:
    found = result(0.7, 0.6, 0.55)
    text = paper_card([found], {"twin-a": twin(0.5)})

    def accuracy(rows: list[dict[str, Any]], auditor: str, layer: str, samples: int) -> str:
        return next(
            f"{r['accuracy']:.2f}"
            for r in rows
            if (r["auditor"], r["layer"], r["samples"]) == (auditor, layer, samples)
        )

    layers = (*STAGES, "embedding", "all")
    for line, layer in zip(cells(text, "### Table 1"), layers, strict=True):
        controls = found["controls"]
        assert line[1:4] == [f"{v:.2f}" for v in ACCURACY["vanilla"][layer]]
        assert line[4:7] == [accuracy(found["rows"], "vanilla", layer, n) for n in (1000, 5000, 9000)]
        assert line[7] == accuracy(controls["untrained"], "vanilla", layer, 5000)
        place = "embedding" if layer == "embedding" else "crop"
        assert line[8] == accuracy(controls["pixels"], "vanilla", place, 5000)
    for line, layer in zip(cells(text, "### Table 2"), STAGES, strict=True):
        assert line[1:4] == [f"{v:.2f}" for v in ACCURACY["cnn"][layer]]
        assert line[4:6] == [accuracy(found["rows"], "cnn", layer, n) for n in (1000, 5000)]
        assert len(line) == 8


def test_the_reading_follows_the_figures() -> None:
    twins = {"twin-a": twin(0.5)}
    above = reading([result(0.9, 0.6, 0.55)], twins)
    assert "do not overlap, which leaves 0.2" in above
    assert "In 0 of 10 rows" in above
    level = reading([result(0.8, 0.8, 0.55)], twins)
    assert "nothing here needs membership" in level
    assert "In 10 of 10 rows" in level
    assert "between AUC 0.50 and 0.50, and of 20 intervals 0 lie above 0.5 and 0 below" in level
    assert "the same auditors lie" not in reading([result(0.8, 0.8, 0.55)], {})


def test_every_figure_of_the_reading_is_computed() -> None:
    one = reading([result(0.7, 0.6, 0.55)], {"twin-a": twin(0.5)})
    other = reading([result(0.8, 0.65, 0.75)], {"twin-a": twin(0.6)})
    assert set(re.findall(r"\d\.\d{3}", one)).isdisjoint(re.findall(r"\d\.\d{3}", other))


def test_a_card_is_written_only_where_there_are_results(tmp_path: Path) -> None:
    render_paper(tmp_path)
    assert not list(tmp_path.rglob("*.md"))
    (tmp_path / "cards" / "paper").mkdir(parents=True)
    (tmp_path / "cards" / "paper" / "some.json").write_text(json.dumps(result(0.7, 0.6, 0.5)))
    render_paper(tmp_path)
    text = (tmp_path / "cards" / "paper-protocol.md").read_text(encoding="utf-8")
    assert text == paper_card([result(0.7, 0.6, 0.5)], {})


def test_an_auditor_that_answers_everybody_alike_is_no_result() -> None:
    found = result(0.7, 0.6, 0.55)
    assert "onstant" not in paper_card([found], {})
    failed = next(r for r in found["rows"] if (r["auditor"], r["layer"], r["samples"]) == ("vanilla", "all", 5000))
    failed.update(auc=0.5, auc_low=0.5, auc_high=0.5, accuracy=0.5)
    text = paper_card([found], {})
    assert cells(text, "### Table 1")[-1][5] == "constant"
    assert cells(text, "### AUC")[5][2] == "constant"
    assert "In 0 of 9 rows" in text
    assert "*Constant*" in text


def test_a_database_too_small_for_a_size_is_said_to_be() -> None:
    found = copy.deepcopy(result(0.7, 0.6, 0.5))
    for r in (*found["rows"], *found["controls"]["untrained"], *found["controls"]["pixels"]):
        r["samples"] = min(r["samples"], 3000)
    assert "here, all 3000" in paper_card([found], {})


@pytest.mark.skipif(not SHIPPED, reason="no result of mint lab paper is in weights/cards/paper")
def test_the_shipped_card_is_what_the_shipped_results_give() -> None:
    networks = [json.loads(path.read_text(encoding="utf-8")) for path in SHIPPED]
    twins = {
        p.parent.name: json.loads(p.read_text(encoding="utf-8")) for p in sorted(WEIGHTS.glob("twin-*/evaluation.json"))
    }
    card = (WEIGHTS / "cards" / "paper-protocol.md").read_text(encoding="utf-8")
    assert card == paper_card(networks, twins)
    for found in networks:
        assert {"pixels", "untrained"} == set(found["controls"])
        assert not set(found["counts"]) & {"path"}
        assert "/" not in found["members"] + found["external"]
