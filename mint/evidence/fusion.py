"""Fuse several scores to one, and map a score to a probability, both by logistic regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fusion:
    """A weighted sum of columns, or the larger of two such sums.

    Attributes:
        weights: column name to weight.
        bias: added to the sum.
        otherwise: a second way to be called a member; None if there is none.
    """

    weights: Mapping[str, float]
    bias: float
    otherwise: Fusion | None = None

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it reads."""
        more: frozenset[str] = frozenset() if self.otherwise is None else self.otherwise.columns
        return frozenset(self.weights) | more

    def score(self, columns: Mapping[str, ArrayLike]) -> Floats:
        """Return (N,) fused scores of N rows. Raises KeyError if a column is missing."""
        total = sum(w * np.asarray(columns[name], np.float64) for name, w in self.weights.items())
        own = np.asarray(total + self.bias, dtype=np.float64)
        return own if self.otherwise is None else np.maximum(own, self.otherwise.score(columns))

    def to_dict(self) -> dict[str, Any]:
        """Return what a bundle stores."""
        more = {} if self.otherwise is None else {"otherwise": self.otherwise.to_dict()}
        return {"weights": dict(self.weights), "bias": self.bias, **more}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Fusion:
        """Read what ``to_dict`` returned. Raises KeyError or TypeError if it is malformed."""
        more = stored.get("otherwise")
        return cls(stored["weights"], stored["bias"], None if more is None else cls.from_dict(more))


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
