"""Uncertainty of a calibrated probability over the people that it was calibrated on.

The map from score to probability was fitted to the pictures of a few dozen people. Its two
parameters get the cluster-robust ("sandwich") covariance of a weighted logistic regression, with
the people as clusters (Liang and Zeger 1986; Cameron and Miller 2015, section VI.C), and a
probability the interval that follows by the delta method on the scale of the logit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.errors import TooFew
from mint.evidence.fusion import Platt

Floats = NDArray[np.float64]
Z = 1.959964  # 97.5 % quantile of the normal distribution


@dataclass(frozen=True, slots=True, eq=False)
class Confidence:
    """A calibration map with the covariance of its parameters.

    Attributes:
        platt: the map.
        covariance: (2, 2) of its slope and bias, over people.
    """

    platt: Platt
    covariance: Floats

    def interval(self, score: float) -> tuple[float, float]:
        """Return the 95 % interval of the probability of one score, within [0, 1]."""
        at = np.array([score, 1.0])
        logit, spread = at @ (self.platt.slope, self.platt.bias), Z * np.sqrt(max(0.0, at @ self.covariance @ at))
        low, high = (0.5 * (1 + np.tanh((logit + side) / 2)) for side in (-spread, spread))
        return float(low), float(high)


def confidence(
    platt: Platt,
    members: Sequence[ArrayLike],
    non_members: Sequence[ArrayLike],
    member_people: Sequence[ArrayLike],
    non_member_people: Sequence[ArrayLike],
) -> Confidence:
    """Estimate the covariance of a map over the people that it was fitted to.

    Both sides weigh alike, and the kinds of pictures alike within a side, as in the fit.

    Args:
        platt: the map, fitted to these very scores.
        members: kinds of members, (M,) scores each.
        non_members: kinds of non-members likewise.
        member_people: who is on each picture, in the same order; a person may be on both sides.
        non_member_people: likewise.

    Raises:
        TooFew: fewer than two people.
        ValueError: scores and people do not fit.
    """
    x = np.concatenate([np.ravel(part) for part in (*members, *non_members)]).astype(np.float64)
    people = np.concatenate([np.ravel(part) for part in (*member_people, *non_member_people)])
    if len(x) != len(people):
        raise ValueError(f"{len(x)} scores cannot belong to {len(people)} people.")
    names, clusters = np.unique(people, return_inverse=True)
    if len(names) < 2:
        raise TooFew("How far other people would move a probability needs at least two people.")
    kinds = [np.size(part) for part in (*members, *non_members)]
    kind = np.repeat(np.arange(len(kinds)), kinds)
    y = (kind < len(members)).astype(np.float64)
    shares = [len(members)] * len(members) + [len(non_members)] * len(non_members)
    weight = 1 / (np.array(kinds) * shares)[kind]
    # The scores are centred and scaled before a matrix is inverted, and put back afterwards.
    centre, scale = x.mean(), x.std() or 1.0
    design = np.stack([(x - centre) / scale, np.ones(len(x))], axis=1)
    p = platt.probability(x)
    bread = np.linalg.pinv((design * (weight * p * (1 - p))[:, None]).T @ design)
    # A kind's weight stays what it is whoever is drawn, so only what differs within it can pull.
    pull = design * (y - p)[:, None]
    means = np.stack([np.bincount(kind, column) / kinds for column in pull.T], axis=1)
    pulls = np.zeros((len(names), 2))
    np.add.at(pulls, clusters, (pull - means[kind]) * weight[:, None])
    meat = pulls.T @ pulls * len(names) / (len(names) - 1)
    back = np.array([[1 / scale, 0.0], [-centre / scale, 1.0]])
    return Confidence(platt, back @ bread @ meat @ bread @ back.T)
