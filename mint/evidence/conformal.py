"""Conformal p-values: how many known non-members score at least as high.

For exchangeable non-members P(p <= a) <= a, whatever the scores look like (Vovk, Gammerman and
Shafer 2005). The largest p over several kinds of non-members keeps that promise for each kind.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, stdtr  # scipy.stats says the same, and takes a second to import

from mint.errors import TooFew
from mint.evidence.metrics import rate
from mint.types import Rate

Floats = NDArray[np.float64]
ENOUGH_TO_COUNT = 200


def p_values(scores: ArrayLike, non_members: ArrayLike) -> Floats:
    """Return (1 + number of non-members scoring >= s) / (1 + n), for each of (N,) scores.

    Raises:
        TooFew: no non-members to compare with.
        ValueError: a score is not a number.
    """
    s: Floats = np.asarray(scores, np.float64)
    sorted_n: Floats = np.sort(np.asarray(non_members, np.float64))
    if not len(sorted_n):
        raise TooFew("A p-value needs calibration non-members.")
    if np.isnan(s).any() or np.isnan(sorted_n).any():
        raise ValueError("A score is not a number.")
    at_least = len(sorted_n) - np.searchsorted(sorted_n, s, "left")
    return np.asarray((1.0 + at_least) / (1.0 + len(sorted_n)), np.float64)


def few_p_values(scores: ArrayLike, non_members: ArrayLike) -> Floats:
    """Return p-values against too few non-members to count.

    The tail of Student's predictive distribution stands in for the count: it assumes that the
    scores are roughly normal, and is wider than they are, the wider the fewer there are. Raises as
    ``p_values``, and TooFew below three.
    """
    s: Floats = np.asarray(scores, np.float64)
    n: Floats = np.asarray(non_members, np.float64)
    if len(n) < 3:
        raise TooFew("A p-value needs at least three calibration non-members of a kind.")
    if np.isnan(s).any() or np.isnan(n).any():
        raise ValueError("A score is not a number.")
    spread = max(float(n.std(ddof=1)), 1e-12) * np.sqrt(1 + 1 / len(n))
    return np.asarray(stdtr(len(n) - 1, (n.mean() - s) / spread), np.float64).clip(1e-300, 1.0)


def largest_p_values(scores: ArrayLike, sources: Mapping[str, ArrayLike]) -> Floats:
    """Return the largest p-value over calibration sources, for each of (N,) scores.

    Sources of at least ``ENOUGH_TO_COUNT`` are counted; smaller ones, a few people's pictures, are
    extrapolated by ``few_p_values``, whose promise is weaker. Raises as these do.
    """
    if not sources:
        raise TooFew("A p-value needs at least one source of calibration non-members.")
    return np.asarray(
        np.max(
            [
                (p_values if np.size(source) >= ENOUGH_TO_COUNT else few_p_values)(scores, source)
                for source in sources.values()
            ],
            axis=0,
        ),
        np.float64,
    )


def people_p_values(scores: ArrayLike, non_members: ArrayLike, people: ArrayLike) -> Floats:
    """Return (1 + sum over people of the share of their photos scoring >= s) / (1 + people), for each of (N,) scores.

    Photos of one person score alike, so that counting photos promises more than a few people can keep. This counts
    people: it holds for a photo of a new one, and is never below 1 / (1 + people).

    Args:
        scores: (N,) to compare.
        non_members: (M,) scores.
        people: (M,) who is on each of these.

    Raises:
        TooFew: no non-members to compare with.
        ValueError: a score is not a number, or people do not fit.
    """
    s: Floats = np.asarray(scores, np.float64)
    n: Floats = np.asarray(non_members, np.float64)
    if not len(n):
        raise TooFew("A p-value needs calibration non-members.")
    if np.size(people) != len(n):
        raise ValueError(f"{len(n)} scores cannot belong to {np.size(people)} people.")
    if np.isnan(s).any() or np.isnan(n).any():
        raise ValueError("A score is not a number.")
    _, numbers = np.unique(np.asarray(people), return_inverse=True)
    weights = 1.0 / np.bincount(numbers)[numbers]
    order = np.argsort(n, kind="stable")
    # From the right: what all photos from this one upwards weigh.
    above = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
    p = (1.0 + above[np.searchsorted(n[order], s, "left")]) / (2.0 + numbers.max())
    return np.asarray(np.minimum(p, 1.0), np.float64)  # sums of shares round


def confident_p_values(scores: ArrayLike, non_members: ArrayLike, people: ArrayLike, confidence: float = 0.9) -> Floats:
    """Return, for each of (N,) scores, an upper bound of the rate at which a photo of a new person scores as high.

    The promise is about people: drawn again, calibration people would keep it in ``confidence`` of the draws, while a
    p-value that counts photos keeps it in half of them. The bound is one-sided Clopper-Pearson's at the effective number of
    photos (Korn and Graubard 1998): everybody counts alike, and photos of one person that agree count as fewer. Where
    nobody scores as high, photos count as if each person had one. Never below ``1 - (1 - confidence) ** (1 / people)``.

    Args:
        scores: (N,) to compare.
        non_members: (M,) scores.
        people: (M,) who is on each of these; at least two.
        confidence: of the bound.

    Raises:
        TooFew: there are no two people to compare with.
        ValueError: a score is not a number, or people do not fit.
    """
    s: Floats = np.asarray(scores, np.float64)
    n: Floats = np.asarray(non_members, np.float64)
    if np.size(people) != len(n):
        raise ValueError(f"{len(n)} scores cannot belong to {np.size(people)} people.")
    if np.isnan(s).any() or np.isnan(n).any():
        raise ValueError("A score is not a number.")
    _, numbers, photos = np.unique(np.asarray(people), return_inverse=True, return_counts=True)
    count = len(photos)
    if count < 2:
        raise TooFew("A p-value needs calibration non-members of at least two people.")
    order = np.argsort(-n, kind="stable")
    who = numbers[order]
    # How many photos of the same person score higher: of each person the first has 0, the second 1, ...
    grouped = np.argsort(who, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=count))[:-1]])
    before = np.empty(len(n))
    before[grouped] = np.arange(len(n)) - starts[who[grouped]]
    share = np.concatenate([[0.0], np.cumsum(1 / photos[who])]) / count  # mean over people, with the k highest photos
    squares = np.concatenate([[0.0], np.cumsum((2 * before + 1) / photos[who] ** 2)]) / count
    variance = np.maximum(squares - share**2, 0) / (count - 1)  # of that mean
    effective = np.full(len(share), float(count))
    seen = variance > 0
    effective[seen] = np.clip(share[seen] * (1 - share[seen]) / variance[seen], 1, len(n))
    bound = betaincinv(share * effective + 1, np.maximum((1 - share) * effective, 1e-12), confidence)
    bound[-1] = 1.0  # everybody scores as high
    # A lower score is never rarer, though the effective number may grow by a step.
    bound = np.maximum.accumulate(bound)
    return np.asarray(bound[np.searchsorted(-n[order], -s, "right")], np.float64)


def evidence_rate(scores: ArrayLike, sources: Mapping[str, ArrayLike], alpha: float) -> Rate:
    """Return the share of (N,) scores whose largest p-value is at most ``alpha``.

    Raises as ``largest_p_values``.
    """
    p = largest_p_values(scores, sources)
    return rate(int((p <= alpha).sum()), len(p))
