"""Figures tell a planted leak from noise, with the controls at chance."""

from __future__ import annotations

import numpy as np
import pytest

from mint.evidence.metrics import auc
from mint.lab.versions.acceptance import acceptance, beside_the_better
from mint.lab.versions.figures import figures, increments_shuffled, linear, other_twin
from mint.lab.versions.fit import calibrated
from tests.lab.versions.made_up_histories import made_up


def measured(jump: float) -> dict[str, object]:
    known, tested = made_up(110, jump), made_up(100, jump, seed=1)
    test = calibrated(known)
    diluted = (tested.first == 1) & (tested.out == 2)
    last = known.scores[:, -1:], tested.scores[:, -1:]
    found = figures(test, known, tested, last, diluted)
    strangers = np.random.default_rng(3).normal(size=tested.scores.shape)
    found["other"] = other_twin(test, strangers, tested.people, tested.stayed, tested.kinds == "siblings")
    return {**found, "accepted": {line["name"]: line for line in acceptance(found)}}


@pytest.fixture(scope="module")
def leak() -> dict[str, object]:
    return measured(3.0)


@pytest.fixture(scope="module")
def noise() -> dict[str, object]:
    return measured(0.0)


def holds(found: dict[str, object]) -> dict[str, bool]:
    return {name: line["holds"] for name, line in found["accepted"].items()}  # type: ignore[attr-defined]


def test_of_a_leak_every_line_holds(leak: dict[str, object]) -> None:
    alarms = {name for name, held in holds(leak).items() if not held}
    assert alarms <= {"false alarms stay under α"}  # of 200 photos, two may be too many by chance
    assert leak["version"]["right"]["value"] > 0.9
    assert leak["removal"]["auc"]["value"] > 0.95
    assert leak["removal"]["right"]["value"] > 0.9


def test_what_one_early_version_alone_used_is_seen_by_the_sequence_alone(leak: dict[str, object]) -> None:
    diluted = leak["presence"]["diluted"]
    assert diluted["sequence"]["auc"]["low"] > 0.9
    assert diluted["last"]["auc"]["low"] < 0.5 < diluted["last"]["auc"]["high"]
    assert diluted["gain"]["auc"]["low"] > 0.3


def test_of_noise_nothing_is_told(noise: dict[str, object]) -> None:
    for group in noise["presence"].values():
        for score in ("sequence", "last"):
            assert group[score]["auc"]["low"] < 0.5 < group[score]["auc"]["high"]
        assert group["gain"]["auc"]["low"] < 0 < group["gain"]["auc"]["high"]
    assert noise["removal"]["auc"]["low"] < 0.55
    assert not holds(noise)["the version is right for at least 80%"]
    assert not holds(noise)["photos used by one early version only: the sequence tells more"]


def test_false_alarms_above_the_limit_are_told(leak: dict[str, object]) -> None:
    rate = {"value": 0.2, "low": 0.1, "high": 0.3, "n": 100}
    worse = {**leak, "alarms": [{"alpha": 0.05, "siblings": rate, "stayed": rate, "diluted": rate}]}
    (line,) = (line for line in acceptance(worse) if line["name"].startswith("false alarms"))
    assert not line["holds"]
    assert "20.00%" in line["said"]


def test_increments_change_places_and_nothing_else() -> None:
    scores = made_up(5, 2.0).scores
    again = increments_shuffled(scores, 1)
    assert not np.allclose(again, scores)
    np.testing.assert_allclose(again[:, [0, -1]], scores[:, [0, -1]])
    steps = [np.sort(np.diff(of, axis=1), axis=1) for of in (again, scores)]
    np.testing.assert_allclose(*steps)


def test_the_last_version_is_given_its_best_linear_score() -> None:
    known, tested = made_up(150, 1.0), made_up(100, 1.0, seed=1)
    views = [
        of.scores[:, -1:] + [0.0, 1.0] * np.random.default_rng(5).normal(size=(len(of), 1)) for of in (known, tested)
    ]
    score = linear(views[0], known)(views[1])
    sides = tested.stayed, tested.kinds == "siblings"
    assert auc(*(score[side] for side in sides)) == pytest.approx(auc(*(views[1][side, 0] for side in sides)), abs=0.02)


def test_the_sequence_is_paired_with_either_form_of_the_last_version(leak: dict[str, object]) -> None:
    for group in leak["presence"].values():
        assert group["gain over two passes"].keys() == group["gain"].keys()
        assert beside_the_better(group, "auc")["paired"]
