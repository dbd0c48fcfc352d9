"""The pixel baseline: membership scores from picture statistics alone, without any network.

Members and non-members of one source must look alike to it (Das, Zhang and Tramèr, arXiv 2406.16201:
attacks that never look at the model beat published ones on nine data sets).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mint.evidence.metrics import auc
from mint.evidence.score_table import TRAINING, VALIDATION
from mint.lab.controls.pixel_statistics import Floats

COLUMN = "statistics/pixels"


def blind_scores(
    x: Mapping[str, Floats], member: Mapping[str, np.ndarray], sources: Mapping[str, Floats]
) -> dict[str, np.ndarray]:
    """Fit a linear model and trees on training photos, choose by validation, score by source.

    Args:
        x: ``training`` and ``validation`` to (N, F) statistics.
        member: the same splits to (N,) bool.
        sources: to be scored, (N, F) statistics each.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    chosen = member[VALIDATION]
    candidates = (
        make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=5000)),
        HistGradientBoostingClassifier(max_iter=100, class_weight="balanced", random_state=0),
    )
    fitted = [model.fit(x[TRAINING], member[TRAINING]) for model in candidates]
    seen = [model.predict_proba(x[VALIDATION])[:, 1] for model in fitted]
    best = fitted[int(np.argmax([auc(s[chosen], s[~chosen]) for s in seen]))]
    return {source: best.predict_proba(found)[:, 1].astype(np.float32) for source, found in sources.items()}
