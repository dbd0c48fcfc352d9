"""How much noise a promise takes, and what a noise promises: opacus's accountants."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from opacus.accountants import PRVAccountant, RDPAccountant
from opacus.accountants.utils import get_noise_multiplier

TOLERANCE = 0.01  # of ε: the noise is not searched for more closely


@dataclass(frozen=True, slots=True)
class Accounted:
    """What a training promises for each photo, for networks with the photo and without it.

    Attributes:
        epsilon: ε by Rényi differential privacy (Mironov 2017), an upper bound; never more than was asked for.
        numerical: ε by the numerical composition of Gopi et al. 2021, which is closer.
        delta: δ.
        noise: standard deviation of the noise, in lengths of the longest gradient.
        rate: chance that a step draws a photo.
        steps: of the training.
    """

    epsilon: float
    numerical: float
    delta: float
    noise: float
    rate: float
    steps: int


def noise_for(epsilon: float, delta: float, rate: float, steps: int) -> Accounted:
    """Return the least noise that keeps a promise, to ``TOLERANCE`` of ε, with what it promises.

    Args:
        epsilon: ε, above 0.
        delta: δ, in (0, 1).
        rate: chance that a step draws a photo, in (0, 1].
        steps: of the training.

    Raises:
        ValueError: no noise is enough.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Optimal order is the")  # a closer bound may exist: `numerical` is one
        noise = get_noise_multiplier(
            target_epsilon=epsilon, target_delta=delta, sample_rate=rate, steps=steps, accountant="rdp",
            epsilon_tolerance=min(TOLERANCE, epsilon / 10),
        )  # fmt: skip
    return accounted(noise, delta, rate, steps)


def accounted(noise: float, delta: float, rate: float, steps: int) -> Accounted:
    """Return what a noise promises; as ``noise_for``."""
    renyi, numerical = RDPAccountant(), PRVAccountant()
    renyi.history = numerical.history = [(noise, rate, steps)]
    # Where every step draws everybody, the numerical accountant takes the logarithm of 0, which is rightly no bound.
    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        warnings.filterwarnings("ignore", "Optimal order is the")
        found = renyi.get_epsilon(delta), numerical.get_epsilon(delta)
    return Accounted(float(found[0]), float(found[1]), delta, float(noise), rate, steps)
