"""All figures at once against each on its own, and what their intervals do at the ends."""

from __future__ import annotations

import importlib
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta
from sklearn.metrics import roc_auc_score

from mint.errors import TooFew
from mint.evidence.bootstrap import WEIGHTS_AT_ONCE, identity_weights, weighted_auc
from mint.evidence.estimates import Estimates, estimates
from mint.evidence.fusion import Platt
from mint.evidence.metrics import auc, auc_interval, balanced_accuracy, calibration_error, roc, tpr_at_fpr

PLATT = Platt(1.5, -0.6)
figures_module = importlib.import_module("mint.evidence.estimates")


def sample(seed: int = 0, people: int = 12, each: int = 100, shift: float = 1.0):
    """Members and non-members of as many other people, whole and half deviations so that ties occur."""
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), each)
    members, non_members = (
        np.round((random.normal(size=people)[who] + random.normal(size=len(who)) + s) * 2) / 2 for s in (shift, 0)
    )
    return members, non_members, who, who + people


def gaps_of(members: np.ndarray, non_members: np.ndarray) -> list[float]:
    """Of each tenth of [0, 1]: what was said less what was so, times its weight, either class half."""
    found = np.zeros(10)
    for scores, is_member in ((members, 1), (non_members, 0)):
        for p in PLATT.probability(scores):
            found[min(int(p * 10), 9)] += (p - is_member) / 2 / len(scores)
    return list(found)


@pytest.fixture(scope="module")
def found() -> Estimates:
    return estimates(*sample(), threshold=0.5, probability=PLATT.probability, draws=200, seed=3)


def test_values_are_those_of_each_figure_alone(found):
    members, non_members, *_ = sample()
    assert found.auc.value == auc(members, non_members)
    assert found.tpr[0.01].value == tpr_at_fpr(members, non_members, 0.01)
    assert found.tpr[0.001] is None  # 1,200 non-members
    assert found.accuracy.value == balanced_accuracy(members, non_members, 0.5)
    p = PLATT.probability(np.r_[members, non_members])
    assert found.calibration_error.value == pytest.approx(calibration_error(p, np.repeat([1, 0], 1200)))
    assert (found.members, found.non_members, found.member_people, found.non_member_people) == (1200, 1200, 12, 12)


def test_the_interval_of_the_auc_is_the_one_that_it_has_alone(found):
    assert (found.auc.low, found.auc.high) == auc_interval(*sample(), draws=200, seed=3)


def test_intervals_are_percentiles_over_copies_of_people(found):
    members, non_members, who_m, who_n = sample()
    drawn: dict[str, list[float]] = {"tpr": [], "accuracy": []}
    gaps = []
    for w_m, w_n in identity_weights(who_m, who_n, 200, 3):
        for times in zip(w_m, w_n, strict=True):
            m, n = members.repeat(times[0]), non_members.repeat(times[1])
            false, true, _ = roc(m, n)
            drawn["tpr"].append(true[false <= 0.01].max())
            drawn["accuracy"].append(balanced_accuracy(m, n, 0.5))
            gaps.append(gaps_of(m, n))
    quantiles = {name: np.quantile(values, [0.025, 0.975]) for name, values in drawn.items()}
    assert (found.tpr[0.01].low, found.tpr[0.01].high) == pytest.approx(quantiles["tpr"])
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx(quantiles["accuracy"])
    error = found.calibration_error
    noise = np.abs(np.array(gaps) - gaps_of(members, non_members)).sum(1)
    assert error.low == pytest.approx(max(0, error.value - np.quantile(noise, 0.975)))
    assert error.high == pytest.approx(np.quantile(np.abs(gaps).sum(1), 0.975))


scores = st.lists(st.one_of(st.integers(-2, 2).map(float), st.just(np.inf)), min_size=1, max_size=8)


@given(scores, scores, st.integers(1, 8))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_values_lie_in_their_intervals_and_intervals_in_range(members, non_members, people):
    who = [np.arange(len(side)) % people for side in (members, non_members)]
    result = estimates(members, non_members, *who, threshold=0.5, probability=PLATT.probability, fprs=(1.0,), draws=20)
    assert result.tpr == {1.0: None}  # fewer than ten non-members
    assert result.auc.value == auc(members, non_members)
    for estimate in (result.auc, result.accuracy, result.calibration_error):
        assert 0 <= estimate.low <= estimate.high <= 1
    assert result.calibration_error.low <= result.calibration_error.value <= result.calibration_error.high


