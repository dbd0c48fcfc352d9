"""Since which version of a network a photo was used, and whether it was taken out: ratios over a sequence of versions.

After SeMI* (Michel, Basu and Kaufmann 2026, arXiv 2602.16596), with a membership score in place of their mean. A photo's scores
under V versions are taken as normal: around one mean for photos never used, and moved by a known jump from the version on that
first used it. Scores or their increments from one version to the next give the same ratios, as each is a linear map of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.evidence.conformal import FalseAlarmBound, largest_p_values, people_p_values

Floats = NDArray[np.float64]
COVERAGE = 0.9  # of the set of versions
USUAL = 0.9  # of the photos that were never used


@dataclass(frozen=True, slots=True, eq=False)
class SequenceModel:
    """How scores lie over V versions, oldest first.

    Attributes:
        mean: (V,) of photos never used.
        precision: (V, V) inverse of their covariance.
        jumps: (V, V); row t is what use from version t on adds to the mean, with 0 before t.
        fade: share of the jump of a first use at version t that taking a photo out at that version takes away.
    """

    mean: Floats
    precision: Floats
    jumps: Floats
    fade: float = 1.0

    def usual(self) -> Floats:
        """Return (V, 2), the scores under each version between which nine in ten photos that were never used lie."""
        spread = NormalDist().inv_cdf((1 + USUAL) / 2) * np.sqrt(np.diag(np.linalg.inv(self.precision)))
        found: Floats = np.stack([self.mean - spread, self.mean + spread], axis=1)
        return found

    def ratios(self, scores: ArrayLike) -> Floats:
        """Return (N, V) log-likelihood ratios of "first used by version t" to "never used", of (N, V) scores.

        Each is the best over whether the photo stayed, or was taken out by a later version.
        """
        found = [self._against(scores, self._shifts(first)).max(axis=1) for first in range(len(self.mean))]
        return np.stack(found, axis=1)

    def removals(self, scores: ArrayLike) -> Floats:
        """Return (N, V) log-likelihood ratios of "used before, taken out by version t" to "used, and never taken out".

        Either side is the best over the version of the first use. Of the first version it is minus infinity: there was no
        use before it.
        """
        stayed = self._against(scores, self.jumps).max(axis=1)
        found = np.full((len(stayed), len(self.mean)), -np.inf)
        for t in range(1, len(self.mean)):
            found[:, t] = self._against(scores, self.jumps[:t] - self.fade * self.jumps[t]).max(axis=1) - stayed
        return found

    def _shifts(self, first: int) -> Floats:
        """Return (K, V) shifts of the mean by a first use: of a photo that stayed, then of one taken out by each later version."""
        gone = np.concatenate([np.zeros((1, len(self.mean))), self.fade * self.jumps[first + 1 :]])
        found: Floats = self.jumps[first] - gone
        return found

    def _against(self, scores: ArrayLike, shifts: Floats) -> Floats:
        s: Floats = np.asarray(scores, np.float64)
        if s.ndim != 2 or s.shape[1] != len(self.mean):
            raise ValueError(f"scores of {len(self.mean)} versions are (N, {len(self.mean)}), not {s.shape}")
        if np.isnan(s).any():
            raise ValueError("A score is not a number.")
        weights = shifts @ self.precision
        found: Floats = (s - self.mean) @ weights.T - (weights * shifts).sum(1) / 2
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A calibrated value of photos whose truth is known, and who is on them.

    Attributes:
        values: (N,).
        people: (N,) numbers.
    """

    values: Floats
    people: NDArray[np.int64]

    def bound(self) -> FalseAlarmBound:
        """Bound how often a photo of a new person reaches a value. Raises TooFew."""
        return FalseAlarmBound.of(self.values, self.people)


@dataclass(frozen=True, slots=True, eq=False)
class SequenceTest:
    """A model with what known photos reach under it; every known value is the same maximum that a new photo's is.

    Attributes:
        model: of the scores.
        never: kind of non-members to their largest ratios.
        members: the largest ratios of members that were never taken out.
        gaps: for each version, how far the ratio of members first used there lies below their largest.
        stayed: for each version but the last, of members first used there and never taken out, their largest ratio of a removal.
            Those of the last have had no time to be taken out.
    """

    model: SequenceModel
    never: Mapping[str, Known]
    members: Known
    gaps: Sequence[Known]
    stayed: Sequence[Known]

    @property
    def versions(self) -> int:
        """The number of versions, V."""
        return len(self.model.mean)

    def statistic(self, scores: ArrayLike) -> Floats:
        """Return the (N,) largest ratios over the versions: larger = more like a member."""
        found: Floats = self.model.ratios(scores).max(axis=1)
        return found

    def p_values(self, scores: ArrayLike) -> Floats:
        """Return (N,) p-values of "never used": the largest bound over the kinds of non-members."""
        return largest_p_values(self.statistic(scores), self.bounds())

    def bounds(self) -> dict[str, FalseAlarmBound]:
        """Return how often each kind of non-members reaches a largest ratio at most. Raises TooFew."""
        return {kind: known.bound() for kind, known in self.never.items()}

    def first_used(self, scores: ArrayLike) -> NDArray[np.int64]:
        """Return the (N,) most likely versions of the first use, from 0."""
        found: NDArray[np.int64] = self.model.ratios(scores).argmax(axis=1)
        return found

    def sets(self, scores: ArrayLike) -> NDArray[np.bool_]:
        """Return (N, V) bool: versions of the first use that cannot be excluded.

        For each version, of members first used there, at least ``COVERAGE`` have it in their set: conformal, by people. Versions
        with fewer than nine people are always in it.
        """
        ratios = self.model.ratios(scores)
        gaps = ratios.max(axis=1, keepdims=True) - ratios
        inside = [
            people_p_values(gaps[:, t], known.values, known.people) > 1 - COVERAGE if len(known.values) else True
            for t, known in enumerate(self.gaps)
        ]
        kept: NDArray[np.bool_] = np.stack([np.broadcast_to(one, len(gaps)) for one in inside], axis=1)
        kept |= gaps == 0
        return kept

    def removal_statistic(self, scores: ArrayLike) -> Floats:
        """Return the (N,) largest ratios of a removal over the versions: larger = more like a photo that was taken out."""
        found: Floats = self.model.removals(scores).max(axis=1)
        return found

    def removal_p_values(self, scores: ArrayLike) -> Floats:
        """Return (N,) p-values of "still used", for photos that were used: the largest bound over versions of the first use.

        It is 1 for a photo that looks more like one that stayed than like one that was taken out: where a network remembers
        well, photos that stayed are so much surer of it that one which is only a little weaker, such as an edited one, is rare
        among them, and yet no sign of a removal. Raises TooFew.
        """
        bounds = {str(t): known.bound() for t, known in enumerate(self.stayed)}
        found = self.removal_statistic(scores)
        return np.where(found > 0, largest_p_values(found, bounds), 1.0)

    def taken_out(self, scores: ArrayLike) -> NDArray[np.int64]:
        """Return the (N,) most likely versions of a removal, from 1."""
        found: NDArray[np.int64] = self.model.removals(scores).argmax(axis=1)
        return found
