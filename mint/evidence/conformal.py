"""P-values of scores among known non-members, whatever the scores look like.

Verdicts rest on ``FalseAlarmBound``, which keeps its promise in most draws of the calibration people; lists at a
false-discovery rate rest on ``people_p_values``, which are conformal (Vovk, Gammerman and Shafer 2005): they keep it on average.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.errors import TooFew
from mint.evidence.metrics import rate
from mint.types import Rate

Floats = NDArray[np.float64]
CONFIDENCE = 0.9  # over the calibration people that were drawn
ENOUGH_PEOPLE = 230  # of whom nobody scores as high: so many keep a promise of 1 %


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


@dataclass(frozen=True, slots=True, eq=False)
class FalseAlarmBound:
    """The most that is likely for how often a photo of a new person scores as high.

    The promise is about people: drawn again, calibration people would keep it in ``CONFIDENCE`` of the draws, while a
    p-value that counts photos keeps it in half of them. The bound is one-sided Clopper-Pearson's at the effective number of
    photos (Korn and Graubard 1998): everybody counts alike, and photos of one person that agree count as fewer. Where
    nobody scores as high, photos count as if each person had one.

    A bound is the quantile of a beta distribution. It is computed when a score as low is first asked about, and kept;
    or all of them are known before (``known``), so that nothing is computed.

    Attributes:
        highest: (M,) scores of known non-members, the highest first.
        first, second: (M + 1,) parameters of the distribution: of what is reached by none of these, by the first of them,
            the first two, ...; empty where all bounds are known.
        confidence: of the bounds.
        people: how many they are.
    """

    highest: Floats
    first: Floats
    second: Floats
    confidence: float
    people: int
    _rates: Floats = field(init=False, repr=False, default_factory=lambda: np.empty(0))  # those computed so far

    @classmethod
    def of(cls, non_members: ArrayLike, people: ArrayLike, confidence: float = CONFIDENCE) -> FalseAlarmBound:
        """Bound the rates from known non-members.

        Args:
            non_members: (M,) scores.
            people: (M,) who is on each of these; at least two.
            confidence: of the bound.

        Raises:
            TooFew: there are no two people to compare with.
            ValueError: a score is not a number, or people do not fit.
        """
        n: Floats = np.asarray(non_members, np.float64)
        if np.size(people) != len(n):
            raise ValueError(f"{len(n)} scores cannot belong to {np.size(people)} people.")
        if np.isnan(n).any():
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
        share = (
            np.concatenate([[0.0], np.cumsum(1 / photos[who])]) / count
        )  # mean over people, with the k highest photos
        squares = np.concatenate([[0.0], np.cumsum((2 * before + 1) / photos[who] ** 2)]) / count
        variance = np.maximum(squares - share**2, 0) / (count - 1)  # of that mean
        effective = np.full(len(share), float(count))
        seen = variance > 0
        effective[seen] = np.clip(share[seen] * (1 - share[seen]) / variance[seen], 1, len(n))
        return cls(n[order], share * effective + 1, np.maximum((1 - share) * effective, 1e-12), confidence, count)

    @classmethod
    def known(cls, non_members: ArrayLike, people: int, rates: Floats) -> FalseAlarmBound:
        """Take bounds that were computed before.

        Args:
            non_members: (M,) scores.
            people: how many they are.
            rates: (M + 1,) what ``of`` says of the same scores, the lowest first, at ``CONFIDENCE``.
        """
        none: Floats = np.empty(0)
        highest: Floats = np.sort(np.asarray(non_members, np.float64))[::-1]
        found = cls(highest, none, none, CONFIDENCE, people)
        object.__setattr__(found, "_rates", rates)
        return found

    @property
    def rates(self) -> Floats:
        """All bounds, (M + 1,), the lowest first: where none of the M reaches a score, one, two, ..."""
        return self._rates_up_to(len(self.highest))

    def at(self, scores: ArrayLike) -> Floats:
        """Return the bound for each of (N,) scores, in (0, 1]. Raises ValueError where a score is not a number."""
        s: Floats = np.asarray(scores, np.float64)
        if np.isnan(s).any():
            raise ValueError("A score is not a number.")
        ranks = np.searchsorted(-self.highest, -s, "right")
        return self._rates_up_to(int(ranks.max(initial=0)))[ranks]

    def _rates_up_to(self, rank: int) -> Floats:
        """Return the bounds of the ranks from 0 to this one, or further; never falling."""
        rates = self._rates
        if rank >= len(rates):
            from scipy.special import betaincinv  # takes a while to import: who knows the bounds needs none of it

            new = slice(len(rates), rank + 1)
            bound = betaincinv(self.first[new], self.second[new], self.confidence)
            if rank == len(self.highest):
                bound[-1] = 1.0  # everybody scores as high
            # A lower score is never rarer, though the effective number may grow by a step.
            rates = np.maximum.accumulate(np.concatenate([rates, bound]))
            object.__setattr__(self, "_rates", rates)  # two threads at once may both compute it, to the same numbers
        return rates


def largest_p_values(scores: ArrayLike, kinds: Mapping[str, FalseAlarmBound]) -> Floats:
    """Return the largest bound over kinds of non-members, for each of (N,) scores.

    What holds for the largest holds for each kind. Raises TooFew where there is none, and as ``FalseAlarmBound.at``.
    """
    if not kinds:
        raise TooFew("A p-value needs at least one kind of calibration non-members.")
    return np.asarray(np.max([bound.at(scores) for bound in kinds.values()], axis=0), np.float64)


def least_bound(people: int, confidence: float = CONFIDENCE) -> float:
    """Return the lowest bound that so many people allow, of whom nobody scores as high: 1 - (1 - confidence) ** (1 / people)."""
    return -math.expm1(math.log1p(-confidence) / people)


def kinds_to_compare(people: Mapping[str, int], same_source: Collection[str]) -> tuple[str, ...]:
    """Return the kinds of non-members that a p-value is the largest of.

    Kinds of the members' own source always count: they are the hard ones, and where they have too few people nothing can be
    promised. A kind from elsewhere counts if it has ``ENOUGH_PEOPLE``, or as many as the smallest of these: a handful of
    people can neither keep a promise nor show that it is broken. Where there is no kind of the own source, all count.

    Args:
        people: kind to its number of people.
        same_source: names of the kinds of the members' own source.
    """
    own = [number for kind, number in people.items() if kind in same_source]
    least = min((ENOUGH_PEOPLE, *own)) if own else 0
    return tuple(kind for kind, number in people.items() if kind in same_source or number >= least)


def evidence_rate(scores: ArrayLike, kinds: Mapping[str, FalseAlarmBound], alpha: float) -> Rate:
    """Return the share of (N,) independent scores whose largest p-value is at most ``alpha``; see ``rate`` for its interval.

    Raises as ``largest_p_values``.
    """
    p = largest_p_values(scores, kinds)
    return rate(int((p <= alpha).sum()), len(p))
