"""Metrics of scores. A larger score means more like a member, everywhere.

Whole tie blocks count half (AUC) or are taken together (ROC), as in scikit-learn. Pictures of one
person are not independent, so intervals resample identities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.errors import TooFew
from mint.evidence.bootstrap import DRAWS, identity_weights, weighted_auc
from mint.types import PeopleRate, Rate

Floats = NDArray[np.float64]
LOWEST_LOG = -745.0  # e to this is the smallest float above 0


def roc(members: ArrayLike, non_members: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return false-positive rates, true-positive rates and thresholds, from (0, 0) to (1, 1).

    A threshold t calls "member" every score >= t; equal scores are one step.

    Raises:
        TooFew: one side is empty.
        ValueError: a score is not a number.
    """
    m, n = _checked(members), _checked(non_members)
    thresholds = np.unique(np.concatenate([m, n]))[::-1]
    tpr = _share_at_least(m, thresholds)
    fpr = _share_at_least(n, thresholds)
    return np.r_[0.0, fpr], np.r_[0.0, tpr], np.r_[np.inf, thresholds]


def auc(members: ArrayLike, non_members: ArrayLike) -> float:
    """Return the chance that a member scores above a non-member; ties count half.

    Raises as ``roc``.
    """
    m, n = _checked(members), np.sort(_checked(non_members))
    below = np.searchsorted(n, m, "left") + np.searchsorted(n, m, "right")
    return float(below.mean() / (2 * len(n)))


LOW_FPR = 0.01  # at which true-positive rates are told
CHANCE = 0.5  # the AUC of a coin


def tpr_at_fpr(members: ArrayLike, non_members: ArrayLike, fpr: float) -> float:
    """Return the largest true-positive rate at a false-positive rate of at most ``fpr``.

    Raises:
        TooFew: fewer than ten non-members would be allowed above the threshold, so the figure
            would be luck.
        ValueError: ``fpr`` is not above 0 and at most 1, or a score is not a number.
    """
    _checked(members), _checked(non_members)
    if not 0 < fpr <= 1:
        raise ValueError(f"a false-positive rate must be above 0 and at most 1, not {fpr}")
    if fpr * np.size(non_members) < 10:
        needed = int(np.ceil(10 / fpr))
        raise TooFew(f"TPR at {fpr:.1%} FPR needs {needed} non-members, there are {np.size(non_members)}.")
    rates, found, _ = roc(members, non_members)
    return float(found[rates <= fpr].max())


def balanced_accuracy(members: ArrayLike, non_members: ArrayLike, threshold: float) -> float:
    """Return the mean of both classes' accuracies at a threshold fixed elsewhere.

    Raises:
        TooFew: one side is empty.
        ValueError: a score or the threshold is not a number; infinity is one.
    """
    m, n = _checked(members), _checked(non_members)
    if np.isnan(threshold):
        raise ValueError("The threshold is not a number.")
    return float(((m >= threshold).mean() + (n < threshold).mean()) / 2)


def best_threshold(members: ArrayLike, non_members: ArrayLike) -> float:
    """Return the threshold of the best balanced accuracy. For calibration data only."""
    fpr, tpr, thresholds = roc(members, non_members)
    best = 1 + int(np.argmax(tpr[1:] - fpr[1:]))  # the first one, infinity, stands for "nobody"
    return float(thresholds[best])


