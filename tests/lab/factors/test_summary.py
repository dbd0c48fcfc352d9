"""Figures over seeds: those of one network are the house's own, and planted differences are found, absent ones not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.evidence.metrics import auc, auc_draws
from mint.lab.evaluation.metric_row import metric_row
from mint.lab.factors.network import AUDITORS, SIDES
from mint.lab.factors.settings import Setting
from mint.lab.factors.summary import DRAWS, over_seeds, summary
from tests.ledgers import people

ROWS = people(100, 20)
BASE, OTHER = Setting("base", "as the twins"), Setting("margin", "0.3", {"margin": 0.3})
NAMES = tuple(AUDITORS.values())
TOLD = {"training_accuracy": 0.9, "seconds": 1.0, "strangers": {}, "people": 100, "photos": 400, "fitted_on": {}}


def scores(apart: float, seed: int, photos: int = 4, exposures: tuple[int, ...] = (1,) * 4) -> dict[str, Any]:
    """Scores of the first photos of everybody as members, ``apart`` standard deviations from twelve siblings."""
    random = np.random.default_rng(seed)
    hard = np.random.default_rng(9).normal(0, 1, len(ROWS))  # of the photo; a network adds little of its own
    found: dict[str, Any] = {}
    for side, places, shift in (("members", range(photos), apart), ("siblings", range(8, 20), 0.0)):
        rows = [20 * person + place for person in range(100) for place in places]
        doses = [exposures[row % 20] if side == "members" else 0 for row in rows]
        score = hard[rows] + shift + random.normal(0, 0.1, len(rows))
        found[side] = {"row": rows, "exposure": doses, "score": score.tolist()}
    return found


def run(*given: Any, **more: Any) -> dict[str, Any]:
    return {**TOLD, "scores": dict.fromkeys(NAMES, scores(*given, **more))}


def only(setting: Setting, runs: dict[int, Any], base: dict[int, Any]) -> dict[str, Any]:
    (entry,) = summary(setting, runs, base, ROWS)
    row: dict[str, Any] = entry["rows"][0]
    return row


def columns(side: dict[str, Any]) -> dict[str, Any]:
    people_of_side = np.array([ROWS[i].identity for i in side["row"]])
    return {"score": np.array(side["score"]), "identity": people_of_side}


def test_one_network_s_figures_are_those_of_every_other_table() -> None:
    one = scores(1.5, 1)
    found = over_seeds([one], ROWS)
    wanted = metric_row(columns(one["members"]), columns(one["siblings"]), "score", DRAWS)
    for name in ("auc", "tpr_at_1pct_fpr"):
        for end in ("", "_low", "_high"):
            assert found[f"{name}{end}"] == pytest.approx(wanted[f"{name}{end}"], abs=1e-12)
    assert [found[name] for name in ("members", "non_members", "member_people")] == [400, 1200, 100]


def test_two_networks_give_the_mean_of_their_figures() -> None:
    pair = [scores(1.0, 1), scores(2.0, 2)]
    found = over_seeds(pair, ROWS)
    each = [over_seeds([one], ROWS) for one in pair]
    for name in ("auc", "tpr_at_1pct_fpr"):
        assert found[name] == pytest.approx(np.mean([one[name] for one in each]))
        assert found[f"{name}_by_seed"] == [one[name] for one in each]
    assert each[0]["auc"] < found["auc_low"] < found["auc"] < found["auc_high"] < each[1]["auc"]


def test_a_tpr_of_too_few_siblings_is_none() -> None:
    one = scores(1.0, 1)
    one["siblings"] = {name: values[:900] for name, values in one["siblings"].items()}
    found = over_seeds([one], ROWS)
    assert found["tpr_at_1pct_fpr"] is found["tpr_at_1pct_fpr_low"] is None
    assert found["auc"] is not None


@pytest.mark.parametrize("apart", [1.0, 2.0])
def test_a_planted_difference_is_found_with_its_sign(apart: float) -> None:
    base = {1: run(1.5, 1), 2: run(1.5, 2)}
    row = only(OTHER, {1: run(apart, 3), 2: run(apart, 4)}, base)
    assert np.sign(row["auc_gain"]) == np.sign(apart - 1.5)
    assert row["auc_gain_clear"]
    assert row["auc_gain_low"] < row["auc_gain"] < row["auc_gain_high"]
    for seed, mine, gain in ((1, 3, 0), (2, 4, 1)):
        ours, theirs = scores(apart, mine), base[seed]["scores"][NAMES[0]]
        aucs = [auc(s["members"]["score"], s["siblings"]["score"]) for s in (ours, theirs)]
        assert row["auc_gain_by_seed"][gain] == pytest.approx(aucs[0] - aucs[1])


def test_the_interval_of_a_gain_is_paired_by_people() -> None:
    ours, theirs = scores(1.0, 3), scores(1.5, 1)
    row = only(OTHER, {1: run(1.0, 3)}, {1: run(1.5, 1)})
    drawn = []
    for one in (ours, theirs):
        m, n = (columns(one[side]) for side in SIDES)
        drawn.append(auc_draws(m["score"], n["score"], m["identity"], n["identity"], DRAWS, 0))
    low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    assert (row["auc_gain_low"], row["auc_gain_high"]) == pytest.approx((low, high))
    assert high - low < np.ptp(np.quantile(drawn[0], [0.025, 0.975])), "photos are hard or easy for both"


def test_nothing_planted_is_not_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.lab.factors.summary.DRAWS", 200)
    clear = [
        only(OTHER, {1: run(1.5, 10 + k), 2: run(1.5, 50 + k)}, {1: run(1.5, 1), 2: run(1.5, 2)})["auc_gain_clear"]
        for k in range(10)
    ]
    assert sum(clear) <= 3  # one in twenty is promised to each, and both share a base


def test_seeds_that_disagree_are_not_clear() -> None:
    base = {1: run(1.5, 1), 2: run(1.5, 2)}
    row = only(OTHER, {1: run(0.2, 3), 2: run(1.6, 4)}, base)
    assert row["auc_gain_high"] < 0 < row["auc_gain_by_seed"][1]
    assert not row["auc_gain_clear"]


def test_one_seed_is_never_clear() -> None:
    row = only(OTHER, {1: run(0.5, 3)}, {1: run(1.5, 1), 2: run(1.5, 2)})
    assert row["auc_gain_high"] < 0
    assert not row["auc_gain_clear"]


def test_only_photos_that_both_were_scored_on_are_compared_and_only_seeds_that_both_have() -> None:
    base = {1: run(1.5, 1), 2: run(1.5, 2)}
    fewer = run(1.5, 1, photos=2)
    row = only(OTHER, {1: fewer}, base)
    assert (row["members"], row["gain_members"]) == (200, 200)
    assert len(row["auc_gain_by_seed"]) == 1
    ours, theirs = (run["scores"][NAMES[0]] for run in (fewer, base[1]))
    kept = [k for k, i in enumerate(theirs["members"]["row"]) if i % 20 < 2]
    ours = auc(ours["members"]["score"], ours["siblings"]["score"])
    theirs = auc(np.array(theirs["members"]["score"])[kept], theirs["siblings"]["score"])
    assert row["auc_gain"] == pytest.approx(ours - theirs)
    assert "auc_gain" not in only(OTHER, {3: fewer}, base)
    assert "auc_gain" not in only(BASE, base, base)


def test_doses_are_entries_of_their_own() -> None:
    setting = Setting("exposure", "1, 3 or 10 an epoch", {"exposures": (1, 1, 3, 10)})
    entries = summary(setting, {1: run(1.5, 1, exposures=(1, 10, 1, 3))}, {1: run(1.5, 1)}, ROWS)
    assert [entry["level"] for entry in entries] == ["1 an epoch", "3 an epoch", "10 an epoch"]
    assert [entry["rows"][0]["members"] for entry in entries] == [200, 100, 100]
    assert [row["auditor"] for row in entries[0]["rows"]] == list(NAMES)
    assert {entry["rows"][0]["gain_members"] for entry in entries[1:]} == {100}
