"""Several auditors' scores to one score, and a score to a probability: logistic, nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fusion:
    """A weighted sum of columns.

    Attributes:
        weights: column name to weight.
        bias: added to the sum.
    """

    weights: Mapping[str, float]
    bias: float

    def score(self, columns: Mapping[str, ArrayLike]) -> Floats:
        """(N,) fused scores of N rows; raises KeyError if a column is missing."""
        total = sum(w * np.asarray(columns[name], np.float64) for name, w in self.weights.items())
        return np.asarray(total + self.bias, dtype=np.float64)

    def to_dict(self) -> dict[str, Any]:
        """As stored in a bundle."""
        return {"weights": dict(self.weights), "bias": self.bias}


@dataclass(frozen=True, slots=True)
class Platt:
    """Score to probability at a prior of one half (Platt 1999); never falling with the score."""

    slope: float
    bias: float

    def probability(self, scores: ArrayLike) -> Floats:
        """(N,) probabilities in (0, 1)."""
        z = self.slope * np.asarray(scores, np.float64) + self.bias
        result: Floats = 0.5 * (1.0 + np.tanh(z / 2.0))
        return result