def auc_interval(
    members: ArrayLike,
    non_members: ArrayLike,
    member_identities: ArrayLike,
    non_member_identities: ArrayLike,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the AUC, resampling identities, not pictures."""
    drawn = auc_draws(members, non_members, member_identities, non_member_identities, draws, seed)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def auc_draws(
    members: ArrayLike,
    non_members: ArrayLike,
    member_identities: ArrayLike,
    non_member_identities: ArrayLike,
    draws: int = DRAWS,
    seed: int = 0,
) -> Floats:
    """Return (draws,) AUCs of resampled identities; the same seed pairs the draws of two scores."""
    m, n = _checked(members), _checked(non_members)
    for scores, identities in ((m, member_identities), (n, non_member_identities)):
        if np.size(identities) != len(scores):
            raise ValueError(f"{len(scores)} scores cannot belong to {np.size(identities)} identities.")
    weights = identity_weights(member_identities, non_member_identities, draws, seed)
    return np.concatenate([weighted_auc(m, n, *block) for block in weights])


def widened(value: float, low: float, high: float, people: int) -> tuple[float, float]:
    """Widen the interval of a perfect AUC to that of as many people without an exception.

    A bootstrap cannot draw what it has not seen: it would call a perfect AUC of three people certain.
    """
    return clopper_pearson(value * people, people) if value in (0.0, 1.0) and low == high else (low, high)


def clopper_pearson(hits: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share (Clopper and Pearson 1934).

    ``n`` may be an effective size, not a whole number.
    """
    tail = (1 - confidence) / 2
    low = beta_quantile(hits, n - hits + 1, tail) if hits else 0.0
    high = beta_quantile(hits + 1, n - hits, 1 - tail) if hits < n else 1.0
    return low, high


def beta_quantile(a: float, b: float, share: float) -> float:
    """Return the value below which a share of a beta distribution lies, in (0, 1): SciPy's ``betaincinv``, in plain Python.

    An answer needs some of them for rates that nobody could have stored, and SciPy takes half a second to import.

    Args:
        a: first parameter, above 0.
        b: second parameter, above 0.
        share: in (0, 1).
    """
    wanted, below, above = math.log(share), LOWEST_LOG, 0.0
    at = math.log(a) - math.log(a + b)
    for _ in range(200):
        found, slope = _log_share_below(a, b, at)
        below, above = (at, above) if found < wanted else (below, at)
        # The logarithm of the share is concave in that of the value: Newton's steps go astray once at most, and are then halved.
        step = at - (found - wanted) / slope if slope > 0 else LOWEST_LOG
        step = step if below < step < above else (below + above) / 2
        done, at = abs(step - at) <= 1e-14 * max(1.0, abs(at)), step
        if done:
            break
    return math.exp(at)


def _log_share_below(a: float, b: float, at: float) -> tuple[float, float]:
    """Return the logarithm of the share of a beta distribution below e^at, and its slope there."""
    x = math.exp(at)
    if x >= 1:
        return 0.0, 0.0
    power = a * at + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    if x < (a + 1) / (a + b + 2):
        found = power + math.log(_continued_fraction(a, b, x) / a)
    else:
        found = math.log1p(-min(math.exp(power) * _continued_fraction(b, a, 1 - x) / b, 1 - 1e-16))
    return found, math.exp(power - math.log1p(-x) - found)


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function by Lentz's method (Press et al. 1992, section 6.4)."""
    up, down = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    found = down
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            up, down = 1 + term / up, 1 / (1 + term * down)
            found *= up * down
        if abs(up * down - 1) < 1e-15:
            break
    return found


@lru_cache(maxsize=256)
def _student_s(freedom: int, share: float) -> float:
    """Return the quantile of Student's t for a share above one half, with so many degrees of freedom."""
    y = beta_quantile(0.5, freedom / 2, 2 * share - 1)
    return math.sqrt(freedom * y / (1 - y))


def rate(hits: int, n: int) -> Rate:
    """Return a share with its exact (Clopper-Pearson) interval, for independent cases, such as one a person.

    Args:
        hits: among the cases.
        n: cases.

    Raises:
        TooFew: n is zero.
        ValueError: the hits are not between 0 and n.
    """
    if n <= 0:
        raise TooFew("A rate needs at least one case.")
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} hits cannot be counted over {n} cases.")
    low, high = clopper_pearson(hits, n)
    return Rate(hits / n, low, high, n)


@dataclass(frozen=True, slots=True)
class KindRate(PeopleRate):
    """That of one kind of people, such as ``real``."""

    kind: str

    @classmethod
    def of(cls, kind: str, rate: Rate) -> KindRate:
        """Name the kind of a measured rate; without a number of people each case is one."""
        people = rate.people if isinstance(rate, PeopleRate) else rate.n
        return cls(rate.value, rate.low, rate.high, rate.n, people, kind)


