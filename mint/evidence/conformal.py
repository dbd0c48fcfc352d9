"""P-values of scores among known non-members, whatever the scores look like.

Verdicts rest on ``FalseAlarmBound``, which keeps its promise in most draws of the calibration people; lists at a
false-discovery rate rest on ``people_p_values``, which are conformal (Vovk, Gammerman and Shafer 2005): they keep it on average.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.errors import TooFew
from mint.evidence.beta import beta_quantiles
from mint.evidence.metrics import rate
from mint.types import Rate

Floats = NDArray[np.float64]
CONFIDENCE = 0.9  # over the calibration people that were drawn
MOST_SINGLE = 24  # bounds of one kind that are computed one by one; after so many all of them are
FIRST_RANKS = 16  # that are tried first for the rank where a limit is passed
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
    """How often, at most, a photo of a new person scores as high as that.

    The promise is about people: drawn again, calibration people would keep it in ``CONFIDENCE`` of the draws, while a
    p-value that counts photos keeps it in half of them. The bound is one-sided Clopper-Pearson's at the effective number of
    photos (Korn and Graubard 1998): everybody counts alike, and photos of one person that agree count as fewer. Where
    nobody scores as high, photos count as if each person had one.

    A score's rank is how many of the known ones are as high. Most ranks are never asked for, so that a bound is computed when
    it is, and kept.

    Attributes:
        highest: (M,) scores of known non-members, the highest first.
        people: how many they are.
        confidence: of the bound.
        first, second: (M + 1,) parameters of the beta distribution of each rank, of which a bound is a quantile.
    """

    highest: Floats
    people: int
    confidence: float
    first: Floats
    second: Floats
    _known: Floats = field(init=False, repr=False)  # (M + 1,) bounds; NaN where it was not computed yet
    _above: dict[float, int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", np.full(len(self.first), np.nan))

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
        return cls(n[order], count, confidence, share * effective + 1, np.maximum((1 - share) * effective, 1e-12))

    def at(self, scores: ArrayLike) -> Floats:
        """Return the bound for each of (N,) scores, in (0, 1]. Raises ValueError where a score is not a number."""
        compute_bounds([(self, scores)])
        return self._known[self.ranks(scores)]

    def ranks(self, scores: ArrayLike) -> NDArray[np.int64]:
        """Return the ranks of (N,) scores, from 0 to M. Raises ValueError where a score is not a number."""
        s: Floats = np.asarray(scores, np.float64)
        if np.isnan(s).any():
            raise ValueError("A score is not a number.")
        return np.searchsorted(-self.highest, -s, "right")

    def above(self, limit: float) -> int:
        """Return the lowest rank whose bound is above a limit in (0, 1); so is that of every higher one."""
        if limit not in self._above:
            self._above[limit] = self._first_above(limit)
        return self._above[limit]

    def _first_above(self, limit: float) -> int:
        start, count = 0, FIRST_RANKS
        while start < len(self.first):
            over = _quantiles([(self, np.arange(start, min(start + count, len(self.first))))])[0] > limit
            if over.any():
                return start + int(np.argmax(over))
            start, count = start + count, 2 * count
        raise ValueError(f"a limit lies between 0 and 1; got {limit}")


Asked = list[tuple[FalseAlarmBound, NDArray[np.int64]]]  # bounds, with ranks of each


def compute_bounds(asked: Iterable[tuple[FalseAlarmBound, ArrayLike]]) -> None:
    """Compute what bounds of several kinds and columns are for some scores, all at once: far quicker than one by one.

    ``FalseAlarmBound.at`` finds them afterwards. Raises as that.
    """
    few: Asked = []
    for bound, scores in asked:
        known = ~np.isnan(bound._known)
        ranks = np.unique(bound.ranks(scores))
        ranks = ranks[~known[ranks]]
        if len(ranks) and len(ranks) + known.sum() > MOST_SINGLE:
            (every,) = _quantiles([(bound, np.arange(len(known)))])
            bound._known[:] = np.maximum.accumulate(every)
        elif len(ranks):
            few.append((bound, ranks))
    single: Asked = [(bound, ranks[i : i + 1]) for bound, ranks in few for i in range(len(ranks))]
    own = [float(value[0]) for value in _quantiles(single)]
    higher = _quantiles(
        [(bound, _maybe_higher(bound, int(rank[0]), x)) for (bound, rank), x in zip(single, own, strict=True)]
    )
    for (bound, rank), x, others in zip(single, own, higher, strict=True):
        bound._known[rank] = max([x, *others])


def _maybe_higher(bound: FalseAlarmBound, rank: int, x: float) -> NDArray[np.int64]:
    """Return the lower ranks whose quantile may lie above that of a rank, x: a lower score is never rarer.

    The effective number of photos moves from rank to rank, so that a quantile may fall by a little. All others are ruled out by
    one of two certain signs: both parameters say less, or, by Chernoff's bound of a beta distribution, too little of it lies
    above x.
    """
    a, b = bound.first[:rank], bound.second[:rank]
    maybe = (a > bound.first[rank]) | (b < bound.second[rank])
    a, b = a[maybe], b[maybe]
    mean, x = a / (a + b), min(x, 1 - 2.0**-53)
    tail = a * np.log(mean / x) + b * np.log(b / (a + b) / (1 - x))  # what lies above x is at most exp(-tail)
    below = (mean < x) & (tail > -np.log1p(-bound.confidence) + 1e-6)
    found: NDArray[np.int64] = np.flatnonzero(maybe)[~below]
    return found


def _quantiles(asked: Asked) -> list[Floats]:
    """Return the quantiles of some ranks of each bound, by themselves: ranks below may have higher ones."""
    if not asked:
        return []
    parts = [(bound.first[ranks], bound.second[ranks], np.full(len(ranks), bound.confidence)) for bound, ranks in asked]
    found = beta_quantiles(*map(np.concatenate, zip(*parts, strict=True)))
    ends = np.cumsum([len(ranks) for _, ranks in asked])
    split = np.split(found, ends[:-1])
    for (bound, ranks), values in zip(asked, split, strict=True):
        values[ranks == len(bound.highest)] = 1.0  # everybody scores as high
    return split


def largest_p_values(scores: ArrayLike, kinds: Mapping[str, FalseAlarmBound]) -> Floats:
    """Return the largest bound over kinds of non-members, for each of (N,) scores.

    What holds for the largest holds for each kind. Raises TooFew where there is none, and as ``FalseAlarmBound.at``.
    """
    if not kinds:
        raise TooFew("A p-value needs at least one kind of calibration non-members.")
    return np.asarray(np.max([bound.at(scores) for bound in kinds.values()], axis=0), np.float64)


def p_values_at_most(scores: ArrayLike, kinds: Mapping[str, FalseAlarmBound], limit: float) -> NDArray[np.bool_]:
    """Return whether ``largest_p_values`` of each of (N,) scores is at most a limit in (0, 1), without computing them.

    Raises as that.
    """
    if not kinds:
        raise TooFew("A p-value needs at least one kind of calibration non-members.")
    return np.asarray(np.all([bound.ranks(scores) < bound.above(limit) for bound in kinds.values()], axis=0))


def score_limit(kinds: Mapping[str, FalseAlarmBound], limit: float) -> float | None:
    """Return the score above which the largest p-value is at most a limit in (0, 1); None where no score has one as low."""
    ranks = [(bound.highest, bound.above(limit)) for bound in kinds.values()]
    return (
        None if not ranks or any(not rank for _, rank in ranks) else float(max(high[rank - 1] for high, rank in ranks))
    )


def least_bound(people: int, confidence: float = CONFIDENCE) -> float:
    """Return the lowest bound that so many people allow, of whom nobody scores as high: 1 - (1 - confidence) ** (1 / people)."""
    return float(-np.expm1(np.log1p(-confidence) / people))


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
    """Return the share of (N,) scores whose largest p-value is at most ``alpha``.

    Raises as ``largest_p_values``.
    """
    found = p_values_at_most(scores, kinds, alpha)
    return rate(int(found.sum()), len(found))
