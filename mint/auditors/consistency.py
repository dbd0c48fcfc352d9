"""Consistency: how steady a network's answer stays when the crop is altered.

A picture that was trained on sits in a pocket of the network that was fitted to it; small changes
move its activation maps differently than those of a new picture. No label and no head is needed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from mint.auditors.base import Auditor, Reading


class Consistency(Auditor):
    """Cosines between a crop's maps and those of its views, per layer and view, to a score.

    Args:
        size: number of features, (taps + 1) * K + (K + 1).
    """

    kind = "consistency"
    layer = "views"
    views = True
    logistic = True

    def __init__(self, size: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(size, affine=False, momentum=None)
        self.linear = nn.Linear(size, 1)

    def features(self, reading: Reading) -> list[Tensor]:
        return [consistency_features(reading)]

    def forward(self, *features: Tensor) -> Tensor:
        out: Tensor = self.linear(self.norm(features[0]))
        return out.squeeze(1)


def consistency_features(reading: Reading) -> Tensor:
    """(N, F): per layer and view atanh of the cosine, then log norms of the embeddings.

    Raises:
        ValueError: the reading was made without views.
    """
    if not reading.views:
        raise ValueError("the consistency auditor needs a reading with views")
    group = 1 + reading.views
    layers = [*(m.flatten(1) for m in reading.everything.taps.values()), reading.everything.embedding]
    found = []
    for values in layers:
        values = values.reshape(-1, group, values.shape[1])
        cosine = cosine_similarity(values[:, :1], values[:, 1:], dim=2)
        found.append(torch.atanh(cosine.clamp(-0.9999, 0.9999)))  # cosines near 1 differ in their last digits
    norms = reading.everything.embedding.norm(dim=1).reshape(-1, group).clamp_min(1e-6).log()
    found += [norms[:, :1], norms[:, 1:] - norms[:, :1]]
    return torch.cat(found, dim=1)
