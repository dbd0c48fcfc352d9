"""The accountant's ε against closed forms, against another accountant, and where noise is searched for."""

from __future__ import annotations

import math

import pytest
from scipy.optimize import brentq
from scipy.stats import norm

pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")

from mint.lab.private.accounting import accounted, noise_for


def gaussian_epsilon(noise: float, delta: float) -> float:
    """The exact ε of one Gaussian mechanism of sensitivity 1 (Balle and Wang 2018, theorem 8)."""

    def excess(epsilon: float) -> float:
        a, b = 1 / (2 * noise), epsilon * noise
        return float(norm.cdf(a - b) - math.exp(epsilon) * norm.cdf(-a - b)) - delta

    return float(brentq(excess, 0, 200))


def test_one_step_on_everybody_is_the_gaussian_mechanism() -> None:
    for noise in (1.0, 3.0, 10.0):
        exact, found = gaussian_epsilon(noise, 1e-5), accounted(noise, 1e-5, 1.0, 1)
        assert found.numerical == pytest.approx(exact, abs=0.02)
        assert exact <= found.epsilon < 1.4 * exact  # Rényi's is an upper bound, and no absurd one


def test_steps_on_everybody_are_one_step_with_less_noise() -> None:
    # The sum of k Gaussian mechanisms is one whose noise is smaller by the root of k.
    for steps in (4, 25):
        exact, found = gaussian_epsilon(5 / math.sqrt(steps), 1e-5), accounted(5.0, 1e-5, 1.0, steps)
        assert found.numerical == pytest.approx(exact, abs=0.03)
        assert exact <= found.epsilon < 1.4 * exact


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 8.0])
def test_the_noise_is_the_least_that_keeps_the_promise(epsilon: float) -> None:
    found = noise_for(epsilon, 1e-5, 0.1, 100)
    assert epsilon - 0.06 < found.epsilon <= epsilon
    assert found.numerical <= found.epsilon
    assert accounted(0.95 * found.noise, 1e-5, 0.1, 100).epsilon > epsilon
    assert (found.delta, found.rate, found.steps) == (1e-5, 0.1, 100)


def test_drawing_fewer_photos_needs_less_noise_and_more_steps_need_more() -> None:
    usual = noise_for(1.0, 1e-5, 0.1, 100).noise
    assert noise_for(1.0, 1e-5, 0.05, 100).noise < usual < noise_for(1.0, 1e-5, 0.1, 200).noise
