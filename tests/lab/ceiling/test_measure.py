"""What is planted is found, and references help where photos differ in difficulty; where nothing is planted, nothing is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mint.evidence.score_table import OUTSIDERS, PHOTO, SIBLINGS, TEST
from mint.lab.ceiling import comparison
from mint.lab.ceiling.attacks import RmiaSettings
from mint.lab.ceiling.comparison import compared, found_by, shuffled
from mint.lab.ceiling.measure import (
    ATTACKS,
    CONFIDENCE,
    FITTED,
    FITTED_ONLINE,
    LIRA,
    OFFLINE,
    ONLINE,
    RMIA,
    among_references,
    choose_rmia,
    measured,
)
from tests.lab.ceiling.made_up_photos import made_up


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "DRAWS", 200)


def found(effect: float, **given: Any) -> dict[str, Any]:
    return measured(*made_up(effect, **given), offsets=(0.0, 2.0), seed=1)


def row(figures: dict[str, Any], attack: str, against: str = SIBLINGS) -> dict[str, Any]:
    return next(r for r in figures["rows"] if (r["attack"], r["against"]) == (attack, against))


def test_what_is_planted_is_found_and_references_help() -> None:
    figures = found(2.0)
    plain = row(figures, CONFIDENCE)["auc"]
    assert 0.6 < plain < 0.75, "difficulty drowns it"
    for attack in (LIRA, RMIA, FITTED, ONLINE, FITTED_ONLINE):
        assert row(figures, attack)["auc_low"] > plain + 0.1, attack
    for kind in (SIBLINGS, OUTSIDERS):
        best = max(OFFLINE, key=lambda name: row(figures, name, kind)["calibration_auc"])
        assert figures["ceiling"][kind] == best
    for control in figures["controls"]:
        assert control["auc"] == pytest.approx(0.5, abs=0.07), control  # 2.7 standard errors of 240 and 240 photos


def test_where_nothing_is_planted_nothing_is_found_and_no_share_is_told() -> None:
    figures = found(0.0)
    for one in (*figures["rows"], *figures["controls"]):
        if "references" in one["knows"]:
            assert one["auc"] == pytest.approx(0.5, abs=0.07), one  # 2.7 standard errors of 240 and 240 photos
    assert all(one["share"] is None for one in figures["comparisons"] if one["ceiling"] in ATTACKS)
    for values in figures["among_references"].values():
        assert np.mean(values) == pytest.approx(0.5, abs=0.05)


def test_the_ceiling_is_chosen_on_calibration_people_and_never_on_test_people() -> None:
    photos, target, references, used = made_up(2.0)
    kept = measured(photos, target, references, used, (0.0, 2.0), 1)
    test = np.concatenate([places for (split, _), places in photos.kinds.items() if split == TEST])
    target, references = target.copy(), references.copy()
    target[test] = -target[test]
    references[test] = references[test, ::-1] / 3
    other = measured(photos, target, references, used, (0.0, 2.0), 1)
    assert (other["ceiling"], other["rmia"], other["slope"]) == (kept["ceiling"], kept["rmia"], kept["slope"])
    assert other["rows"] != kept["rows"]


def test_the_share_and_the_difference_are_those_of_the_two_aucs() -> None:
    figures = found(2.0)
    for one in figures["comparisons"]:
        ours, ceiling = (row(figures, one[name], one["against"])["auc"] for name in ("ours", "ceiling"))
        assert one["difference"] == pytest.approx(ours - ceiling)
        assert one["share"] == pytest.approx((ours - 0.5) / (ceiling - 0.5))
        assert one["difference_low"] < one["difference"] < one["difference_high"]
        assert one["share_low"] < one["share"] < one["share_high"]
        assert one["tpr_difference"] is None, "with so few others it would be luck"
    assert {one["ours"] for one in figures["comparisons"]} >= {PHOTO, CONFIDENCE}


def test_a_score_has_all_of_its_own_ceiling_and_the_pairing_narrows_the_interval() -> None:
    photos, target, _, _ = made_up(2.0, people=300)
    noise = np.random.default_rng(3).normal(0, 0.1, len(target))
    sides = [
        ({"one": target[places], "two": (target + noise)[places]}, photos.people[places])
        for places in (photos.kinds[TEST, "members"], photos.kinds[TEST, SIBLINGS])
    ]
    figures = {name: found_by(name, *sides) for name in ("one", "two")}
    same = compared(figures, "one", "one")
    assert [same[name] for name in ("difference_low", "difference_high", "share")] == [0, 0, 1]
    near = compared(figures, "one", "two")
    (alone,) = comparison.rows_of(*sides, SIBLINGS, {"one": "nothing"})
    assert near["difference_high"] - near["difference_low"] < (alone["auc_high"] - alone["auc_low"]) / 4
    assert near["tpr_difference_low"] <= near["tpr_difference"] <= near["tpr_difference_high"]


def test_rmia_is_settled_by_attacks_on_the_references_and_the_audited_network_has_no_say() -> None:
    photos, _, references, used = made_up(2.0)
    chosen = choose_rmia(photos, references, used, (0.0, 2.0))
    assert chosen.a > 0.2, "photos differ in difficulty, so that a constant Pr(x) is worse"
    alone = choose_rmia(photos, references[:, :2], used[:, :2], (0.0,))
    assert alone == RmiaSettings(0.0, 1.0, 0.0), "a pair has nobody else to be attacked with"


def test_references_are_attacked_without_the_other_one_of_their_pair() -> None:
    photos, _, _, _ = made_up(0.0)
    random = np.random.default_rng(5)
    total = len(photos.rows)
    first = random.random((total, 2)) < 0.5
    used = np.stack([first[:, 0], ~first[:, 0], first[:, 1], ~first[:, 1]], axis=1)
    # Nothing is remembered, but a pair's other half is off by a constant: with it among the references, membership would show.
    references = random.normal(0, 1, (total, 4)) + np.array([0, 5, 0, 5])
    found = among_references(photos, references, used, RmiaSettings(0.5, 1.0, 0.0))
    for name in (LIRA, RMIA, CONFIDENCE):
        assert len(found[name]) == 4
        np.testing.assert_allclose(found[name], 0.5, atol=0.07)


def test_among_references_confidence_is_the_auc_of_each_network_alone() -> None:
    photos, _, references, used = made_up(2.0)
    found = among_references(photos, references, used, RmiaSettings(0.5, 1.0, 0.0))
    places = np.concatenate([photos.kinds[TEST, "members"], photos.kinds[TEST, SIBLINGS]])
    told = [roc_auc_score(used[places, k], references[places, k]) for k in range(4)]
    np.testing.assert_allclose(found[CONFIDENCE], told)


def test_two_references_are_enough_for_offline_attacks_alone() -> None:
    figures = found(2.0, networks=2)
    assert {r["attack"] for r in figures["rows"]} >= {*OFFLINE, FITTED_ONLINE}
    assert ONLINE not in {r["attack"] for r in figures["rows"]}


def test_fitted_weights_find_more_where_references_remember_less_than_the_network() -> None:
    photos, target, references, used = made_up(2.0)
    random = np.random.default_rng(7)
    # The network is sure of what it used, however hard it is; the references only know how hard a photo is.
    target = target.copy()
    used_by_it = np.concatenate([photos.kinds[split, "members"] for split in ("calibration", TEST)])
    target[used_by_it] = random.normal(5, 0.8, len(used_by_it))
    figures = measured(photos, target, references, used, (0.0,), 1)
    others = [row(figures, name)["auc"] for name in (CONFIDENCE, LIRA, RMIA)]
    assert row(figures, FITTED)["auc"] > max(others) + 0.003
    assert figures["ceiling"][SIBLINGS] == FITTED


def test_shuffled_labels_deal_photos_with_their_people_and_all_their_scores() -> None:
    photos, target, references, _ = made_up(2.0, people=5)
    scores = {"one": target, "two": references[:, 0]}
    sides = [
        ({name: v[places] for name, v in scores.items()}, photos.people[places])
        for places in (photos.kinds[TEST, "members"], photos.kinds[TEST, SIBLINGS])
    ]
    dealt = shuffled(*sides, 1)

    def photos_in(both: Any) -> list[tuple[float, float, int]]:
        return sorted((a, b, p) for s, people in both for a, b, p in zip(s["one"], s["two"], people, strict=True))

    assert photos_in(dealt) == photos_in(sides)
    assert [len(side[1]) for side in dealt] == [len(side[1]) for side in sides]
    assert not np.array_equal(dealt[0][0]["one"], sides[0][0]["one"])
