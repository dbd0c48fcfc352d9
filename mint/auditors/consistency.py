"""Consistency: how steady a network's answer stays when the crop is altered.

A picture that was trained on sits in a pocket of the network that was fitted to it; small changes
move its activation maps differently than those of a new picture. No label and no head is needed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

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
    # Channels last, as the maps lie in memory: flattening copies nothing, and a cosine has no order.
    layers = [m.permute(0, 2, 3, 1).flatten(1) for m in reading.everything.taps.values()]
    found = []
    for values in (*layers, reading.everything.embedding):
        values = values.reshape(-1, group, values.shape[1])
        dot = (values @ values[:, :1].transpose(1, 2)).squeeze(2)
        norm = torch.linalg.vector_norm(values, dim=2)
        cosine = dot[:, 1:] / (norm[:, 1:] * norm[:, :1]).clamp_min(1e-12)
        found.append(torch.atanh(cosine.clamp(-0.9999, 0.9999)))  # cosines near 1 differ in their last digits
    norms = norm.clamp_min(1e-6).log()  # the embedding's, the last of the loop
    found += [norms[:, :1], norms[:, 1:] - norms[:, :1]]
    return torch.cat(found, dim=1)
