"""A larger score means more member, for every auditor that is fitted exactly and not by its own scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from mint.auditors.base import Auditor, LogisticAuditor
from mint.auditors.kinds.centred import Centred
from mint.auditors.kinds.consistency import Consistency
from mint.auditors.kinds.norm import Norm
from mint.auditors.kinds.prototype import FEATURES, Prototype
from mint.auditors.kinds.recall import Recall
from mint.evidence.metrics import auc
from mint.lab.training.fit import Schedule, train_auditor

# How to make one, and how many features it reads.
LOGISTIC: dict[str, tuple[Callable[[], Auditor], int]] = {
    "norm": (Norm, 1),
    "prototype": (Prototype, len(FEATURES)),
    "recall": (Recall, len(FEATURES)),
    "centred": (lambda: Centred(5), 5),
    "consistency": (lambda: Consistency(5, 4), 5),
}


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("kind", LOGISTIC)
def test_members_score_higher_whichever_way_their_features_lie(kind: str, higher: bool) -> None:
    make, size = LOGISTIC[kind]
    random = np.random.default_rng(4)

    def drawn(count: int) -> tuple[list[torch.Tensor], np.ndarray]:
        member = np.arange(count) % 2 == 0
        return [torch.from_numpy(random.normal(size=(count, size)) + 3.0 * (member == higher)[:, None]).float()], member

    auditor = make()
    assert isinstance(auditor, LogisticAuditor)
    train_auditor(auditor, *drawn(200), *drawn(100), seed=1, schedule=Schedule())
    features, member = drawn(400)
    scores = auditor.eval()(*features).detach().numpy()
    assert auc(scores[member], scores[~member]) > 0.95
