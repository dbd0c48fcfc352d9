"""Fuse several scores to one, and map a score to a probability, both by logistic regression.

The map from score to probability was fitted to the pictures of a few dozen people. Its two
parameters get the cluster-robust ("sandwich") covariance of a weighted logistic regression, with
the people as clusters (Liang and Zeger 1986; Cameron and Miller 2015, section VI.C), and a
probability the interval that follows by the delta method on the scale of the logit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.errors import TooFew

Floats = NDArray[np.float64]
Z = 1.959964  # 97.5 % quantile of the normal distribution
SURPLUS = 0.02  # the share that counts of what lies beyond a cap: an order stays, and no auditor outvotes the others


@dataclass(frozen=True, slots=True)
class Fusion:
    """A weighted sum of columns, or the larger of two such sums.

    Attributes:
        weights: column name to weight.
        bias: added to the sum.
        caps: column name to the score beyond which more is hardly any more evidence; a column without one has none.
        otherwise: a second way to be called a member; None if there is none.
    """

    weights: Mapping[str, float]
    bias: float
    otherwise: Fusion | None = None
    caps: Mapping[str, float] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it reads."""
        more: frozenset[str] = frozenset() if self.otherwise is None else self.otherwise.columns
        return frozenset(self.weights) | more

    def score(self, columns: Mapping[str, ArrayLike]) -> Floats:
        """Return (N,) fused scores of N rows. Raises KeyError if a column is missing."""
        total = sum(w * self._counted(name, np.asarray(columns[name], np.float64)) for name, w in self.weights.items())
        own = np.asarray(total + self.bias, dtype=np.float64)
        return own if self.otherwise is None else np.maximum(own, self.otherwise.score(columns))

    def _counted(self, name: str, values: Floats) -> Floats:
        cap = self.caps.get(name)
        return values if cap is None else np.minimum(values, cap) + SURPLUS * np.maximum(values - cap, 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return what a bundle stores."""
        more: dict[str, Any] = {} if self.otherwise is None else {"otherwise": self.otherwise.to_dict()}
        capped = {"caps": dict(self.caps)} if self.caps else {}
        return {"weights": dict(self.weights), "bias": self.bias, **more, **capped}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Fusion:
        """Read what ``to_dict`` returned. Raises KeyError or TypeError if it is malformed."""
        more = stored.get("otherwise")
        return cls(
            stored["weights"], stored["bias"], None if more is None else cls.from_dict(more), stored.get("caps") or {}
        )


@dataclass(frozen=True, slots=True)
class Platt:
    """A map from score to probability at a prior of one half (Platt 1999), never falling."""

    slope: float
    bias: float

    def probability(self, scores: ArrayLike) -> Floats:
        """Return (N,) probabilities in (0, 1)."""
        z = self.slope * np.asarray(scores, np.float64) + self.bias
        result: Floats = 0.5 * (1.0 + np.tanh(z / 2.0))
        return result


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
