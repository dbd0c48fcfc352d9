import math

import numpy as np
import pytest
from scipy.stats import binom

from mint.evidence.metrics import rate
from mint.evidence.privacy_bound import PrivacyBudget, least_epsilon
from mint.types import NOT_MEASURED

# ε: precision at priors 0.5, 0.1 and 0.01, TPR at a false-positive rate of 0.01, balanced accuracy; δ = 1e-5.
KNOWN = {
    0.5: (0.623, 0.155, 0.016, 0.016, 0.622),
    1: (0.731, 0.232, 0.027, 0.027, 0.731),
    2: (0.881, 0.451, 0.069, 0.074, 0.881),
    3: (0.953, 0.691, 0.169, 0.201, 0.953),
    4: (0.982, 0.858, 0.355, 0.546, 0.982),
    8: (1.000, 0.997, 0.968, 1.000, 1.000),
}


@pytest.mark.parametrize("epsilon", KNOWN)
def test_the_table_to_three_digits(epsilon: float) -> None:
    budget = PrivacyBudget(epsilon, 1e-5)
    tpr = budget.tpr(0.01)
    found = (*(budget.precision(prior, tpr) for prior in (0.5, 0.1, 0.01)), tpr, budget.balanced_accuracy())
    assert [round(v, 3) for v in found] == list(KNOWN[epsilon])


def worst_mechanism(epsilon: float, delta: float) -> tuple[np.ndarray, np.ndarray]:
    """The chances of four answers with and without a photo, of the (ε, δ)-private mechanism that tells the most."""
    e = math.exp(epsilon)
    likely, unlikely = (1 - delta) * e / (1 + e), (1 - delta) / (1 + e)
    return np.array([delta, likely, unlikely, 0]), np.array([0, unlikely, likely, delta])


@pytest.mark.parametrize(("epsilon", "delta"), [(0.3, 0.0), (1.0, 1e-5), (2.0, 0.05), (5.0, 0.2)])
def test_no_test_of_the_worst_mechanism_finds_more_and_the_best_finds_as_much(epsilon: float, delta: float) -> None:
    budget = PrivacyBudget(epsilon, delta)
    used, unused = worst_mechanism(epsilon, delta)
    for alpha in (0.001, 0.01, 0.1, 0.3, 0.6, 0.95):
        left, best = alpha, 0.0  # Neyman and Pearson: the answers with the largest ratio first, the last one by a coin
        for with_it, without in zip(used, unused, strict=True):
            share = 1.0 if without <= left else left / without
            best, left = best + share * with_it, left - share * without
        assert budget.tpr(alpha) == pytest.approx(best)
    assert budget.balanced_accuracy() == pytest.approx((1 + np.abs(used - unused).sum() / 2) / 2)
    # The answers with the highest ratio, said "used" to: nobody who finds as many is right more often.
    found, alarms = used[:2].sum(), unused[:2].sum()
    assert budget.precision(0.2, found) == pytest.approx(0.2 * found / (0.2 * found + 0.8 * alarms))


def test_a_promise_for_a_photo_is_worth_little_for_a_person() -> None:
    group = PrivacyBudget(1.0, 1e-6).of_group(3)
    assert group.epsilon == 3
    # One photo after the other: P(A) <= e·(e·(e·Q(A) + δ) + δ) + δ.
    assert group.delta == pytest.approx(1e-6 * (1 + math.e + math.e**2))
    assert PrivacyBudget(1.0, 1e-5).of_group(14).tpr(0.01) == pytest.approx(1.0, abs=1e-4)
    assert PrivacyBudget(2.0, 0.0).of_group(1) == PrivacyBudget(2.0, 0.0)
    assert PrivacyBudget(300.0, 1e-5).of_group(50).balanced_accuracy() == pytest.approx(1.0)


def test_an_epsilon_is_shown_by_counts() -> None:
    # 699 of 699 and 0 of 1,176: the exact limits of no exception in n cases are the n-th root of 0.025.
    shown = least_epsilon(rate(699, 699), rate(0, 1176))
    assert shown == pytest.approx(math.log(0.025 ** (1 / 699) / (1 - 0.025 ** (1 / 1176))))
    assert round(shown, 2) == 5.76
    assert round(least_epsilon(rate(699, 699), rate(21, 1151)), 2) == 3.58
    assert least_epsilon(rate(699, 699), rate(0, 1176), 0.1) < shown
    assert least_epsilon(rate(1, 100), rate(2, 100)) == 0
    assert least_epsilon(rate(5, 10), rate(0, 10), 0.5) == 0
    assert least_epsilon(NOT_MEASURED, rate(0, 10)) == 0


def test_a_private_mechanism_is_accused_in_one_of_twenty_audits_at_most() -> None:
    random = np.random.default_rng(5)
    budget, n, audits = PrivacyBudget(1.0), 400, 2000
    used, unused = worst_mechanism(1.0, 0.0)
    found = binom.rvs(n, used[:2].sum(), size=audits, random_state=random)
    alarms = binom.rvs(n, unused[:2].sum(), size=audits, random_state=random)
    shown = np.array([least_epsilon(rate(int(f), n), rate(int(a), n)) for f, a in zip(found, alarms, strict=True)])
    assert (shown > budget.epsilon).mean() <= 0.05
    assert np.median(shown) > 0.5  # and most of it is seen


@pytest.mark.parametrize(
    ("epsilon", "delta"), [(-0.1, 0), (math.nan, 0), (math.inf, 0), (1, -0.1), (1, 1), (1, math.nan)]
)
def test_what_is_no_budget_is_refused(epsilon: float, delta: float) -> None:
    with pytest.raises(ValueError, match="epsilon must be a number from 0"):
        PrivacyBudget(epsilon, delta)


def test_what_is_no_rate_is_refused() -> None:
    budget = PrivacyBudget(1)
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="alpha must lie"):
            budget.tpr(wrong)
        with pytest.raises(ValueError, match="prior must lie"):
            budget.precision(wrong, 0.5)
        with pytest.raises(ValueError, match="prior must lie"):
            budget.precision(0.5, wrong)
    with pytest.raises(ValueError, match="at least one photo"):
        budget.of_group(0)