def clustered_rate(hits: ArrayLike, identities: ArrayLike, confidence: float = 0.95) -> PeopleRate:
    """Return a share of pictures with an interval that allows for several pictures a person.

    Clopper-Pearson at the effective number of pictures (Korn and Graubard 1998, Survey Methodology
    24: 193): n divided by the design effect, that is the variance of the share between people over
    the variance that independent pictures would have, and by what Student's t asks for as few people.
    A design effect below 1 counts as 1. Where all pictures agree it cannot be seen, and is 1 as well.

    Args:
        hits: (N,) bool.
        identities: (N,) numbers or names.
        confidence: of the interval.

    Raises:
        TooFew: there are no pictures.
        ValueError: hits are not 0 or 1, or do not fit the identities.
    """
    h = _checked(hits)
    if not np.isin(h, (0, 1)).all():
        raise ValueError("A hit is 0 or 1.")
    if np.size(identities) != len(h):
        raise ValueError(f"{len(h)} pictures cannot belong to {np.size(identities)} identities.")
    names, numbers = np.unique(identities, return_inverse=True)
    people, share = len(names), float(h.mean())
    excess = np.bincount(numbers, h - share, minlength=people)
    return rate_of_spread(share, len(h), people, float((excess**2).sum()), confidence)


def rate_of_spread(share: float, n: int, people: int, spread: float, confidence: float = 0.95) -> PeopleRate:
    """Return a share of n cases with ``clustered_rate``'s interval, where the variance of the hits is known.

    Args:
        share: of hits.
        n: cases.
        people: who they show.
        spread: variance of the number of hits, as people vary, before it is corrected for their number.
        confidence: of the interval.
    """
    effective = 1.0  # one person answers once, however many pictures there are
    if people > 1:
        alike = n * share * (1 - share) * n / (n - 1)  # what is expected of it where pictures are independent
        effect = max(1.0, spread * people / (people - 1) / alike) if alike else 1.0
        both = (1 + confidence) / 2
        effective = max(1.0, n / effect * (_student_s(n - 1, both) / _student_s(people - 1, both)) ** 2)
    low, high = clopper_pearson(share * effective, effective, confidence)
    return PeopleRate(share, low, high, n, people)


def reliability(
    probabilities: ArrayLike, is_member: ArrayLike, bins: int = 10, weights: ArrayLike | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return mean prediction and observed share in equal-width bins, without empty ones.

    Args:
        probabilities: (N,) in [0, 1].
        is_member: (N,) 0 or 1.
        bins: how many, over [0, 1].
        weights: (N,) of the pictures, such as 1 / the size of their class; None weighs them alike.

    Returns:
        Mean probability, share of members, and share of all weight, of (B,) bins.

    Raises:
        TooFew: there are no probabilities.
        ValueError: a value is not a number, not a probability, or not a class, or lengths differ.
    """
    p, y = _checked(probabilities), _checked(is_member)
    w = np.ones(len(p)) if weights is None else _checked(weights)
    if not len(p) == len(y) == len(w):
        raise ValueError(f"{len(p)} probabilities, {len(y)} classes and {len(w)} weights do not fit.")
    if ((p < 0) | (p > 1)).any() or not np.isin(y, (0, 1)).all():
        raise ValueError("Probabilities lie in [0, 1], and a class is 0 or 1.")
    place = bins_of(p, bins)
    weight = np.bincount(place, w, minlength=bins)
    kept = weight > 0
    said, so = (np.bincount(place, w * values, minlength=bins)[kept] / weight[kept] for values in (p, y))
    return said, so, weight[kept] / w.sum()


def bins_of(probabilities: Floats, bins: int) -> NDArray[np.int64]:
    """Return the (N,) numbers of equal-width bins; 1 belongs to the last."""
    return np.minimum((probabilities * bins).astype(np.int64), bins - 1)


def calibration_error(
    probabilities: ArrayLike, is_member: ArrayLike, bins: int = 10, weights: ArrayLike | None = None
) -> float:
    """Return the expected calibration error (Guo et al. 2017) over ``reliability``'s bins.

    Raises as ``reliability``.
    """
    said, so, weight = reliability(probabilities, is_member, bins, weights)
    return float((weight * np.abs(said - so)).sum())


def _checked(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64).ravel()
    if not len(array):
        raise TooFew("There are no scores to judge by.")
    if np.isnan(array).any():
        raise ValueError("A score is not a number.")
    return array


def _share_at_least(values: Floats, thresholds: Floats) -> Floats:
    # Counted, then divided once: 1 - 0.99 would be above 0.01, and "at most 1 %" would lose a step.
    found: Floats = (len(values) - np.searchsorted(np.sort(values), thresholds, "left")) / len(values)
    return found
