"""The card that ships is made from the figures that ship, and it calls found only what beats its controls."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from mint.lab.cards.markdown import interval
from mint.lab.objects.card import (
    CARD,
    FIGURES,
    PUBLISHED,
    commands,
    number,
    objects_card,
    render_objects,
    score,
    verdict,
)
from mint.storage.files import read_json, write_json
from mint.storage.paths import WEIGHTS

CARDS = WEIGHTS / "cards"
SHIPPED: dict[str, Any] = read_json(CARDS / FIGURES)
NETWORKS = {(name, half): one for name, data in SHIPPED["data"].items() for half, one in data["networks"].items()}


def test_the_card_is_rendered_from_the_figures(tmp_path: Path) -> None:
    assert objects_card(SHIPPED) == (CARDS / CARD).read_text("utf-8")
    render_objects(tmp_path)
    assert not list(tmp_path.iterdir())
    write_json(tmp_path / FIGURES, SHIPPED)
    render_objects(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == objects_card(SHIPPED)


def test_digits_and_the_pool_are_there_with_what_was_published_marked_as_other_data() -> None:
    assert list(SHIPPED["data"]) == ["digits", "pool"]
    text = objects_card(SHIPPED)
    assert text.count(f"*{PUBLISHED}*") == 4
    assert "That is other data" in text


def test_one_command_measures_all_of_it_again_and_one_more_what_was_set_otherwise() -> None:
    (whole,) = commands(SHIPPED["data"])
    assert whole.split()[:3] == ["mint", "lab", "objects"]
    sizes = [SHIPPED["data"][name]["recipe"]["input_size"] for name in ("digits", "pool")]
    assert f"--data digits --size {sizes[0]} --data POOL --size {sizes[1]} --dropout " in whole
    assert f"`{whole}`" in objects_card(SHIPPED)
    changed = copy.deepcopy(SHIPPED)
    changed["data"]["pool"]["recipe"]["seed"] = 5
    first, second = commands(changed["data"])
    assert ("--data digits" in first, "POOL" in first, "--seed 5" in first) == (True, False, False)
    assert ("--data digits" in second, "POOL" in second, "--seed 5" in second) == (False, True, True)


def test_figures_of_before_had_as_many_labels_as_classes() -> None:
    old = copy.deepcopy(SHIPPED)
    old["data"]["pool"]["positive"].pop("labels", None)
    assert "taught one of 100 labels drawn at random" in objects_card(old)


@pytest.mark.parametrize("key", NETWORKS)
def test_every_layer_is_in_one_table_and_the_best_was_chosen_on_validation(key: tuple[str, str]) -> None:
    rows = NETWORKS[key]["rows"]
    layers = [row for row in rows if row["auditor"] in ("vanilla", "cnn")]
    wanted = [f"conv{k}" for k in range(1, 7)] + ["penultimate", "output"]
    for auditor in ("vanilla", "cnn"):
        assert [row["layer"] for row in layers if row["auditor"] == auditor] == wanted
    best = max(layers, key=lambda row: row["validation"])
    assert NETWORKS[key]["best"] == f"{best['auditor']}/{best['layer']}"
    assert number("penultimate", rows) == 7
    assert number("head", rows) is None
    for control in ("untrained", "shuffled-labels", "other-twin"):
        assert len(NETWORKS[key][control]) >= len(layers) + 2


def test_the_halves_are_each_others_complement() -> None:
    for data in SHIPPED["data"].values():
        assert sum(network["pictures"] for network in data["networks"].values()) == data["pictures"]
        a, b = data["networks"]["a"], data["networks"]["b"]
        flipped, own = score(a["other-twin"], "loss/output"), score(b["rows"], "loss/output")
        assert flipped["auc"] == pytest.approx(1 - own["auc"], abs=1e-9)  # the same pictures, the other list


def test_the_positive_control_is_found_and_the_documents_tell_its_figures() -> None:
    told = " ".join((WEIGHTS.parent / "docs" / "method.md").read_text("utf-8").split())
    layers, losses = [], []
    for data in SHIPPED["data"].values():
        positive = data["positive"]
        best, loss = (score(positive["rows"], column) for column in (positive["best"], "loss/output"))
        assert best["validation"] == max(
            r["validation"] for r in positive["rows"] if r["auditor"] in ("vanilla", "cnn")
        )
        assert min(best["auc"], loss["auc"]) >= 0.95
        layers.append(interval(best))
        losses.append(interval(loss))
    said = f"the layer chosen on validation {' and '.join(layers)}, loss {' and '.join(losses)}"
    assert said in told
    assert "not reached" not in objects_card(SHIPPED)


def test_a_score_counts_as_evidence_only_above_its_controls() -> None:
    row = {"auc": 0.7, "auc_low": 0.65, "auc_high": 0.75}
    assert verdict(row, [{"auc": 0.55}]).startswith("tells them apart")
    assert "no evidence" in verdict(row, [{"auc": 0.55}, {"auc": 0.66}])
    assert verdict({"auc": 0.52, "auc_low": 0.49, "auc_high": 0.55}, []).startswith("was not seen to tell anything")
    assert "below chance" in verdict({"auc": 0.4, "auc_low": 0.35, "auc_high": 0.45}, [])


def test_a_positive_that_is_not_found_is_said_so() -> None:
    changed = copy.deepcopy(SHIPPED)
    for row in changed["data"]["digits"]["positive"]["rows"]:
        row["auc"] = 0.9
    wanted = objects_card(SHIPPED).count("**not reached**")
    now = objects_card(changed).count("**not reached**")
    digits = SHIPPED["data"]["digits"]["positive"]
    reached = sum(
        score(digits["rows"], column)["auc"] >= 0.95 for column in (digits["best"], "confidence/output", "loss/output")
    )
    assert now == wanted + reached > wanted
