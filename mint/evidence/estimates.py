"""Estimate every figure of one score, with 95 % intervals over people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.errors import TooFew
from mint.evidence.bootstrap import DRAWS, Ints, identity_weights, weighted_auc, weighted_tprs
from mint.evidence.metrics import auc, balanced_accuracy, bins_of, calibration_error, tpr_at_fpr, widened

Floats = NDArray[np.float64]
FPRS = (0.01, 0.001)
BINS = 10
TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimates:
    """All estimates of how well one score tells members from non-members.

    Attributes:
        auc: area under the ROC, ties half.
        tpr: false-positive rate to the true-positive rate there; None where non-members are too few.
        accuracy: balanced, at a threshold fixed elsewhere; None without a threshold.
        calibration_error: expected, at a prior of one half; None without a map to probabilities.
        members: pictures.
        non_members: pictures.
        member_people: identities among the members.
        non_member_people: identities among the non-members; some may be members' as well.
    """

    auc: Estimate
    tpr: Mapping[float, Estimate | None]
    accuracy: Estimate | None
    calibration_error: Estimate | None
    members: int
    non_members: int
    member_people: int
    non_member_people: int


def estimates(
    members: ArrayLike,
    non_members: ArrayLike,
    member_identities: ArrayLike,
    non_member_identities: ArrayLike,
    threshold: float | None = None,
    probability: Callable[[Floats], Floats] | None = None,
    sources: ArrayLike | None = None,
    fprs: tuple[float, ...] = FPRS,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimates:
    """Estimate AUC, true-positive rates, balanced accuracy and calibration error of one score.

    Intervals are percentiles over draws of people, the same draws for every figure and, with the
    same seed, for every score of the same pictures. Three exceptions keep them honest:

    - The calibration error of a sample is too high, since noise in a bin never cancels, and that of
      a draw is higher still. The upper end is their percentile, which errs upwards; the lower end is
      the value less the noise: the 97.5 % quantile of the summed distances between the bins' gaps
      in a draw and in the sample. No calibration error further below could have left such gaps.
    - A figure that is 0 or 1 in every draw would get an interval of no width. It gets the
      Clopper-Pearson end for as many cases as the smaller side has people.
    - With one person on a side nothing is known of how people differ: the interval is [0, 1].

    Args:
        members: (M,) scores, larger = more member; infinite ones are scores.
        non_members: (N,) scores.
        member_identities: (M,) numbers or names.
        non_member_identities: (N,) likewise.
        threshold: of "member", fixed on calibration data (``best_threshold``).
        probability: scores to probabilities at a prior of one half, such as ``Platt.probability``.
        sources: (N,) kinds of the non-members, which then weigh alike in the calibration error, as
            they do where a bundle's map is fitted. It changes no other figure.
        fprs: false-positive rates, in (0, 1].
        draws: of people.
        seed: of the draws.

    Raises:
        TooFew: a side is empty.
        ValueError: a score, threshold, probability or identity is not a number, or lengths differ.
    """
    m, n = np.asarray(members, np.float64).ravel(), np.asarray(non_members, np.float64).ravel()
    values: dict[object, float] = {"auc": auc(m, n)}
    if np.size(member_identities) != len(m) or np.size(non_member_identities) != len(n):
        raise ValueError("Scores and identities do not fit.")
    for fpr in fprs:
        try:
            values[fpr] = tpr_at_fpr(m, n, fpr)
        except TooFew:
            continue
    kept = tuple(fpr for fpr in fprs if fpr in values)
    if threshold is not None:
        values["accuracy"] = balanced_accuracy(m, n, threshold)
    gaps = None
    if probability is not None:
        p, weights = np.asarray(probability(np.r_[m, n]), np.float64), balanced_weights(len(m), len(n), sources)
        values["calibration error"] = calibration_error(p, np.arange(len(p)) < len(m), BINS, weights)
        gaps = _Gaps.of(p, weights, len(m))

    drawn: dict[object, list[Floats]] = {name: [] for name in values}
    for w_m, w_n in identity_weights(member_identities, non_member_identities, draws, seed):
        drawn["auc"].append(weighted_auc(m, n, w_m, w_n))
        for fpr, found in zip(kept, weighted_tprs(m, n, w_m, w_n, kept) if kept else (), strict=True):
            drawn[fpr].append(found)
        if threshold is not None:
            right = w_m @ (m >= threshold) / w_m.sum(1), w_n @ (n < threshold) / w_n.sum(1)
            drawn["accuracy"].append((right[0] + right[1]) / 2)
        if gaps is not None:
            drawn["calibration error"].append(gaps.by_draw(w_m, w_n))

    people = len(np.unique(member_identities)), len(np.unique(non_member_identities))
    estimates = {
        name: _calibration(value, np.concatenate(drawn[name]), gaps.sample())
        if gaps is not None and name == "calibration error"
        else _estimate(value, np.concatenate(drawn[name]), min(people))
        for name, value in values.items()
    }
    if min(people) < 2:
        estimates = {name: Estimate(value, 0.0, 1.0) for name, value in values.items()}
    return Estimates(
        estimates["auc"],
        {fpr: estimates.get(fpr) for fpr in fprs},
        estimates.get("accuracy"),
        estimates.get("calibration error"),
        len(m),
        len(n),
        *people,
    )


def _estimate(value: float, drawn: Floats, people: int) -> Estimate:
    low, high = (float(q) for q in np.quantile(drawn, TAILS))
    return Estimate(value, *widened(value, low, high, people))


def _calibration(value: float, drawn: Floats, gaps: Floats) -> Estimate:
    noise = float(np.quantile(np.abs(drawn - gaps).sum(1), TAILS[1]))
    high = float(np.quantile(np.abs(drawn).sum(1), TAILS[1]))
    return Estimate(value, max(0.0, value - noise), max(value, high))


def balanced_weights(members: int, non_members: int, sources: ArrayLike | None) -> Floats:
    """Return (M + N,) weights: half for members, half shared by the kinds of non-members."""
    kinds = np.zeros(non_members) if sources is None else np.ravel(sources)
    if len(kinds) != non_members:
        raise ValueError(f"{non_members} non-members cannot be of {len(kinds)} sources.")
    _, number, size = np.unique(kinds, return_inverse=True, return_counts=True)
    weights: Floats = np.r_[np.full(members, 0.5 / members), 0.5 / len(size) / size[number]]
    return weights


@dataclass(frozen=True, slots=True, eq=False)
class _Gaps:
    """The share of each picture in its bin's calibration gap, linear in weights."""

    members: Floats  # (M, BINS)
    non_members: Floats  # (N, BINS)
    weights: tuple[Floats, Floats]  # (M,), (N,)

    @classmethod
    def of(cls, probabilities: Floats, weights: Floats, members: int) -> _Gaps:
        place = bins_of(probabilities, BINS)[:, None] == np.arange(BINS)
        is_member = np.arange(len(probabilities)) < members
        gaps = place * (weights * (probabilities - is_member))[:, None]
        return cls(gaps[:members], gaps[members:], (weights[:members], weights[members:]))

    def by_draw(self, w_m: Ints, w_n: Ints) -> Floats:
        """Return (D, BINS) gaps, with half of the weight for either class in every draw.

        Their absolute values add up to the error.
        """
        m = w_m @ self.members / (w_m @ self.weights[0])[:, None]
        n = w_n @ self.non_members / (w_n @ self.weights[1])[:, None]
        found: Floats = (m + n) / 2
        return found

    def sample(self) -> Floats:
        """Return the (BINS,) gaps of the sample itself."""
        once = np.ones((1, len(self.members)), np.int32), np.ones((1, len(self.non_members)), np.int32)
        found: Floats = self.by_draw(*once)[0]
        return found
