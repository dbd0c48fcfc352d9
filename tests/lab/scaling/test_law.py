"""The law: what is planted is recovered and covered, noise promises nothing, and the formulas are recomputed another way."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from mint.errors import TooFew
from mint.lab.scaling.law import (
    DEAD,
    LOGARITHM,
    POWER,
    auc_of,
    fit,
    strength_of_auc,
    strength_of_tpr,
    tpr_of,
)

MEMBERS = np.array([500, 1000, 2000, 4000, 8000])
ERRORS = np.array([0.15, 0.12, 0.08, 0.06, 0.05])
NORMAL = NormalDist()


def straight(start: float, slope: float) -> np.ndarray:
    return start - slope * np.log10(MEMBERS)


def test_points_on_the_law_give_the_law() -> None:
    found = fit(MEMBERS, straight(5.0, 0.8), ERRORS)
    assert found.slope == pytest.approx(0.8)
    assert found.at(1e6).value == pytest.approx(5.0 - 0.8 * 6)
    assert found.scatter == pytest.approx(0, abs=1e-12)
    place = found.reaches(DEAD)
    assert place is not None
    assert place.value == pytest.approx(10 ** ((5.0 - DEAD) / 0.8))


def test_points_on_a_power_law_give_it() -> None:
    found = fit(MEMBERS, 30 * MEMBERS**-0.3, ERRORS, POWER)
    assert found.slope == pytest.approx(0.3 * np.log(10))
    assert found.at(5.8e6).value == pytest.approx(30 * 5.8e6**-0.3)
    place = found.reaches(0.1)
    assert place is not None
    assert place.value == pytest.approx((30 / 0.1) ** (1 / 0.3))


def test_slope_and_error_are_those_of_numpy_s_weighted_fit() -> None:
    noisy = straight(5.0, 0.8) + np.array([0.05, -0.08, 0.02, 0.03, -0.02])
    found = fit(MEMBERS, noisy, ERRORS)
    assert found.scatter < 1  # so that no error was widened
    (slope, start), covariance = np.polyfit(np.log10(MEMBERS), noisy, 1, w=1 / ERRORS, cov="unscaled")
    assert found.slope == pytest.approx(-slope)
    assert found.slope_error == pytest.approx(np.sqrt(covariance[0, 0]))
    there = np.array([np.log10(3e6), 1])
    assert found.at(3e6).value == pytest.approx(there @ [slope, start])
    half = 3.18245 * np.sqrt(there @ covariance @ there)  # Student's t of three degrees
    assert found.at(3e6).high - found.at(3e6).value == pytest.approx(half, rel=1e-4)


def test_errors_are_widened_where_networks_scatter_more_than_their_test_people_tell() -> None:
    noisy = straight(5.0, 0.8) + np.array([0.5, -0.8, 0.2, 0.3, -0.2])
    found = fit(MEMBERS, noisy, ERRORS)
    assert found.scatter > 1
    _, covariance = np.polyfit(np.log10(MEMBERS), noisy, 1, w=1 / ERRORS, cov=True)  # scaled by the residuals
    assert found.slope_error == pytest.approx(np.sqrt(covariance[0, 0]))


@pytest.mark.parametrize("form", [LOGARITHM, POWER])
def test_the_size_s_interval_is_where_the_band_leaves_the_strength(form: str) -> None:
    strengths = straight(5.0, 0.8) if form == LOGARITHM else 30 * MEMBERS**-0.3
    found = fit(MEMBERS, strengths + np.array([0.05, -0.08, 0.02, 0.03, -0.02]), ERRORS, form)
    place = found.reaches(1.0)
    assert place is not None
    assert place.low < place.value < place.high
    assert found.at(place.low).low == pytest.approx(1.0)
    assert found.at(place.value).value == pytest.approx(1.0)
    assert found.at(place.high).high == pytest.approx(1.0)


@pytest.mark.parametrize("told", [1.0, 0.4])  # the second: test people tell less than half of the scatter
def test_a_planted_slope_and_what_is_extrapolated_are_covered(told: float) -> None:
    random = np.random.default_rng(5)
    slopes = extrapolated = sizes = 0
    for _ in range(400):
        found = fit(MEMBERS, straight(5.0, 0.8) + random.normal(0, ERRORS), told * ERRORS)
        low, high = found.slope_interval
        slopes += low < 0.8 < high
        far = found.at(5.8e6)
        extrapolated += far.low < 5.0 - 0.8 * np.log10(5.8e6) < far.high
        place = found.reaches(DEAD)
        sizes += place is None or place.low < 10 ** ((5.0 - DEAD) / 0.8) < place.high
    # 95 % are promised; with 400 draws three standard errors are 0.033.
    assert min(slopes, extrapolated, sizes) >= 400 * (0.95 - 0.033)


def test_noise_gives_a_slope_that_includes_nothing_and_no_size() -> None:
    random = np.random.default_rng(6)
    silent = 0
    for _ in range(400):
        found = fit(MEMBERS, 1.0 + random.normal(0, ERRORS), ERRORS)
        low, high = found.slope_interval
        silent += low < 0 < high
        assert (found.reaches(DEAD) is None) == (low <= 0)
    assert silent >= 400 * (0.95 - 0.033)


def test_an_interval_without_bounds_stays_a_number() -> None:
    far = fit([2000, 4000, 8000], [0.01] * 3, [0.1] * 3, POWER).at(1.7e7)
    assert far.low == pytest.approx(0.0)
    assert 1e6 < far.high < float("inf")


def test_evidence_that_grows_never_dies() -> None:
    assert fit(MEMBERS, straight(-2.0, -0.8), ERRORS).reaches(DEAD) is None


def test_two_points_or_one_size_make_no_law() -> None:
    for members in ([500, 1000], [500, 500, 500]):
        with pytest.raises(TooFew, match="3 networks of different sizes"):
            fit(members, [1.0] * len(members), [0.1] * len(members))
    with pytest.raises(ValueError, match="above 0"):
        fit(MEMBERS, straight(5.0, 0.8), 0 * ERRORS)
    with pytest.raises(ValueError, match="above 0"):
        fit(MEMBERS, straight(1.0, 0.8), ERRORS, POWER)


def test_strengths_are_those_of_two_normal_distributions() -> None:
    random = np.random.default_rng(7)
    members, others = random.normal(1.3, 1, 100_000), random.normal(0, 1, 100_000)
    auc = (members[:1000, None] > others[None, :1000]).mean()
    tpr = (members > np.quantile(others, 0.99)).mean()
    assert strength_of_auc(auc) == pytest.approx(1.3, abs=0.15)
    assert strength_of_tpr(tpr) == pytest.approx(1.3, abs=0.05)
    for value in (0.0, 0.3, 2.0):
        assert strength_of_auc(auc_of(value)) == pytest.approx(value)
        assert strength_of_tpr(tpr_of(value)) == pytest.approx(value)
    assert auc_of(0) == 0.5
    assert tpr_of(0) == pytest.approx(0.01)
    assert tpr_of(DEAD) == pytest.approx(0.02)
    assert pytest.approx(NORMAL.inv_cdf(0.02) - NORMAL.inv_cdf(0.01)) == DEAD
