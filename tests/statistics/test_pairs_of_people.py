"""The interval of pairs of photos covers the truth as often as it says, though pairs share people."""

import numpy as np
import pytest

from mint.evidence.metrics import rate
from mint.lab.twins.verification import pair_rate

PAIRS, TRIALS = 1500, 200


def accepted(random: np.random.Generator, people: int, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of one person and of two: whether each is told right, and who is on either side; some people are easy to tell."""
    alone, other = random.integers(0, people, PAIRS), random.integers(0, people, PAIRS)
    left, right = np.r_[alone, other], np.r_[alone, (other + random.integers(1, people, PAIRS)) % people]
    logits = (
        2.5 + spread * random.normal(size=people)[left] + (left != right) * spread * random.normal(size=people)[right]
    )
    return random.random(2 * PAIRS) < 1 / (1 + np.exp(-logits)), left, right


def truth(spread: float) -> float:
    one, other = np.random.default_rng(0).normal(0, spread, (2, 10**6))
    return float(np.mean([(1 / (1 + np.exp(-2.5 - shift))).mean() for shift in (one, one + other)]))


@pytest.mark.parametrize(("people", "spread"), [(40, 1.2), (150, 1.2), (40, 0.0)])
def test_pairs_that_share_people_are_covered_and_counted_as_independent_they_are_not(people, spread):
    random, right = np.random.default_rng(people), truth(spread)
    covered = naive = 0
    for _ in range(TRIALS):
        hits, *sides = accepted(random, people, spread)
        found, alone = pair_rate(hits, *sides), rate(int(hits.sum()), len(hits))
        covered += found.low <= right <= found.high
        naive += alone.low <= right <= alone.high
        assert (found.n, found.people, found.value) == (2 * PAIRS, people, alone.value)
        assert found.low <= alone.low, "never narrower than by pairs"
    assert covered >= 0.9 * TRIALS
    assert (naive < 0.7 * TRIALS) == (spread > 0)


def test_a_bootstrap_over_people_agrees():
    random, people = np.random.default_rng(7), 60
    hits, left, right = accepted(random, people, 1.2)
    times = random.multinomial(people, np.full(people, 1 / people), 800)
    weights = times[:, left] * np.where(left == right, 1, times[:, right])
    low, high = np.quantile((weights * hits).sum(1) / weights.sum(1), [0.025, 0.975])
    found = pair_rate(hits, left, right)
    assert found.low == pytest.approx(low, abs=0.015)
    assert found.high == pytest.approx(high, abs=0.015)


def test_where_all_pairs_are_told_right_each_person_counts_once():
    left = np.repeat(np.arange(20), 50)
    found = pair_rate(np.ones(len(left), bool), left, np.roll(left, 50))
    assert (found.low, found.high) == (pytest.approx(0.025 ** (1 / 20)), 1.0)
