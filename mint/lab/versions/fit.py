"""Fit and calibrate the test over versions on photos whose first and last use is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf

from mint.bundles.bundle import SAME_SOURCE
from mint.errors import TooFew
from mint.evidence.sequence import Floats, Known, SequenceModel, SequenceTest

NEVER = -1  # the first version of a photo that no version used
FOLDS = 10  # of the people: nobody's value comes from a model that was fitted on them
MIN_OF_A_VERSION = 10  # people of each version's first use, and of non-members


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Photos whose use by V versions is known.

    Attributes:
        scores: (N, V).
        people: (N,) numbers.
        first: (N,) first version that used it, from 0, or ``NEVER``.
        out: (N,) version from which on it was not used any more; V if it stayed, and where it was never used.
        kinds: (N,) kind of non-member, such as ``siblings``; empty of members.
    """

    scores: Floats
    people: NDArray[np.int64]
    first: NDArray[np.int64]
    out: NDArray[np.int64]
    kinds: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.people)

    def __getitem__(self, picked: NDArray[np.bool_] | NDArray[np.int64]) -> History:
        return History(
            self.scores[picked], self.people[picked], self.first[picked], self.out[picked], self.kinds[picked]
        )

    @property
    def versions(self) -> int:
        """The number of versions, V."""
        return int(self.scores.shape[1])

    @property
    def never(self) -> NDArray[np.bool_]:
        """Return (N,) bool: no version used it."""
        found: NDArray[np.bool_] = self.first == NEVER
        return found

    @property
    def stayed(self) -> NDArray[np.bool_]:
        """Return (N,) bool: it was used, and never taken out."""
        found: NDArray[np.bool_] = ~self.never & (self.out == self.versions)
        return found


def fit(known: History) -> SequenceModel:
    """Fit mean and shrunk covariance (Ledoit and Wolf 2004) of photos never used, and the mean jumps of members.

    Non-members are the siblings, where there are enough of them: other photos of the members' people, which differ from
    them in use alone. Else those of the members' source, else all. A photo's jump is 0 before its first use: what was
    there before cannot be use. How much of a jump a removal takes away is fitted on photos that were taken out, where
    there are enough of them; else it is all of it.

    Raises:
        TooFew: nobody, or fewer than ``MIN_OF_A_VERSION`` people, were first used at a version, or never.
    """
    hard = [known.kinds == kind for kind in SAME_SOURCE]
    choices = [hard[0], np.logical_or.reduce(hard), known.never]
    others = next((known[one] for one in choices if len(np.unique(known.people[one])) >= MIN_OF_A_VERSION), None)
    if others is None:
        raise TooFew(f"Photos of at least {MIN_OF_A_VERSION} people that no version used are needed.")
    mean = others.scores.mean(axis=0)
    jumps = np.zeros((known.versions, known.versions))
    for t in range(known.versions):
        members = known[known.stayed & (known.first == t)]
        if len(np.unique(members.people)) < MIN_OF_A_VERSION:
            raise TooFew(
                f"Photos of at least {MIN_OF_A_VERSION} people that version {t + 1} used first, and that were not taken out, are needed."
            )
        jumps[t, t:] = members.scores.mean(axis=0)[t:] - mean[t:]
    precision = np.linalg.inv(LedoitWolf().fit(others.scores).covariance_)
    return SequenceModel(mean, precision, jumps, _fade(known, mean, precision, jumps))


def _fade(known: History, mean: Floats, precision: Floats, jumps: Floats) -> float:
    """Return the share of a jump that a removal takes away, in [0, 1], by least squares; 1 where too few were taken out."""
    gone = known[~known.never & ~known.stayed]
    if len(np.unique(gone.people)) < MIN_OF_A_VERSION:
        return 1.0
    lost, full = mean + jumps[gone.first] - gone.scores, jumps[gone.out] @ precision
    return float(np.clip((lost * full).sum() / (jumps[gone.out] * full).sum(), 0, 1))


def calibrated(known: History, seed: int = 0) -> SequenceTest:
    """Fit a model, and let each fold of the people be scored by a model fitted on the others.

    Args:
        known: of people for whom no auditor was fitted.
        seed: of the folds.

    Raises:
        TooFew: as ``fit``.
    """
    names, numbers = np.unique(known.people, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(names))[numbers] % FOLDS
    ratios, removals = (np.full(known.scores.shape, np.nan) for _ in range(2))
    for k in range(FOLDS):
        here = fold == k
        if here.any():
            model = fit(known[~here])
            ratios[here], removals[here] = model.ratios(known.scores[here]), model.removals(known.scores[here])
    largest = ratios.max(axis=1)

    def of(values: Floats, which: NDArray[np.bool_]) -> Known:
        return Known(values[which], known.people[which])

    return SequenceTest(
        model=fit(known),
        never={str(kind): of(largest, known.kinds == kind) for kind in np.unique(known.kinds[known.never])},
        members=of(largest, known.stayed),
        gaps=[of(largest - ratios[:, t], known.stayed & (known.first == t)) for t in range(known.versions)],
        stayed=[of(removals.max(axis=1), known.stayed & (known.first == t)) for t in range(known.versions - 1)],
    )
