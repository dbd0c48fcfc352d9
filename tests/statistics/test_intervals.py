"""Intervals cover the truth as often as they say, for pictures that come several to a person."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from mint.evidence.estimates import estimates
from mint.evidence.fusion import Platt
from mint.evidence.metrics import auc_interval, calibration_error, clustered_rate, rate

PEOPLE, SHARED = 30, 0.5  # half of the variance of a score is the person's
TRIALS, DRAWS = 200, 150


def pictures(random: np.random.Generator, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores of variance 1 and whose they are, of 30 people with 2 to 14 pictures."""
    who = np.repeat(np.arange(PEOPLE), random.integers(2, 15, PEOPLE))
    noise = random.normal(size=len(who)) * np.sqrt(1 - SHARED)
    return random.normal(size=PEOPLE)[who] * np.sqrt(SHARED) + noise + shift, who


def test_the_auc_of_people_is_covered_and_that_of_pictures_is_not():
    random, truth = np.random.default_rng(1), norm.cdf(1 / np.sqrt(2))
    by_people = by_picture = 0
    for trial in range(TRIALS):
        (m, who_m), (n, who_n) = pictures(random, 1.0), pictures(random, 0.0)
        low, high = auc_interval(m, n, who_m, who_n + PEOPLE, DRAWS, trial)
        by_people += low <= truth <= high
        low, high = auc_interval(m, n, np.arange(len(m)), np.arange(len(n)) + len(m), DRAWS, trial)
        by_picture += low <= truth <= high
    assert by_people >= 0.9 * TRIALS
    assert by_picture < 0.8 * TRIALS


def test_every_figure_covers_its_truth():
    # The map is right: a calibration error of 0, at the end of its range.
    random = np.random.default_rng(2)
    right = Platt(1.0, -0.5)  # log-likelihood ratio of N(1, 1) against N(0, 1)
    truth = {"tpr": norm.sf(norm.isf(0.1) - 1), "accuracy": norm.cdf(0.5), "calibration error": 0.0}
    hits = dict.fromkeys(truth, 0)
    for trial in range(TRIALS):
        (m, who_m), (n, who_n) = pictures(random, 1.0), pictures(random, 0.0)
        found = estimates(m, n, who_m, who_n + PEOPLE, 0.5, right.probability, None, (0.1,), DRAWS, trial)
        for name, estimate in (
            ("tpr", found.tpr[0.1]),
            ("accuracy", found.accuracy),
            ("calibration error", found.calibration_error),
        ):
            hits[name] += estimate.low <= truth[name] <= estimate.high
    assert {name for name, n in hits.items() if n < 0.9 * TRIALS} == set(), hits


@pytest.mark.full
def test_an_error_of_calibration_is_covered_and_seen():
    # Over-confident by a factor of three; the truth from a sample a hundred times as large.
    random, wrong = np.random.default_rng(4), Platt(3.0, -1.5)
    m, n = random.normal(1, 1, 10**6), random.normal(0, 1, 10**6)
    truth = calibration_error(wrong.probability(np.r_[m, n]), np.arange(2 * 10**6) < 10**6)
    covered = seen = 0
    for trial in range(TRIALS):
        (m, who_m), (n, who_n) = pictures(random, 1.0), pictures(random, 0.0)
        found = estimates(m, n, who_m, who_n + PEOPLE, None, wrong.probability, None, (), DRAWS, trial)
        assert found.calibration_error is not None
        covered += found.calibration_error.low <= truth <= found.calibration_error.high
        seen += found.calibration_error.low > 0
    assert covered >= 0.9 * TRIALS
    assert seen >= 0.5 * TRIALS


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_a_rate_by_people_is_covered_and_one_by_pictures_is_not(share):
    random, threshold = np.random.default_rng(3), norm.isf(share)
    by_people = by_picture = 0
    for _ in range(TRIALS):
        scores, who = pictures(random, 0.0)
        hit = scores >= threshold
        found, naive = clustered_rate(hit, who), rate(int(hit.sum()), len(hit))
        by_people += found.low <= share <= found.high
        by_picture += naive.low <= share <= naive.high
    assert by_people >= 0.9 * TRIALS
    assert by_picture < 0.85 * TRIALS
