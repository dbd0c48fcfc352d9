"""Quantiles of the beta distribution are SciPy's, and none depends on the others beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv, gammaln

from mint.evidence.beta import _stirling_error, beta_quantiles

NUMBERS = np.random.default_rng(0)
N = 400


def log_uniform(low: float, high: float) -> np.ndarray:
    return 10 ** NUMBERS.uniform(low, high, N)


PARAMETERS = {
    "as many on both sides": (log_uniform(0, 4), log_uniform(0, 4)),
    "few hits": (1 + log_uniform(-4, 1), log_uniform(1, 4)),
    "few misses": (log_uniform(1, 4), 1 + log_uniform(-4, 1)),
    "nearly all hits": (log_uniform(0, 4), log_uniform(-12, 0)),
    "steep on both sides": (log_uniform(-1, 0), log_uniform(-1, 0)),
    "whole numbers": (NUMBERS.integers(1, 60, N).astype(float), NUMBERS.integers(1, 5000, N).astype(float)),
    "nobody": (np.ones(N), log_uniform(-3, 4)),
}


@pytest.mark.parametrize("p", [0.01, 0.025, 0.5, 0.9, 0.975])
@pytest.mark.parametrize("kind", PARAMETERS)
def test_they_are_scipys(kind: str, p: float) -> None:
    a, b = PARAMETERS[kind]
    wanted = betaincinv(a, b, p)
    found = beta_quantiles(a, b, p)
    far = wanted > 1e-290  # below, one is a zero and the other nearly
    assert found[far] == pytest.approx(wanted[far], rel=1e-12, abs=0)
    assert (found[~far] < 1e-289).all()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(1, 1e4), st.floats(1e-9, 1e4), st.floats(0.01, 0.99))
def test_any_of_them_is_scipys(a: float, b: float, p: float) -> None:
    assert beta_quantiles([a], [b], p) == pytest.approx([betaincinv(a, b, p)], rel=1e-12, abs=0)


def test_one_alone_is_the_same_to_the_last_bit() -> None:
    a, b = (np.concatenate([pair[side] for pair in PARAMETERS.values()]) for side in (0, 1))
    p = NUMBERS.choice([0.025, 0.9, 0.975], len(a))
    every = beta_quantiles(a, b, p)
    for i in NUMBERS.choice(len(a), 60, replace=False):
        assert beta_quantiles(a[i : i + 1], b[i : i + 1], p[i])[0] == every[i]
        some = slice(max(0, i - 3), i + 5)
        assert (beta_quantiles(a[some], b[some], p[some]) == every[some]).all()


def test_stirlings_error_is_that_of_the_gamma_function() -> None:
    z = np.concatenate([log_uniform(-12, 2), [1.0, 9.999999, 10.0]])
    wanted = gammaln(z) - (z - 0.5) * np.log(z) + z - np.log(2 * np.pi) / 2
    assert _stirling_error(z) == pytest.approx(wanted, abs=1e-13)


@pytest.mark.parametrize(
    ("a", "b", "p"), [(0, 1, 0.5), (1, 0, 0.5), (1, 1, 0), (1, 1, 1), (np.nan, 1, 0.5), (1, 1, np.nan)]
)
def test_what_is_no_distribution_is_refused(a: float, b: float, p: float) -> None:
    with pytest.raises(ValueError, match="parameters above 0"):
        beta_quantiles([2.0, a], [2.0, b], p)
    assert len(beta_quantiles([], [], 0.5)) == 0
