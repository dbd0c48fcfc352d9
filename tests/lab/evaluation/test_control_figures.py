"""Swapped halves, dose and response: what is planted is found, what is noise is not."""

from __future__ import annotations

import numpy as np
import pytest

from mint.evidence.score_table import PHOTO
from mint.lab.evaluation.control_figures import control, dose_response
from mint.lab.twin_bundles.scores import difference

Table = dict[str, np.ndarray]


def table(rows: int, seed: int, score: np.ndarray | float = 0.0, **more: np.ndarray) -> Table:
    random = np.random.default_rng(seed)
    people = (np.arange(rows) // 10 + 1000 * seed).astype(np.int32)
    return {PHOTO: random.normal(size=rows) + score, "identity": people, "generated": np.ones(rows, np.uint8), **more}


def swapped(membership: float, database: float) -> float:
    """AUC of the difference, where scores hold so much of membership and of each picture's own looks."""
    tables = {"twin": {}, "other": {}}
    for number, source in enumerate(("members", "counterparts")):
        looks = database * np.random.default_rng(number).normal(size=600) + database * number
        for side, network in enumerate(("twin", "other")):
            used = side == number
            tables[network][source] = table(600, 10 + 2 * number + side, looks + membership * used)
            tables[network][source]["identity"] = table(600, number + 1)["identity"]
    return float(control(difference(tables["twin"], tables["other"]), "sample", 20)["auc"])


def test_only_membership_survives_the_difference_of_the_twins():
    assert swapped(membership=0.0, database=5.0) == pytest.approx(0.5, abs=0.05)
    # Two unit noises on each side, 1 apart upwards and 1 downwards: Phi(2 / sqrt(2 + 2)).
    assert swapped(membership=1.0, database=5.0) == pytest.approx(0.841, abs=0.03)


def test_response_grows_with_a_planted_dose_and_with_nothing_else():
    exposure = np.tile(np.array([1, 3, 10], np.uint8), 200)
    for strength, growing in ((0.8, True), (0.0, False)):
        members = table(600, 1, strength * np.log2(exposure), exposure=exposure)
        members["vanilla/all"] = table(600, 2)[PHOTO]
        found = dose_response(
            {"members": members, "siblings": {**table(600, 3), "vanilla/all": table(600, 4)[PHOTO]}}, "sample", 50
        )
        assert [dose["exposure"] for dose in found] == [1, 3, 10]
        combined, other = (
            [r for d in found for r in d["rows"] if r["auditor"] == a] for a in ("combined", "vanilla/all")
        )
        assert all(r["members"] == 200 for r in combined)
        values = [r["auc"] for r in combined]
        assert (values[2] - values[0] > 0.3) is growing
        assert all(r["auc_low"] < 0.55 and r["auc_high"] > 0.45 for r in other)
