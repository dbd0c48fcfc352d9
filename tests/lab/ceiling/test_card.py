"""The card on the ceiling: every figure is there, and what it calls reached is what was measured as reached."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from mint.evidence.score_table import PHOTO
from mint.lab.ceiling import comparison
from mint.lab.ceiling.card import AGAINST, CARD, FIGURES, NAMES, ceiling_card, changed, render_ceiling, told, verdict
from mint.lab.ceiling.measure import ATTACKS, CONFIDENCE, FITTED, measured
from mint.lab.ceiling.photos import OURS
from mint.storage.files import as_stored, write_json
from mint.storage.paths import WEIGHTS
from tests.lab.ceiling.made_up_photos import made_up

RECIPE = {"input_size": 64, "width": 16, "epochs": 12}
REFERENCE = {"people": 588, "photos": 5485, "training_accuracy": 0.998, "seconds": 300.0, "precision": "float32"}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(comparison, "DRAWS", 50)
    figures = measured(*made_up(2.0), offsets=(0.0, 2.0), seed=1)
    about = {"people": 60, "members": 4492, "classes": 591, "references": [REFERENCE] * 4}
    return as_stored(
        {
            "seed": 1, "references": 4, "recipe": RECIPE, "target recipe": {**RECIPE, "epochs": 30}, "wanted": 0.9,
            "missing": 0, "networks": {"twin-a": {**about, **figures}},
        }
    )  # fmt: skip


def test_every_score_is_a_line_and_every_comparison(found: dict[str, Any]) -> None:
    text = ceiling_card(found)
    one = found["networks"]["twin-a"]
    for row in one["rows"]:
        auc = f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})"
        (line,) = re.findall(rf"^\| {re.escape(NAMES[row['attack']])}[^|]*\|.*\| {re.escape(auc)} \|.*$", text, re.M)[
            :1
        ]
        assert (" (**the ceiling**)" in line) == (one["ceiling"][row["against"]] == row["attack"])
    shown = [row for kind in AGAINST for row in told(one, kind)]
    assert len(shown) == len(AGAINST) * (len(OURS) + 1 + len(ATTACKS) - 1)
    assert {(row["against"], row["ceiling"]) for row in shown if row["ours"] == PHOTO} == set(product(AGAINST, ATTACKS))
    for row in shown:
        assert f"| {NAMES[row['ours']]} | {NAMES[row['ceiling']]} | " in text
        assert f"{row['share']:.1%} ({row['share_low']:.1%}–{row['share_high']:.1%})" in text
    for row in one["controls"]:
        assert f"| {row['control']} | {NAMES[row['attack']]} | {row['auc']:.3f} (" in text


def test_the_command_measures_it_again_and_an_unfinished_run_says_so(found: dict[str, Any]) -> None:
    text = ceiling_card(found)
    assert "--network twin-a --references 4 --epochs 12 --width 16 --input-size 64 --seed 1 --precision float32" in text
    assert "changed: epochs 12 instead of 30." in text
    assert "Unfinished" not in text
    assert "**Unfinished**: 1 networks" in ceiling_card({**found, "missing": 1})
    assert "run on the shipped networks" in text


def test_what_is_reached_is_what_was_measured(found: dict[str, Any]) -> None:
    network = found["networks"]["twin-a"]
    ceiling = network["ceiling"]["siblings"]
    (row,) = (
        r for r in network["comparisons"] if (r["against"], r["ours"], r["ceiling"]) == ("siblings", "photo", ceiling)
    )
    for share, low, words in (
        (0.95, 0.93, "**reached**: 95.0% (93.0%–97.0%)"),
        (0.91, 0.85, "**reached**: 91.0% (85.0%–97.0%)"),
        (0.7, 0.65, "**not reached**: 70.0% (65.0%–97.0%)"),
    ):
        row |= {"share": share, "share_low": low, "share_high": 0.97, "difference": -0.0567}
        said = verdict(network, "siblings", 0.9)
        assert said.startswith(words)
        assert ("though the interval goes below" in said) == (share == 0.91)
        assert ("it lacks 0.057 of AUC" in said) == (share == 0.7)
        assert said in ceiling_card(found)
    row["share"] = None
    assert verdict(network, "siblings", 0.9).startswith("**cannot say**")


def test_where_the_published_attacks_find_less_than_confidence_alone_it_says_so(found: dict[str, Any]) -> None:
    network = found["networks"]["twin-a"]
    words = "The published attacks find less here than confidence without references"
    assert words not in ceiling_card(found)
    network["ceiling"]["siblings"] = FITTED
    for row in network["rows"]:
        if row["attack"] == CONFIDENCE and row["against"] == "siblings":
            row["auc"] = 0.9999
    assert ceiling_card(found).count(words) == 1


def test_a_control_that_is_off_is_named(found: dict[str, Any]) -> None:
    controls = found["networks"]["twin-a"]["controls"]
    for row in controls:
        row |= {"auc": 0.5, "auc_low": 0.48, "auc_high": 0.52}
    assert "Not at 0.5" not in ceiling_card(found)
    controls[1] |= {"auc": 0.53, "auc_low": 0.51, "auc_high": 0.55}
    name = f"{controls[1]['control']}, {NAMES[controls[1]['attack']]}"
    assert f"Not at 0.5 by their intervals: {name} (0.530 (0.510–0.550))." in ceiling_card(found)


def test_references_that_remember_less_are_said_to(found: dict[str, Any]) -> None:
    network = found["networks"]["twin-a"]
    network["among_references"]["confidence"] = [0.55] * 4
    assert "0.550 on average: they remember less" in ceiling_card(found)
    network["among_references"]["confidence"] = [0.999] * 4
    assert "0.999 on average." in ceiling_card(found)


def test_two_references_have_a_card_too(found: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    figures = as_stored(measured(*made_up(2.0, networks=2), offsets=(0.0,), seed=1))
    network = {**found["networks"]["twin-a"], **figures, "references": [REFERENCE] * 2}
    text = ceiling_card({**found, "references": 2, "networks": {"twin-a": network}})
    assert "LiRA, online |" not in text
    assert "Attacked with one another" not in text


def test_a_recipe_that_differs_in_nothing_says_so() -> None:
    assert changed(RECIPE, RECIPE) == "nothing but its photos and its seed"
    assert (
        changed({**RECIPE, "input_size": 32, "width": 8}, RECIPE)
        == "input size 32 instead of 64, width 8 instead of 16"
    )


def test_the_tables_are_whole(found: dict[str, Any]) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", ceiling_card(found), re.M)
    assert len(blocks) == 1 + 2 * len(AGAINST) + 1
    for block in blocks:
        lines = block.splitlines()
        assert re.fullmatch(r"\|(---\|)+", lines[1])
        assert len({line.count("|") for line in lines}) == 1
        assert len(lines) > 3


def test_it_is_rendered_where_something_was_measured(found: dict[str, Any], tmp_path: Path) -> None:
    render_ceiling(tmp_path)
    assert not list(tmp_path.iterdir())
    write_json(tmp_path / FIGURES, found)
    render_ceiling(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == ceiling_card(found)


def test_the_shipped_card_is_that_of_the_shipped_figures(tmp_path: Path) -> None:
    shipped = WEIGHTS / "cards"
    (tmp_path / FIGURES).write_bytes((shipped / FIGURES).read_bytes())
    render_ceiling(tmp_path)
    assert (tmp_path / CARD).read_bytes() == (shipped / CARD).read_bytes()
