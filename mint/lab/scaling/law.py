"""A law of evidence over the logarithm of the training set's size: fit, interval, and where it reaches a strength.

Evidence is measured as d', the distance between members' and non-members' scores in standard deviations where both are
normal and spread alike: sqrt(2) * probit(AUC), or probit(TPR) - probit(FPR).

The errors of the points are those of the people they were tested on. Networks scatter beyond that (each is one draw of
people and of initial weights), so where the points lie farther from the law than their errors allow, errors are widened
until they do not (Birge 1932, Phys. Rev. 40: 207), and quantiles are Student's for as few networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from mint.errors import TooFew
from mint.evidence.estimates import Estimate
from mint.evidence.metrics import LOW_FPR

LOGARITHM, POWER = "logarithm", "power"
FORMS = (LOGARITHM, POWER)  # d' = a - b log10(members); d' = a * members ** -b
MIN_POINTS = 3  # points: two make a line that nothing contradicts
BOTH = 0.975
MOST_DECADES = 300.0  # decades: what 10 can be raised to
STRONGEST = 20.0  # ln d': no end of an interval lies beyond it


@dataclass(frozen=True, slots=True)
class Law:
    """A fitted law.

    Attributes:
        form: one of ``FORMS``.
        level: d', or its natural logarithm, at ``centre``.
        slope: what the level loses with each decade of members.
        centre: log10 of members where level and slope are uncorrelated.
        level_error, slope_error: standard errors, widened.
        degrees: of freedom.
        scatter: chi-square of the points over the degrees of freedom; above 1 networks differ more than test people tell.
    """

    form: str
    level: float
    slope: float
    centre: float
    level_error: float
    slope_error: float
    degrees: int
    scatter: float

    @property
    def slope_interval(self) -> tuple[float, float]:
        """The 95 % interval of the slope."""
        half = self._quantile * self.slope_error
        return self.slope - half, self.slope + half

    @property
    def falls(self) -> bool:
        """Whether the slope's interval leaves out 0: only then is anything said of sizes beyond what was measured."""
        return self.slope_interval[0] > 0

    @property
    def _quantile(self) -> float:
        return float(stdtrit(self.degrees, BOTH))

    def at(self, members: float) -> Estimate:
        """Return d' at a size, with the 95 % interval of the law there. It may be negative in the logarithmic form."""
        away = math.log10(members) - self.centre
        value = self.level - self.slope * away
        half = self._quantile * math.hypot(self.level_error, away * self.slope_error)
        found = (value, value - half, value + half)
        return Estimate(*((math.exp(min(f, STRONGEST)) for f in found) if self.form == POWER else found))

    def reaches(self, strength: float) -> Estimate | None:
        """Return the size at which d' has fallen to ``strength``, with its 95 % interval (Fieller 1954).

        It is where the band of ``at`` contains that strength. None where the slope's interval includes 0: then the band
        never closes, and no size can be named.
        """
        if not self.falls:
            return None
        above = self.level - (math.log(strength) if self.form == POWER else strength)
        t2, level, slope = self._quantile**2, self.level_error**2, self.slope_error**2
        lead = self.slope**2 - t2 * slope
        root = math.sqrt(t2 * (above**2 * slope + lead * level))
        ends = ((above * self.slope + sign * root) / lead for sign in (-1, 1))
        return Estimate(*(10.0 ** min(self.centre + d, MOST_DECADES) for d in (above / self.slope, *ends)))


def fit(members: Sequence[float], strengths: Sequence[float], errors: Sequence[float], form: str = LOGARITHM) -> Law:
    """Fit a law by weighted least squares.

    Args:
        members: sizes of the training sets, at least ``MIN_POINTS``, two of them different.
        strengths: d' of each; above 0 for the power law.
        errors: standard error of each.
        form: one of ``FORMS``.

    Raises:
        TooFew: there are fewer points, or they are of one size.
        ValueError: an error is not above 0, or a strength is not above 0 where that is needed.
    """
    x, y, s = np.log10(np.asarray(members, float)), np.asarray(strengths, float), np.asarray(errors, float)
    if len(x) < MIN_POINTS or np.ptp(x) == 0:
        raise TooFew(f"A law needs {MIN_POINTS} networks of different sizes, there are {len(x)}.")
    if not (s > 0).all() or (form == POWER and not (y > 0).all()):
        raise ValueError("errors, and strengths of a power law, must be above 0")
    if form == POWER:
        y, s = np.log(y), s / y
    w = s**-2.0
    centre, level = float(np.average(x, weights=w)), float(np.average(y, weights=w))
    spread = float((w * (x - centre) ** 2).sum())
    slope = -float((w * (x - centre) * y).sum()) / spread
    degrees = len(x) - 2
    scatter = float((w * (y - level + slope * (x - centre)) ** 2).sum()) / degrees
    widened = math.sqrt(max(1.0, scatter))
    return Law(form, level, slope, centre, widened / math.sqrt(w.sum()), widened / math.sqrt(spread), degrees, scatter)


def strength_of_auc(auc: float) -> float:
    """Return the d' of an AUC between 0 and 1."""
    return math.sqrt(2) * float(ndtri(auc))


def auc_of(strength: float) -> float:
    """Return the AUC of a d'."""
    return float(ndtr(strength / math.sqrt(2)))


def strength_of_tpr(tpr: float) -> float:
    """Return the d' of a true-positive rate at 1 % false positives, between 0 and 1."""
    return float(ndtri(tpr) - ndtri(LOW_FPR))


def tpr_of(strength: float) -> float:
    """Return the true-positive rate at 1 % false positives of a d'."""
    return float(ndtr(strength + ndtri(LOW_FPR)))


DEAD_TPR = 0.02  # at 1 % false positives: of three accusations one is wrong, even where every second photo was used
DEAD = strength_of_tpr(DEAD_TPR)
