"""How well scores tell members from non-members. Larger score = more member, everywhere.

Whole tie blocks count half (AUC) or are taken together (ROC), as in scikit-learn. Pictures of one
person are not independent, so intervals resample identities.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta

from mint.errors import TooFew
from mint.types import Rate

Floats = NDArray[np.float64]


def roc(members: ArrayLike, non_members: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """False-positive rates, true-positive rates and thresholds, from (0, 0) to (1, 1).

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
    """Chance that a member scores above a non-member; ties count half. Raises as ``roc``."""
    m, n = _checked(members), np.sort(_checked(non_members))
    below = np.searchsorted(n, m, "left") + np.searchsorted(n, m, "right")
    return float(below.mean() / (2 * len(n)))


def tpr_at_fpr(members: ArrayLike, non_members: ArrayLike, fpr: float) -> float:
    """Largest true-positive rate whose false-positive rate is at most ``fpr``.

    Raises:
        TooFew: fewer than ten non-members would be allowed above the threshold, so the figure
            would be luck.
        ValueError: ``fpr`` is not above 0.
    """
    if fpr <= 0:
        raise ValueError(f"a false-positive rate must be above 0, not {fpr}")
    if fpr * np.size(non_members) < 10:
        needed = int(np.ceil(10 / fpr))
        raise TooFew(f"TPR at {fpr:.1%} FPR needs {needed} non-members, there are {np.size(non_members)}.")
    rates, found, _ = roc(members, non_members)
    return float(found[rates <= fpr].max())


def balanced_accuracy(members: ArrayLike, non_members: ArrayLike, threshold: float) -> float:
    """Mean of the two classes' shares of right answers at a threshold fixed elsewhere."""
    m, n = _checked(members), _checked(non_members)
    return float(((m >= threshold).mean() + (n < threshold).mean()) / 2)


def best_threshold(members: ArrayLike, non_members: ArrayLike) -> float:
    """Threshold of the best balanced accuracy; for calibration data, never for test data."""
    fpr, tpr, thresholds = roc(members, non_members)
    best = 1 + int(np.argmax(tpr[1:] - fpr[1:]))  # the first one, infinity, stands for "nobody"
    return float(thresholds[best])


def auc_interval(
    members: ArrayLike,
    non_members: ArrayLike,
    member_identities: ArrayLike,
    non_member_identities: ArrayLike,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % bootstrap interval of the AUC that resamples identities, not pictures."""
    drawn = auc_draws(members, non_members, member_identities, non_member_identities, draws, seed)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def auc_draws(
    members: ArrayLike,
    non_members: ArrayLike,
    member_identities: ArrayLike,
    non_member_identities: ArrayLike,
    draws: int = 1000,
    seed: int = 0,
) -> Floats:
    """(draws,) AUCs under resampled identities; the same seed pairs the draws of two scores."""
    m, n = _checked(members), _checked(non_members)
    names, numbers = np.unique(np.concatenate([member_identities, non_member_identities]), return_inverse=True)
    scores = np.concatenate([m, n])
    if len(numbers) != len(scores):
        raise ValueError(f"{len(scores)} scores cannot belong to {len(numbers)} identities.")
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    ends = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])  # last place of each tie block
    is_member = (np.arange(len(scores)) < len(m))[order]
    random = np.random.default_rng(seed)
    found: list[float] = []
    while len(found) < draws:
        times = np.bincount(random.integers(0, len(names), len(names)), minlength=len(names))
        weight = times[numbers][order]
        inside, outside = (weight * is_member).sum(), (weight * ~is_member).sum()
        if not inside or not outside:
            continue  # this draw has one class only
        member_blocks = np.diff(np.r_[0, np.cumsum(weight * is_member)[ends]])
        below = np.cumsum(weight * ~is_member)[ends]
        non_member_blocks = np.diff(np.r_[0, below])
        found.append((member_blocks * (below - non_member_blocks / 2)).sum() / (inside * outside))
    return np.array(found)


def rate(hits: int, n: int, confidence: float = 0.95) -> Rate:
    """Share with its exact (Clopper-Pearson) interval.

    Raises:
        TooFew: n is zero.
    """
    if n <= 0:
        raise TooFew("A rate needs at least one case.")
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, n - hits)) if hits < n else 1.0
    return Rate(hits / n, low, high, n)


def calibration_error(probabilities: ArrayLike, is_member: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins."""
    p, y = _checked(probabilities), np.asarray(is_member, dtype=np.float64)
    place = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[place == b].mean() - y[place == b].mean()) * (place == b).mean() for b in np.unique(place)]
    return float(sum(gaps))


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
