"""The shipped card on versions, and what a difference to the last version may be called."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from mint.lab.versions.acceptance import acceptance, beside_the_better
from mint.lab.versions.card import CARD, FIGURES, versions_card
from mint.lab.versions.releases import FATES, PHOTOS, VERSIONS
from mint.storage.files import read_json

CARDS = Path(__file__).parents[3] / "weights" / "cards"
SHIPPED: dict[str, Any] = read_json(CARDS / FIGURES)
ONE: dict[str, Any] = SHIPPED["twins"]["twin-a"]["scores"]["centre"]
LESS, NOTHING = "members that stayed", "the other twin's versions tell nothing"


def line(found: dict[str, Any], start: str) -> dict[str, Any]:
    (one,) = (one for one in acceptance(found) if one["name"].startswith(start))
    return one


def test_card_and_lines_are_made_from_the_figures() -> None:
    assert versions_card(SHIPPED) == (CARDS / CARD).read_text("utf-8")
    for twin in SHIPPED["twins"].values():
        for one in twin["scores"].values():
            assert one["accepted"] == acceptance(one)


def test_the_sequence_is_set_beside_the_better_form_of_the_last_version() -> None:
    stayed = ONE["presence"]["stayed"]
    assert stayed["last, two passes"]["auc"]["value"] > stayed["last"]["auc"]["value"]
    assert beside_the_better(stayed, "auc")["value"] < 0 < stayed["gain"]["auc"]["value"]
    # No paired interval of it was written down then: the wider one, from end to end, decides.
    told = line(ONE, LESS)
    assert (told["holds"], told["said"]) == (False, "AUC -0.003 (-0.024 to +0.018, unpaired) beside two passes")
    row = "| 0.963 (0.951–0.974) | 0.957 (0.946–0.968) | 0.966 (0.956–0.975) | -0.003 (-0.024 to +0.018, unpaired) |"
    assert row in versions_card(SHIPPED)


@pytest.mark.parametrize(("low", "holds"), [(-0.019, True), (-0.021, False), (-0.2, False)])
def test_no_less_takes_an_interval_that_says_so(low: float, holds: bool) -> None:
    found = copy.deepcopy(ONE)
    found["presence"]["stayed"]["gain over two passes"] = {"auc": {"value": -0.003, "low": low, "high": 0.01}}
    assert line(found, LESS)["holds"] is holds


@pytest.mark.parametrize(("low", "high", "holds"), [(0.48, 0.53, True), (0.2, 0.6, False), (0.51, 0.53, False)])
def test_nothing_takes_an_interval_that_is_narrow_around_one_half(low: float, high: float, holds: bool) -> None:
    assert line({**ONE, "other": {"auc": {"value": 0.52, "low": low, "high": high}}}, NOTHING)["holds"] is holds


def test_what_is_said_of_fates_and_of_either_twin_is_so() -> None:
    of_the_first = [1 / PHOTOS] + [(PHOTOS - 1) / PHOTOS / len(FATES) for first, _ in FATES if first == 0]
    out = [(PHOTOS - 1) / PHOTOS / len(FATES) for first, out in FATES if first == 0 and out < VERSIONS]
    assert sum(out) / sum(of_the_first) == pytest.approx(1 / 3)
    text = versions_card(SHIPPED)
    assert "a third of version 1's photos were taken out, half of these by version 3 and half by version 4" in text
    assert "every time 47% would be right of twin-a, 45% would be right of twin-b." in text


def test_the_documents_tell_what_holds_and_what_does_not() -> None:
    page = (CARDS.parents[1] / "docs" / "method.md").read_text("utf-8")
    (row,) = (one for one in page.splitlines() if one.startswith("| SeMI"))
    for name in ("centre", "mirror"):
        each = [SHIPPED["twins"][twin]["scores"][name]["other"]["auc"] for twin in SHIPPED["twins"]]
        assert " / ".join("{value:.3f} ({low:.3f}–{high:.3f})".format(**one) for one in each) in row
    for group, words in (("stayed", "members that stayed: AUC "), ("diluted", "one early release alone: ")):
        gains = [
            beside_the_better(SHIPPED["twins"][twin]["scores"]["centre"]["presence"][group], "auc")
            for twin in SHIPPED["twins"]
        ]
        told = " / ".join("{value:+.3f} ({low:+.3f} to {high:+.3f})".format(**one) for one in gains)
        assert f"{words}{told}" in row
    assert not line(ONE, "false alarms")["holds"]
    alarms = ONE["alarms"][1]["siblings"]
    assert f"{alarms['value']:.2%} ({100 * alarms['low']:.2f}–{alarms['high']:.2%}, n = {alarms['n']:,})" in row
