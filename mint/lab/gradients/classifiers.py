"""What turns gradients into a score: the published network, and logistic regressions of a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

EPOCHS, BATCH, RATE = 100, 64, 1e-3
HIDDEN = (128, 128, 64)


def published_scores(fit: np.ndarray, member: np.ndarray, shown: np.ndarray, seed: int) -> np.ndarray:
    """Train the published classifier, fully connected 128-128-64-1, and score with it as it is after the last epoch.

    The paper keeps its best epoch on the set that it is evaluated on. That chooses by the answer, and is not done here.

    Args:
        fit: (N, F) features.
        member: (N,) bool.
        shown: (M, F) features to score.
        seed: of weights and batches.

    Returns:
        (M,) float64 logits; larger = more like a member.
    """
    mean, spread = fit.mean(0), fit.std(0) + 1e-12
    x, x_shown = (torch.from_numpy(((part - mean) / spread).astype(np.float32)) for part in (fit, shown))
    y = torch.from_numpy(member.astype(np.float32))
    random = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sizes = (fit.shape[1], *HIDDEN)
        layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.ReLU())]
        model = nn.Sequential(*layers, nn.Linear(HIDDEN[-1], 1), nn.Flatten(0))
    optimiser = torch.optim.Adam(model.parameters(), RATE)
    for _ in range(EPOCHS):
        for pick in torch.split(torch.randperm(len(y), generator=random), BATCH):
            optimiser.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(x[pick]), y[pick]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    with torch.inference_mode():
        return np.asarray(model(x_shown).numpy(), np.float64)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression of standardised features.

    Attributes:
        weights: (F,) of the features as they are.
        bias: added to them.
    """

    weights: tuple[float, ...]
    bias: float

    @classmethod
    def fit(cls, features: np.ndarray, member: np.ndarray) -> Logistic:
        """Fit to (N, F) features and (N,) bool."""
        from sklearn.linear_model import LogisticRegression

        mean, spread = features.mean(0), features.std(0) + 1e-12
        model = LogisticRegression(max_iter=1000).fit((features - mean) / spread, member)
        weights = model.coef_[0] / spread
        return cls(tuple(map(float, weights)), float(model.intercept_[0] - weights @ mean))

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Score (M, F) features: (M,) float64."""
        return np.asarray(features.astype(np.float64) @ np.array(self.weights) + self.bias)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"weights": list(self.weights), "bias": self.bias}