def test_a_perfect_score_is_not_a_certain_one():
    members, non_members, who_m, who_n = sample(shift=50)
    result = estimates(members, non_members, who_m, who_n, threshold=25, draws=50)
    low = beta.ppf(0.025, 12, 1)  # 12 of 12 people
    for estimate in (result.auc, result.tpr[0.01], result.accuracy):
        assert (estimate.value, estimate.low, estimate.high) == (1, pytest.approx(low), 1)
    reverse = estimates(non_members, members, who_n, who_m, draws=50)
    assert (reverse.auc.low, reverse.auc.high) == (0, pytest.approx(1 - low))


def test_a_constant_says_nothing_and_that_is_certain():
    who = np.arange(20)
    result = estimates(np.ones(20), np.ones(20), who, who + 20, 1.0, Platt(0.0, 0.0).probability, draws=50)
    for estimate in (result.auc, result.accuracy):
        assert (estimate.value, estimate.low, estimate.high) == (0.5, 0.5, 0.5)
    assert result.calibration_error.value == pytest.approx(0)


def test_one_person_says_nothing_of_people():
    result = estimates([3.0, 2.0], [1.0, 0.0, 2.5], ["ann", "ann"], ["bob", "cy", "dee"], draws=20)
    assert result.auc.value == pytest.approx(5 / 6)
    assert (result.auc.low, result.auc.high) == (0, 1)
    assert (result.accuracy, result.calibration_error) == (None, None)


def test_sources_weigh_alike_in_the_calibration_error_only():
    members, non_members, who_m, who_n = sample()
    sources = np.where(np.arange(1200) < 300, "siblings", "real")
    result = estimates(members, non_members, who_m, who_n, 0.5, PLATT.probability, sources, draws=20)
    plain = estimates(members, non_members, who_m, who_n, 0.5, PLATT.probability, draws=20)
    assert (result.auc, result.tpr, result.accuracy) == (plain.auc, plain.tpr, plain.accuracy)
    # 1,200 members weigh as much as the others: 300 pictures three times, and 900 once, twice over.
    m, n = members.repeat(3), np.r_[non_members[:300].repeat(6), non_members[300:].repeat(2)]
    wanted = calibration_error(PLATT.probability(np.r_[m, n]), np.r_[np.ones(3600), np.zeros(3600)])
    assert result.calibration_error.value == pytest.approx(wanted)
    with pytest.raises(ValueError, match="sources"):
        estimates(members, non_members, who_m, who_n, probability=PLATT.probability, sources=["one"])


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(TooFew):
        estimates([], [1.0], [], [1])
    nan = float("nan")
    for arguments in (
        ([nan, 1.0], [0.0], [1, 2], [3]),
        ([1.0, 1.0], [0.0], [1, nan], [3]),
        ([1.0, 1.0], [0.0], [1, 2], [3], nan),
        ([1.0, 1.0], [0.0], [1, 2], [3], None, lambda s: s * nan),
    ):
        with pytest.raises(ValueError, match="not a number"):
            estimates(*arguments)
    with pytest.raises(ValueError, match="do not fit"):
        estimates([1.0], [0.0], [1, 2], [3])


def test_draws_are_judged_in_blocks_and_not_one_by_one(monkeypatch):
    blocks = []

    def counted(m, n, w_m, w_n):
        blocks.append((len(w_m), w_m.size + w_n.size))
        return weighted_auc(m, n, w_m, w_n)

    monkeypatch.setattr(figures_module, "weighted_auc", counted)
    estimates(*large(), threshold=0.0, probability=PLATT.probability)
    assert blocks == [(1000, WEIGHTS_AT_ONCE)]  # 2,000 pictures
    blocks.clear()
    monkeypatch.setattr("mint.evidence.bootstrap.WEIGHTS_AT_ONCE", WEIGHTS_AT_ONCE // 4)
    estimates(*large(), threshold=0.0, probability=PLATT.probability)
    assert blocks == [(250, WEIGHTS_AT_ONCE // 4)] * 4


@pytest.mark.full
def test_a_thousand_draws_take_no_longer_than_a_hundred_of_scikit_learn():
    m, n, who_m, who_n = large()
    labels, scores = np.arange(2000) < 1000, np.r_[m, n]
    drawn = np.hstack(next(identity_weights(who_m, who_n, 100, 0)))

    def seconds(job) -> float:
        started = time.process_time()
        job()
        return time.process_time() - started

    def one_by_one() -> None:
        for kept in (np.repeat(np.arange(2000), times) for times in drawn):
            roc_auc_score(labels[kept], scores[kept])

    ours = min(seconds(lambda: estimates(m, n, who_m, who_n, 0.0, PLATT.probability)) for _ in range(3))
    assert ours < min(seconds(one_by_one) for _ in range(3))


def large() -> tuple[np.ndarray, ...]:
    """1,000 pictures of 50 people on either side."""
    random = np.random.default_rng(0)
    return (*random.normal(size=(2, 1000)), np.arange(1000) // 20, np.arange(1000) // 20 + 50)
