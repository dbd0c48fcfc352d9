"""How many photos of a set were used, and which ones: a share with its interval, and a list at a false-discovery rate.

A test with known error rates counts too few members and some non-members. The share corrects for both (Rogan and
Gladen 1978). Its interval inverts a test: it holds every number of used photos under which as many positive answers
as were seen are no surprise. Errors come in people, some of whom are taken for members again and again; so the rates are
drawn anew for every person, as they differ between people of the test split.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.errors import TooFew
from mint.evidence.metrics import clustered_rate

Floats = NDArray[np.float64]
TAIL = 0.025  # on either side of the interval
LEAST_ERRING = 10  # people who err: of fewer nobody can tell whether errors come in people


@dataclass(frozen=True, slots=True)
class PeopleRates:
    """How often a test says "used" of photos of one kind, and how much that differs between people.

    Attributes:
        mean: over photos, in [0, 1].
        photos: how many independent photos would give the mean as exactly as these did; one a person where fewer than
            ``LEAST_ERRING`` people err.
        alike: intraclass correlation of photos of one person, in [0, 1): 0 if all people have the same rate.
    """

    mean: float
    photos: float
    alike: float

    @classmethod
    def of(cls, hits: ArrayLike, people: ArrayLike) -> PeopleRates:
        """Estimate the rates from (N,) bool answers and who is on each photo.

        Raises:
            TooFew: there are no photos.
        """
        h = np.asarray(hits, np.float64)
        rate = clustered_rate(h, people)
        _, numbers = np.unique(np.asarray(people), return_inverse=True)
        n = np.bincount(numbers).astype(np.float64)
        shares = np.bincount(numbers, h) / n
        alike = 0.0
        if len(n) > 1 and n.sum() > len(n):
            # One-way analysis of variance (Ridout, Demétrio and Firth 1999).
            between = float((n * (shares - rate.value) ** 2).sum() / (len(n) - 1))
            within = float((n * shares * (1 - shares)).sum() / (n.sum() - len(n)))
            typical = (n.sum() - (n**2).sum() / n.sum()) / (len(n) - 1)
            spread = between + (typical - 1) * within
            alike = min(0.99, max(0.0, (between - within) / spread)) if spread > 0 else 0.0
        effect = 1 + (float((n**2).sum() / n.sum()) - 1) * alike
        erring = np.count_nonzero(shares != round(rate.value))
        return cls(rate.value, len(h) / effect if erring >= LEAST_ERRING else float(len(n)), alike)

    def draw(self, random: np.random.Generator, draws: int, people: int) -> Floats:
        """Draw the rates of people who were not seen: (draws, people), in [0, 1]."""
        mean = random.beta(self.mean * self.photos + 0.5, (1 - self.mean) * self.photos + 0.5, size=(draws, 1))
        if self.alike < 1e-6:
            return np.broadcast_to(mean, (draws, people))
        size = 1 / self.alike - 1
        return random.beta(np.maximum(mean * size, 1e-9), np.maximum((1 - mean) * size, 1e-9), size=(draws, people))


@dataclass(frozen=True, slots=True)
class UsageShare:
    """Which share of a set of photos was used.

    Attributes:
        value: best estimate, in [0, 1].
        low: lower end of the 95 % interval, in [0, 1].
        high: its upper end.
        positive: photos with a positive answer.
        n: photos.
        people: who are on them.
    """

    value: float
    low: float
    high: float
    positive: int
    n: int
    people: int

    @property
    def anything(self) -> bool:
        """Return whether every number of used photos fits what was seen, so that nothing can be told."""
        return round(self.low * self.n) == 0 and round(self.high * self.n) == self.n


def expected_error(found: float, alarms: Collection[float], photos: int) -> float:
    """Return the mean squared error of the share of a set, half of which was used; infinite where the test tells none.

    It falls with a limit that finds more members, and grows with false alarms, most of all where their rate differs between
    kinds: nobody knows of which kind the unused photos are.

    Args:
        found: rate of members, in [0, 1].
        alarms: rates of non-members, one a kind, in [0, 1].
        photos: in the set.
    """
    least, worst = min(alarms), max(alarms)
    if found <= worst:
        return float("inf")
    chance = (found * (1 - found) + worst * (1 - worst)) / (2 * photos)
    return (chance + ((worst - least) / 2) ** 2) / (found - worst) ** 2


def usage_share(
    hits: ArrayLike,
    people: ArrayLike,
    members: PeopleRates,
    non_members: Mapping[str, PeopleRates],
    seed: int = 0,
    draws: int = 4000,
) -> UsageShare:
    """Estimate which share of a set of photos was used.

    Args:
        hits: (N,) bool, whether the test says "used".
        people: (N,) who is on each photo.
        members: rates of photos that were used.
        non_members: rates of unused photos, by kind. Nobody knows of which kind those of the set are: the lower end is
            that of the kind with the highest rate, the upper end that of the kind with the lowest.
        seed: of the draws.
        draws: of sets as they might have been; each takes memory in proportion to N.

    Raises:
        TooFew: there are no photos, or no rates of non-members.
        ValueError: hits and people do not fit, or members are not found more often than non-members.
    """
    h = np.asarray(hits, bool).ravel()
    if not len(h) or not non_members:
        raise TooFew("A share needs at least one photo, and rates of unused photos.")
    if np.size(people) != len(h):
        raise ValueError(f"{len(h)} answers cannot belong to {np.size(people)} people.")
    kinds = sorted(non_members.values(), key=lambda r: r.mean)
    least, worst = kinds[0], kinds[-1]
    if members.mean <= worst.mean:
        raise ValueError("The test does not find members more often than non-members, so it tells no share.")
    _, numbers = np.unique(np.asarray(people), return_inverse=True)
    positive, n = int(h.sum()), len(h)
    low = _accepted(positive, numbers, members, worst, seed, draws)[0] / n
    high = _accepted(positive, numbers, members, least, seed, draws)[1] / n
    value = (positive / n - worst.mean) / (members.mean - worst.mean)
    return UsageShare(float(np.clip(value, low, high)), low, high, positive, n, int(numbers.max()) + 1)


def _accepted(
    positive: int, people: NDArray[np.int64], members: PeopleRates, others: PeopleRates, seed: int, draws: int
) -> tuple[int, int]:
    """Return the smallest and the largest number of used photos that fit what was seen."""
    random = np.random.default_rng(seed)
    n = len(people)
    order = random.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)  # any k photos may be the used ones
    who = people[order]
    rows = np.arange(draws)[:, None]
    found = random.random((draws, n)) < members.draw(random, draws, people.max() + 1)[rows, who]
    alarms = random.random((draws, n)) < others.draw(random, draws, people.max() + 1)[rows, who]
    none = np.zeros((draws, 1), np.int64)
    used = np.hstack([none, np.cumsum(found, axis=1)])
    unused = alarms.sum(1, keepdims=True) - np.hstack([none, np.cumsum(alarms, axis=1)])
    counts = used + unused  # positive answers if the first k of the order were used, for every k
    fits = np.flatnonzero(((counts >= positive).mean(0) > TAIL) & ((counts <= positive).mean(0) > TAIL))
    # Where nothing fits, such as 3 of 40 by a test that finds everything and errs in 20 %, the nearest number does.
    nearest = int(np.abs(np.median(counts, axis=0) - positive).argmin())
    return (int(fits[0]), int(fits[-1])) if len(fits) else (nearest, nearest)


def discoveries(p_values: ArrayLike, rate: float) -> NDArray[np.int64]:
    """Return which photos to name, so that a share of at most ``rate`` of the named ones is expected to be wrong.

    Benjamini and Hochberg 1995. It holds for p-values that share their calibration set (Bates et al. 2023) and for
    photos that err together, as those of one person do (Benjamini and Yekutieli 2001: positive dependence).

    Args:
        p_values: (N,) in (0, 1].
        rate: false-discovery rate, in (0, 1).

    Returns:
        Indices, in ascending order of the p-value.
    """
    p = np.asarray(p_values, np.float64).ravel()
    if not 0 < rate < 1:
        raise ValueError(f"the false-discovery rate must lie between 0 and 1; got {rate}")
    if np.isnan(p).any() or (p <= 0).any() or (p > 1).any():
        raise ValueError("a p-value lies above 0 and up to 1")
    order = np.argsort(p, kind="stable")
    below = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    return order[: below[-1] + 1] if len(below) else order[:0]
