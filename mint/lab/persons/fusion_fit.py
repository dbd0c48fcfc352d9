"""Fit the weights of a fusion by logistic regression, none of them against the grain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from mint.evidence.fusion import Fusion


def fit_fusion(columns: Mapping[str, ArrayLike], positive: ArrayLike, strength: float = 1.0) -> Fusion:
    """Fit non-negative logistic weights, both sides counting alike.

    A column that helps only with a negative weight would make a photo look less used by looking more so; it gets 0, and the
    others are fitted again without it. Where no column helps, the least bad one is taken as it is: what is scored on other
    photos is then no better than it, and is seen to be.

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
        if (weights > 0).all():
            break
        helping = [k for k, w in zip(kept, weights, strict=True) if w > 0]
        if not helping:
            weights, kept = np.ones(1), [kept[int(np.argmax(weights))]]
            break
        kept = helping
    found = dict.fromkeys(names, 0.0)
    found |= {names[k]: float(w / scale[k]) for k, w in zip(kept, weights, strict=True)}
    return Fusion(found, float(model.intercept_[0]))
