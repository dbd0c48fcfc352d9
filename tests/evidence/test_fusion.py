from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mint.errors import TooFew
from mint.evidence.fusion import Confidence, Fusion, Platt, confidence

PEOPLE, PICTURES = 40, 8


def test_fusion_is_a_weighted_sum_by_name() -> None:
    columns = {"a": np.array([1.0, 2.0]), "b": np.array([10.0, 20.0]), "unused": np.array([9.0, 9.0])}
    assert Fusion({"b": 0.5, "a": 2.0}, -1.0).score(columns) == pytest.approx([6.0, 13.0])


def test_of_two_sums_the_larger_one_counts() -> None:
    either = Fusion({"a": 2.0}, -1.0, Fusion({"b": 1.0}, 0.5))
    columns = {"a": np.array([1.0, 4.0, 0.0]), "b": np.array([3.0, 3.0, -9.0])}
    assert either.score(columns) == pytest.approx([3.5, 7.0, -1.0])
    assert either.columns == {"a", "b"}
    assert Fusion.from_dict(either.to_dict()) == either
    assert "otherwise" not in Fusion({"a": 1.0}, 0.0).to_dict()


def test_beyond_its_cap_hardly_anything_of_a_column_counts_and_the_order_stays() -> None:
    capped = Fusion({"a": 2.0, "b": 1.0}, -1.0, caps={"a": 3.0})
    columns = {"a": np.array([2.0, 3.0, 13.0, 23.0]), "b": np.full(4, 100.0)}
    assert capped.score(columns) == pytest.approx([103.0, 105.0, 105.4, 105.8])
    assert Fusion.from_dict(capped.to_dict()) == capped
    assert "caps" not in Fusion({"a": 1.0}, 0.0).to_dict()


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(KeyError):
        Fusion({"a": 1.0}, 0.0).score({"b": np.zeros(1)})


def test_platt_is_the_logistic_function_and_does_not_overflow() -> None:
    x = np.array([-2.0, 0.0, 3.0])
    assert Platt(2.0, -1.0).probability(x) == pytest.approx(1 / (1 + np.exp(-(2 * x - 1))))
    assert Platt(1e6, 0.0).probability([-1e6, 1e6]) == pytest.approx([0.0, 1.0])


def drawn(seed: int, effect: float = 0.8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores whose people differ: (2, P, K) of non-members and members, and who is who."""
    random = np.random.default_rng(seed)
    person = random.normal(0, 0.7, (2, PEOPLE, 1))
    scores = 3.0 + 2.0 * (
        random.normal(0, 1, (2, PEOPLE, PICTURES)) + person + effect * np.array([-1, 1])[:, None, None]
    )
    return scores[0], scores[1], np.arange(2 * PEOPLE).reshape(2, PEOPLE, 1).repeat(PICTURES, 2)


def fit(non_members: np.ndarray, members: np.ndarray) -> Platt:
    x = np.r_[members.ravel(), non_members.ravel()]
    y = np.repeat([1, 0], [members.size, non_members.size])
    model = LogisticRegression(C=1e6, max_iter=2000).fit(x[:, None], y)
    return Platt(float(model.coef_[0, 0]), float(model.intercept_[0]))


def test_the_interval_is_the_bootstrap_s() -> None:
    non_members, members, people = drawn(0)
    found = confidence(fit(non_members, members), [members], [non_members], [people[1]], [people[0]])
    random = np.random.default_rng(1)
    fits = [
        fit(non_members[random.integers(0, PEOPLE, PEOPLE)], members[random.integers(0, PEOPLE, PEOPLE)])
        for _ in range(400)
    ]
    for score in (-1.0, 3.0, 6.0):
        low, high = found.interval(score)
        drawn_low, drawn_high = np.quantile([f.probability(score) for f in fits], [0.025, 0.975])
        assert low < found.platt.probability(score) < high
        assert low == pytest.approx(drawn_low, abs=0.03)
        assert high == pytest.approx(drawn_high, abs=0.03)


def test_pictures_of_one_person_count_less_than_pictures_of_many() -> None:
    non_members, members, people = drawn(2)
    platt = fit(non_members, members)
    alone = np.arange(people.size).reshape(people.shape)

    def width(who: np.ndarray) -> float:
        low, high = confidence(platt, [members], [non_members], [who[1]], [who[0]]).interval(3.0)
        return high - low

    assert width(people) > 1.3 * width(alone)


def test_a_kind_weighs_as_a_kind_however_many_pictures_it_has() -> None:
    non_members, members, people = drawn(3)
    platt = fit(non_members, members)
    once = confidence(platt, [members], [non_members, non_members + 1], [people[1]], [people[0], people[0]])
    twice = np.r_[non_members, non_members]
    same = confidence(platt, [members], [twice, non_members + 1], [people[1]], [np.r_[people[0], people[0]], people[0]])
    assert np.allclose(once.covariance, same.covariance)


def test_the_scale_of_a_score_changes_nothing() -> None:
    non_members, members, people = drawn(4)
    one = confidence(fit(non_members, members), [members], [non_members], [people[1]], [people[0]])
    shifted = confidence(
        fit(50 + 100 * non_members, 50 + 100 * members),
        [50 + 100 * members], [50 + 100 * non_members], [people[1]], [people[0]],
    )  # fmt: skip
    assert shifted.interval(50 + 100 * 4.0) == pytest.approx(one.interval(4.0), abs=2e-3)


def test_an_interval_stays_among_the_probabilities_and_too_few_people_are_refused() -> None:
    wide = Confidence(Platt(1.0, 0.0), np.eye(2) * 1e6)
    assert wide.interval(700.0) == (0.0, 1.0)
    with pytest.raises(TooFew):
        confidence(Platt(1.0, 0.0), [[1.0]], [[0.0]], [[1]], [[1]])
    with pytest.raises(ValueError, match="cannot belong"):
        confidence(Platt(1.0, 0.0), [[1.0]], [[0.0]], [[1, 2]], [[1]])
