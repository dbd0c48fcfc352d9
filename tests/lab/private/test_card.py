"""The card that ships is made from the figures that ship, and these hold together; no opacus is needed for that."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import pytest

from mint.evidence.privacy_bound import PrivacyBudget
from mint.lab.private import card
from mint.lab.private.card import (
    CARD,
    FIGURES,
    OVER,
    REACHING,
    UNDER,
    against,
    beyond,
    breaks,
    learned,
    private_card,
    verdict,
)
from mint.storage.files import read_json

CARDS = Path(__file__).parents[3] / "weights" / "cards"
SHIPPED: dict[str, Any] = read_json(CARDS / FIGURES)
NETWORKS: dict[str, dict[str, Any]] = SHIPPED["networks"]


def test_the_card_is_rendered_from_the_figures() -> None:
    assert private_card(SHIPPED) == (CARDS / CARD).read_text("utf-8")


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_allowed_and_what_was_measured_follow_from_the_counts(name: str) -> None:
    one = NETWORKS[name]
    epsilon, delta = one["claimed"]["epsilon"], one["claimed"]["delta"]
    assert one["allowed"] == pytest.approx(PrivacyBudget(epsilon, delta).tpr(SHIPPED["alpha"]), rel=1e-12)
    for row in one["rows"]:
        found, alarms = row["measured"]["found"], row["measured"]["alarms"]
        assert (found["n"], alarms["n"]) == (row["members"], row["non_members"])
        least = max(0.0, math.log((found["low"] - delta) / alarms["high"])) if found["low"] > delta else 0.0
        assert row["measured"]["pooled"] == pytest.approx(least)
        assert row["measured"]["by_people"] <= row["measured"]["pooled"] + 0.1
    assert one["contradiction"] is (one["rows"][0]["measured"]["by_people"] > epsilon)


def test_the_network_that_was_sold_is_caught_and_those_that_promised_keep_it() -> None:
    assert NETWORKS["plain"]["privacy"] is None
    assert NETWORKS["plain"]["contradiction"] is True
    private = {name: one for name, one in NETWORKS.items() if one["privacy"] is not None}
    assert {one["claimed"]["epsilon"] for one in private.values()} >= {1.0}
    for one in private.values():
        assert one["privacy"]["epsilon"] <= one["claimed"]["epsilon"]
        assert one["privacy"]["numerical"] <= one["privacy"]["epsilon"]
        assert not any(breaks(row, one) for row in one["rows"])


def test_the_card_says_which_networks_learned_nothing() -> None:
    nothing = [name for name, one in NETWORKS.items() if not learned(one, SHIPPED["untrained"])]
    assert (f"{' and '.join(nothing)} were not seen to be better than" in private_card(SHIPPED)) is bool(nothing)
    told = copy.deepcopy(SHIPPED)
    for one in told["networks"].values():
        one["recognition"]["low"] = 1.0
    assert "not seen to be better" not in private_card(told)


def test_a_network_whose_scores_are_too_few_is_not_said_to_lie_under() -> None:
    one = copy.deepcopy(NETWORKS["private-1"])
    assert verdict(one).startswith("The whole interval of every score")
    one["rows"][0]["tpr_at_1pct_fpr_high"] = 0.9
    assert verdict(one).startswith("None lies over what is allowed; of 7 of 8")
    one["rows"][0]["measured"]["by_people"] = 1.5
    assert verdict(one).startswith("**1 of 8 scores")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.0, 0.02, UNDER), (0.01, 0.03, REACHING), (0.03, 0.04, OVER), (None, None, card.NOT_MEASURED)],
)
def test_an_interval_lies_under_the_bound_reaches_over_it_or_lies_over(low: Any, high: Any, said: str) -> None:
    assert against({"tpr_at_1pct_fpr_low": low, "tpr_at_1pct_fpr_high": high}, 0.027) == said


def test_what_was_not_seen_to_be_better_is_not_said_to_be_no_better() -> None:
    text, page = private_card(SHIPPED), (CARDS.parents[1] / "docs" / "privacy-bound.md").read_text("utf-8")
    gains = {name: beyond(NETWORKS[name], SHIPPED["untrained"]) for name in ("private-1", "private-8")}
    assert gains == {"private-1": "+1.7 points (-0.2 to +3.5)", "private-8": "-1.2 points (-3.1 to +0.7)"}
    assert f"private-1 {gains['private-1']}; private-8 {gains['private-8']}, from end to end" in text
    assert all(gain in page for gain in gains.values())
    for told in (text, page, (CARDS.parents[1] / "docs" / "method.md").read_text("utf-8")):
        assert "learned next to nothing" not in told
        assert "no better than" not in told


def test_a_person_s_photos_cost_more_than_one_photo() -> None:
    photos = f"{SHIPPED['photos'] / SHIPPED['people']:.1f}"
    assert PrivacyBudget(1.0).of_group(7).epsilon == 7.0
    assert f"ε for the person is about {photos} times ε for each photo" in private_card(SHIPPED)
