"""What differential privacy allows an attacker, and the least ε that an attack shows.

Training that is (ε, δ)-differentially private for one photo bounds every membership test: with and without the
photo, the chance of an answer differs by a factor of e^ε and a summand of δ at most. The bound on precision is that
of Thudi et al. 2022 (Bounding Membership Inference, arXiv 2202.12232).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mint.types import Rate

LARGEST_EPSILON = 700.0  # e^ε beyond this is more than a float holds


@dataclass(frozen=True, slots=True)
class PrivacyBudget:
    """A promise of (ε, δ)-differential privacy, for one photo or a group of them.

    Attributes:
        epsilon: ε, at least 0.
        delta: δ, in [0, 1).

    Raises:
        ValueError: either is out of range.
    """

    epsilon: float
    delta: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.epsilon < math.inf and 0 <= self.delta < 1):
            raise ValueError(
                f"epsilon must be a number from 0, delta from 0 and below 1; got {self.epsilon} and {self.delta}"
            )

    def tpr(self, alpha: float) -> float:
        """Return the largest share of members that any test with this false-positive rate finds, in [0, 1].

        Args:
            alpha: false-positive rate, in [0, 1].
        """
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha must lie between 0 and 1; got {alpha}")
        return min(1.0, self._factor * alpha + self.delta, (self._factor - 1 + self.delta + alpha) / self._factor)

    def precision(self, prior: float, tpr: float) -> float:
        """Return the largest chance that a positive answer is right, of any test that finds this share of members.

        Args:
            prior: chance that the photo was used, before the test, in [0, 1].
            tpr: share of members that the test finds, in (0, 1]. One that finds δ or fewer may always be right.
        """
        if not (0 <= prior <= 1 and 0 < tpr <= 1):
            raise ValueError(f"prior must lie from 0 to 1, tpr above 0 and up to 1; got {prior} and {tpr}")
        fewest_alarms = max(0.0, tpr - self.delta) / self._factor
        right, wrong = prior * tpr, (1 - prior) * fewest_alarms
        return right / (right + wrong) if right + wrong else 0.0

    def balanced_accuracy(self) -> float:
        """Return the largest balanced accuracy of any test, in [0.5, 1]."""
        return (self._factor + self.delta) / (1 + self._factor)

    def of_group(self, photos: int) -> PrivacyBudget:
        """Return what the promise is worth for several photos together, such as all of one person.

        ε grows with their number, δ like a geometric series (Dwork and Roth 2014, section 2.3).

        Args:
            photos: how many of them the training set holds, at least 1.
        """
        if photos < 1:
            raise ValueError(f"a group has at least one photo; got {photos}")
        terms = (math.exp(min(LARGEST_EPSILON, k * self.epsilon)) for k in range(photos))
        delta = min(self.delta * sum(terms), math.nextafter(1.0, 0.0)) if self.delta else 0.0
        return PrivacyBudget(photos * self.epsilon, delta)

    @property
    def _factor(self) -> float:
        return math.exp(min(LARGEST_EPSILON, self.epsilon))


def least_epsilon(found: Rate, alarms: Rate, delta: float = 0.0) -> float:
    """Return the ε that a membership test disproves: below it, training cannot have been (ε, δ)-private.

    Args:
        found: share of members with a positive answer, with its two-sided 95 % interval.
        alarms: the same of non-members.
        delta: δ of the promise.

    Returns:
        ln((TPR − δ) / FPR) at the unfavourable ends of both intervals, which hold together with 95 % confidence; 0
        where that shows nothing.
    """
    if not (found.n and alarms.n) or found.low <= delta or alarms.high <= 0:
        return 0.0
    return max(0.0, math.log((found.low - delta) / alarms.high))
