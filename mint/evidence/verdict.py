"""Turn p-value, gate and range into a verdict. Pure: the same input gives the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mint.types import Rate, Verdict

NO_SIGN_QUANTILE = 0.05


@dataclass(frozen=True, slots=True)
class Range:
    """The range of the calibration set: quality name to (lowest, highest) value seen."""

    bounds: Mapping[str, tuple[float, float]]

    def outside(self, quality: Mapping[str, float]) -> str | None:
        """Return in which quality a crop lies outside the calibrated range, or None."""
        for name, (low, high) in self.bounds.items():
            value = quality[name]
            if not np.isfinite(value) or value < low:
                return f"{name} is lower than in all the photos this test was checked on"
            if value > high:
                return f"{name} is higher than in all the photos this test was checked on"
        return None


def decide(
    p_value: float, score: float, alpha: float, members_low: float, outside: str | None, gate: bool
) -> tuple[Verdict, str]:
    """Return the verdict, and why.

    Args:
        p_value: the largest over the calibration sources.
        score: the fused score.
        alpha: the promised false-positive rate.
        members_low: the 5 % quantile of calibration members' scores.
        outside: what ``Range.outside`` said.
        gate: whether the auditor, or the fused score, beat its controls.
    """
    if not gate:
        return Verdict.CANNOT_SAY, "it did not beat its controls: pixels alone, or an untrained network, do as well"
    if outside is not None:
        return Verdict.CANNOT_SAY, outside
    if p_value <= alpha:
        return Verdict.EVIDENCE, f"at most {p_value:.2%} of known non-members score this high"
    if score < members_low:
        return Verdict.NO_SIGN, f"{1 - NO_SIGN_QUANTILE:.0%} of known members score higher than this"
    return Verdict.INCONCLUSIVE, "members and non-members both score like this"


def chance_right(prior: float, tpr: Rate, fpr: Rate) -> float | None:
    """Return the chance that "evidence of use" is right (positive predictive value).

    Uses the upper end of the false-positive rate's interval, so that it never flatters.

    None where it never does, or where that was not measured.

    Args:
        prior: the reader's belief before the test, in [0, 1].
        tpr: share of test members that get "evidence of use".
        fpr: the same for test non-members.
    """
    if not (tpr.n and fpr.n):
        return None
    hit, alarm = prior * tpr.value, (1 - prior) * fpr.high
    return hit / (hit + alarm) if hit + alarm > 0 else None
