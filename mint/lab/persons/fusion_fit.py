"""Fit the weights of a fusion by logistic regression, none of them against the grain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from mint.evidence.fusion import Fusion


def fit_fusion(columns: Mapping[str, ArrayLike], positive: ArrayLike, strength: float = 1.0) -> Fusion:
    """Fit non-negative logistic weights, both sides counting alike.

    A column that helps only with a negative weight would make a photo look less used by looking more so; it gets 0, and the
    others are fitted again without it. If no column helps, the least bad one is kept at 0.

    Args:
        columns: name to (N,) scores, each larger where a row is more likely positive.
        positive: (N,) bool, both values present.
        strength: inverse of the L2 penalty, on columns of spread 1.
    """
    from sklearn.linear_model import LogisticRegression

    names = list(columns)
    x = np.stack([np.asarray(columns[name], np.float64) for name in names], axis=1)
    scale = x.std(0) + 1e-9
    kept = list(range(len(names)))
    while True:
        model = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000)
        model.fit((x / scale)[:, kept], np.asarray(positive, bool))
        weights = model.coef_[0]
        if (weights >= 0).all() or len(kept) == 1:
            break
        kept = [k for k, w in zip(kept, weights, strict=True) if w > 0] or [kept[int(np.argmax(weights))]]
    found = dict.fromkeys(names, 0.0)
    found |= {names[k]: max(0.0, float(w / scale[k])) for k, w in zip(kept, weights, strict=True)}
    return Fusion(found, float(model.intercept_[0]))
