"""Metrics against scikit-learn and against counting, with ties, constants, infinities and tiny sets."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv
from scipy.stats import beta, binomtest
from scipy.stats import t as student
from sklearn.metrics import balanced_accuracy_score, roc_auc_score, roc_curve

from mint.errors import TooFew
from mint.evidence.metrics import (
    _student_s,
    auc,
    auc_draws,
    auc_interval,
    balanced_accuracy,
    best_threshold,
    beta_quantile,
    calibration_error,
    clustered_rate,
    rate,
    reliability,
    roc,
    tpr_at_fpr,
)

# Few different values, so that most draws have ties; some draws are constant, or of one score a side.
scores = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12)
often = settings(max_examples=200, deadline=None, derandomize=True)


def labelled(members, non_members):
    return np.r_[np.ones(len(members)), np.zeros(len(non_members))], np.r_[members, non_members]


@given(scores, scores)
@often
def test_auc_is_scikit_learns_and_the_count_of_pairs(members, non_members):
    pairs = sum(Fraction((m > n) * 2 + (m == n), 2) for m in members for n in non_members)
    assert auc(members, non_members) == pytest.approx(float(pairs / (len(members) * len(non_members))))
    assert auc(members, non_members) == pytest.approx(roc_auc_score(*labelled(members, non_members)))


@given(scores, scores)
@often
def test_roc_is_scikit_learns(members, non_members):
    fpr, tpr, thresholds = roc(members, non_members)
    wanted = roc_curve(*labelled(members, non_members), drop_intermediate=False)
    for found, right in zip((fpr, tpr, thresholds), wanted, strict=True):
        np.testing.assert_allclose(found, right)
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)


@given(scores, scores)
@often
def test_larger_is_more_member(members, non_members):
    assert auc(members, non_members) == pytest.approx(1 - auc(non_members, members))
    assert auc(np.array(members) + 10, non_members) == 1
    assert auc(np.array(members) - 10, non_members) == 0


def test_constants_say_nothing():
    assert auc([1, 1, 1], [1, 1]) == 0.5
    fpr, tpr, _ = roc([1, 1, 1], [1, 1])
    np.testing.assert_array_equal(fpr, [0, 1])
    np.testing.assert_array_equal(tpr, [0, 1])


def test_infinite_scores_are_scores():
    assert auc([np.inf, 1], [np.inf, 0]) == (0.5 + 1 + 0 + 1) / 4
    found = auc_draws([np.inf] * 3, [np.inf] * 3, list("abc"), list("def"), draws=20)
    np.testing.assert_array_equal(found, 0.5)


@pytest.mark.parametrize("function", [roc, auc])
def test_what_cannot_be_judged_is_refused(function):
    with pytest.raises(TooFew):
        function([], [1.0])
    with pytest.raises(TooFew):
        function([1.0], [])
    with pytest.raises(ValueError, match="not a number"):
        function([float("nan")], [1.0])


NAN = float("nan")


@pytest.mark.parametrize(
    "judge",
    [
        lambda: roc([1.0], [NAN]),
        lambda: auc([1.0], [NAN]),
        lambda: tpr_at_fpr([NAN], np.zeros(2000), 0.01),
        lambda: tpr_at_fpr([NAN], np.zeros(2), 0.01),  # before there are too few
        lambda: tpr_at_fpr([1.0], np.zeros(2000), NAN),
        lambda: balanced_accuracy([NAN], [0.0], 0.5),
        lambda: balanced_accuracy([1.0], [0.0], NAN),
        lambda: best_threshold([1.0], [NAN]),
        lambda: auc_interval([1.0, NAN], [0.0], [1, 2], [3]),
        lambda: auc_draws([1.0, 2.0], [0.0], [1, NAN], [3]),
        lambda: calibration_error([NAN], [1]),
        lambda: calibration_error([0.5], [NAN]),
        lambda: calibration_error([0.5], [1], weights=[NAN]),
        lambda: rate(NAN, 10),  # type: ignore[arg-type]
        lambda: clustered_rate([1, NAN], [1, 2]),
    ],
)
def test_nothing_is_judged_by_what_is_not_a_number(judge):
    with pytest.raises(ValueError, match=r"not a number|not nan|nan hits"):
        judge()


# ---- TPR at a fixed FPR


def test_exactly_one_percent_is_at_most_one_percent():
    # Ten of a thousand non-members reach 0.5. In floats 1 - 990 / 1000 is above 0.01.
    non_members = np.r_[np.full(990, 0.0), np.full(10, 0.5)]
    assert tpr_at_fpr([0.5] * 7 + [-1.0] * 3, non_members, 0.01) == 0.7


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_tpr_at_fpr_by_counting(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(100, 1500))
    members, non_members = random.integers(0, 60, 40) + 10, random.integers(0, 60, n)
    fpr = float(random.choice([0.1, 0.13, 0.2, 0.5]))
    best = Fraction(0)
    for threshold in range(-1, 75):
        if Fraction(int((non_members >= threshold).sum()), n) <= Fraction(str(fpr)):
            best = max(best, Fraction(int((members >= threshold).sum()), 40))
    assert tpr_at_fpr(members, non_members, fpr) == pytest.approx(float(best))


def test_a_tie_block_is_taken_whole():
    # A cut inside the block of 20 equal non-members would promise 1 % and give 2 %.
    assert tpr_at_fpr([1.0] * 10, np.r_[np.zeros(980), np.ones(20)], 0.01) == 0


def test_too_few_for_the_rate():
    with pytest.raises(TooFew, match="1000 non-members, there are 999"):
        tpr_at_fpr([1.0], np.zeros(999), 0.01)
    assert tpr_at_fpr([1.0], np.zeros(1000), 0.01) == 1
    for fpr in (0.0, -0.1, 1.1):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            tpr_at_fpr([1.0], np.zeros(1000), fpr)


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_tpr_at_fpr_is_the_best_step_of_scikit_learns_roc(seed):
    random = np.random.default_rng(seed)
    members, non_members = random.integers(0, 30, 25) + 3.0, random.integers(0, 30, 120).astype(float)
    fprs, tprs, _ = roc_curve(*labelled(members, non_members), drop_intermediate=False)
    for fpr in (0.1, 0.25, 1.0):
        assert tpr_at_fpr(members, non_members, fpr) == pytest.approx(tprs[fprs <= fpr].max())


# ---- thresholds


@given(scores, scores, st.integers(-4, 4))
@often
def test_balanced_accuracy_is_scikit_learns(members, non_members, threshold):
    truth, every = labelled(members, non_members)
    assert balanced_accuracy(members, non_members, threshold) == pytest.approx(
        balanced_accuracy_score(truth, every >= threshold)
    )


@given(scores, scores)
@often
def test_best_threshold_beats_every_other(members, non_members):
    found = best_threshold(members, non_members)
    assert np.isfinite(found)
    best = balanced_accuracy(members, non_members, found)
    for threshold in np.unique(np.r_[members, non_members]):
        assert best >= balanced_accuracy(members, non_members, threshold) - 1e-12


# ---- intervals


def test_draws_are_the_auc_of_resampled_identities():
    random = np.random.default_rng(0)
    members, non_members = random.integers(0, 5, 30).astype(float), random.integers(0, 5, 40).astype(float)
    who_m, who_n = random.integers(0, 8, 30), random.integers(4, 14, 40)  # some people are on both sides
    found = auc_draws(members, non_members, who_m, who_n, draws=50, seed=3)
    names = np.unique(np.r_[who_m, who_n])
    again = np.random.default_rng(3)
    wanted = []
    while len(wanted) < 50:
        drawn = names[again.integers(0, len(names), len(names))]
        m = np.concatenate([members[who_m == name] for name in drawn])
        n = np.concatenate([non_members[who_n == name] for name in drawn])
        if len(m) and len(n):
            wanted.append(auc(m, n))
    np.testing.assert_allclose(found, wanted)


def test_pictures_of_one_person_do_not_count_as_many_people():
    random = np.random.default_rng(1)
    level_m, level_n = random.normal(0.5, 1, 12), random.normal(0, 1, 12)
    members, non_members = np.repeat(level_m, 50), np.repeat(level_n, 50)  # 50 equal pictures each
    people = np.arange(12).repeat(50)
    low, high = auc_interval(members, non_members, people, people + 100)
    few = auc_interval(level_m, level_n, np.arange(12), np.arange(12) + 100)
    naive = auc_interval(members, non_members, np.arange(600), np.arange(600) + 1000)
    np.testing.assert_allclose([low, high], few, atol=1e-9)
    assert high - low > 3 * (naive[1] - naive[0])


def test_the_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(2)
    truth, hits, trials = 0.7602, 0, 80  # P(N(1, 1) > N(0, 1)) = Phi(1 / sqrt 2)
    for trial in range(trials):
        members, non_members = random.normal(1, 1, 60), random.normal(0, 1, 60)
        low, high = auc_interval(members, non_members, np.arange(60), np.arange(60) + 60, draws=200, seed=trial)
        hits += low <= truth <= high
    assert hits >= 70  # 76 are expected; fewer than 70 come by chance once in 500 runs


def test_draws_are_seeded_and_names_may_be_text():
    arguments = ([1, 2, 3], [0, 1, 2], ["ann", "bob", "cy"], ["dee", "eve", "fay"])
    np.testing.assert_array_equal(auc_draws(*arguments, draws=30), auc_draws(*arguments, draws=30))
    assert (auc_draws(*arguments, draws=30) != auc_draws(*arguments, draws=30, seed=1)).any()


def test_scores_and_identities_must_fit():
    with pytest.raises(ValueError, match="identities"):
        auc_draws([1, 2], [0], ["a"], ["b"])


def test_each_side_has_its_own_identities():
    # Three scores and three identities in all, but not side by side.
    with pytest.raises(ValueError, match="2 scores cannot belong to 1"):
        auc_draws([1, 2], [0], ["a"], ["b", "c"])


def test_one_against_one():
    assert auc([1], [0]) == 1
    np.testing.assert_array_equal(auc_draws([1], [0], ["a"], ["b"], draws=10), 1)
    with pytest.raises(ValueError, match="at least one draw"):
        auc_draws([1], [0], ["a"], ["b"], draws=0)


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 300), (3, 300), (299, 300), (7, 20)])
def test_rate_is_scipys_exact_interval(hits, n):
    found = rate(hits, n)
    wanted = binomtest(hits, n).proportion_ci(method="exact")
    assert (found.value, found.n) == (hits / n, n)
    assert (found.low, found.high) == (pytest.approx(wanted.low, abs=1e-9), pytest.approx(wanted.high, abs=1e-9))


@given(st.floats(0.01, 5000), st.floats(0.01, 5000), st.sampled_from([0.005, 0.025, 0.5, 0.95, 0.975]))
@often
def test_the_quantile_of_a_beta_distribution_is_scipy_s(a, b, share):
    assert beta_quantile(a, b, share) == pytest.approx(betaincinv(a, b, share), rel=1e-8, abs=1e-290)


@pytest.mark.parametrize("freedom", [1, 2, 4, 60, 5446])
def test_the_quantile_of_student_s_t_is_scipy_s(freedom):
    assert _student_s(freedom, 0.975) == pytest.approx(student.ppf(0.975, freedom), rel=1e-9)


def test_a_rate_of_nothing_is_refused():
    with pytest.raises(TooFew):
        rate(0, 0)
    with pytest.raises(TooFew):
        clustered_rate([], [])


@pytest.mark.parametrize("hits", [-1, 4])
def test_a_share_lies_between_none_and_all(hits):
    with pytest.raises(ValueError, match="cannot be counted"):
        rate(hits, 3)


def test_a_rate_by_people_by_hand():
    # People of 4, 4, 2 and 2 pictures; 4, 0, 1 and 1 hits, so half of 12 are hits.
    found = clustered_rate([1] * 4 + [0] * 4 + [1, 0, 1, 0], list("aaaabbbbccdd"))
    effect = (2**2 + 2**2 + 0 + 0) * 4 / 3 / (12 * 0.25 * 12 / 11)  # against 12 people of one picture
    student = 2.200985 / 3.182446  # tables: t at 0.975 with 11 and with 3 degrees of freedom
    effective = 12 / effect * student**2
    wanted = beta.ppf([0.025, 0.975], [effective / 2, effective / 2 + 1], [effective / 2 + 1, effective / 2])
    assert (found.value, found.n, found.people) == (0.5, 12, 4)
    assert (found.low, found.high) == (pytest.approx(wanted[0], rel=1e-5), pytest.approx(wanted[1], rel=1e-5))


def test_a_rate_of_as_many_people_as_pictures_is_the_exact_one():
    # Not a little narrower either, where hits happen to be spread evenly over people.
    for hits in ([1] * 7 + [0] * 13, [0] * 20, [1] * 20):
        found, exact = clustered_rate(hits, np.arange(20)), rate(sum(hits), 20)
        assert (found.low, found.high) == (pytest.approx(exact.low), pytest.approx(exact.high))
    even, exact = clustered_rate([1, 0] * 10, np.arange(20) // 2), rate(10, 20)
    assert even.low < exact.low < exact.high < even.high


def test_pictures_of_one_person_add_nothing_to_a_rate():
    every = clustered_rate([1, 0, 0, 0, 0, 0] * 30, np.repeat(np.arange(6), 30).reshape(6, 30).T.ravel())
    few = rate(1, 6)
    assert every.value == few.value
    assert every.high > few.high - 0.05  # 180 independent pictures would have said 0.23
    alone = clustered_rate([1] * 50, ["ann"] * 50)
    assert (alone.low, alone.high, alone.people) == (pytest.approx(0.025), 1.0, 1)


def test_hits_are_hits_and_belong_to_somebody():
    with pytest.raises(ValueError, match="0 or 1"):
        clustered_rate([0.5], [1])
    with pytest.raises(ValueError, match="identities"):
        clustered_rate([1, 0], [1])


# ---- calibration


def test_calibration_error_by_hand():
    # Bin 0.2-0.3 holds 0.25, 0.25, one of them a member: off by 0.25. Bin 0.9-1 holds 0.95 and 1.0,
    # one of them a member: off by 0.475. Were 1.0 a bin of its own, they would be off by 0.05 and 1.
    assert calibration_error([0.25, 0.25, 0.95, 1.0], [1, 0, 1, 0]) == pytest.approx((2 * 0.25 + 2 * 0.475) / 4)
    assert calibration_error([0.0, 1.0], [0, 1]) == 0
    assert calibration_error([1.0, 0.0], [0, 1]) == 1


def test_true_probabilities_are_calibrated():
    random = np.random.default_rng(4)
    p = random.uniform(size=40_000)
    assert calibration_error(p, random.uniform(size=40_000) < p) < 0.01
    assert calibration_error(p**3, random.uniform(size=40_000) < p) > 0.1


def test_weights_are_as_good_as_copies():
    p, y, times = np.array([0.1, 0.15, 0.7, 0.72, 1.0]), np.array([0, 1, 1, 0, 1]), np.array([3, 1, 2, 5, 4])
    assert calibration_error(p, y, weights=times) == pytest.approx(calibration_error(p.repeat(times), y.repeat(times)))
    for found, wanted in zip(
        reliability(p, y, weights=times), reliability(p.repeat(times), y.repeat(times)), strict=True
    ):
        np.testing.assert_allclose(found, wanted)


def test_reliability_by_hand():
    said, so, share = reliability([0.25, 0.25, 0.95, 1.0], [1, 0, 1, 0])
    np.testing.assert_allclose(said, [0.25, 0.975])
    np.testing.assert_allclose(so, [0.5, 0.5])
    np.testing.assert_allclose(share, [0.5, 0.5])


@pytest.mark.parametrize(
    ("p", "y", "weights"),
    [([1.1], [1], None), ([-0.1], [1], None), ([np.inf], [1], None), ([0.5], [2], None), ([0.5, 0.5], [1], None), ([0.5], [1], [1, 1])],
)  # fmt: skip
def test_what_is_no_probability_is_refused(p, y, weights):
    with pytest.raises(ValueError, match=r"Probabilities|do not fit"):
        calibration_error(p, y, weights=weights)
