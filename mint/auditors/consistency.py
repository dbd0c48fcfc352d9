"""Consistency: how steady a network's answer stays when the crop is altered.

A picture that was trained on sits in a pocket of the network that was fitted to it; small changes
move its embedding differently than that of a new picture. No label and no head is needed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mint.auditors.bands import BANDS, FARTHEST, PER_BAND, band_features, principal_axes
from mint.auditors.base import Auditor, Reading
from mint.auditors.views import VIEWS

MIRROR = 1 + list(VIEWS).index("flip")  # recognisers are trained on mirror images as well


class Consistency(Auditor):
    """Agreement of a crop with its views, at the last tap and at the embedding, to a score.

    Args:
        size: number of features, see ``feature_count``.
        embedding: length of the network's embedding.
    """

    kind = "consistency"
    layer = "views"
    views = True
    logistic = True
    mirrored = True
    refit = True
    axes: Tensor  # (E, E), until ``prepare`` those of the embedding itself

    def __init__(self, size: int, embedding: int) -> None:
        super().__init__()
        self.register_buffer("axes", torch.eye(embedding))
        self.norm = nn.BatchNorm1d(size, affine=False, momentum=None)
        self.linear = nn.Linear(size, 1)

    def prepare(self, reference: Tensor) -> None:
        self.axes.copy_(principal_axes(reference))

    def features(self, reading: Reading) -> list[Tensor]:
        agreement = consistency_features(reading)
        mirrored = reading.everything.embedding[MIRROR :: 1 + reading.views]
        return [torch.cat([agreement, band_features(reading.plain.embedding, mirrored, self.axes)], dim=1)]

    def forward(self, *features: Tensor) -> Tensor:
        out: Tensor = self.linear(self.norm(features[0]))
        return out.squeeze(1)


def feature_count(views: int) -> int:
    """How many features there are of K views: two cosines and a norm each, the crop's norm, the bands."""
    return 3 * views + 1 + BANDS * PER_BAND


def consistency_features(reading: Reading) -> Tensor:
    """(N, 3 K + 1): per view atanh of the cosine at the last tap and at the embedding, then log norms.

    The tap says how alike the network finds the two pictures before it turns them into a person:
    what the embedding agrees on beyond that is memory. Earlier taps add nothing to it.

    Raises:
        ValueError: the reading was made without views.
    """
    if not reading.views:
        raise ValueError("the consistency auditor needs a reading with views")
    group = 1 + reading.views
    # Channels last, as the maps lie in memory: flattening copies nothing, and a cosine has no order.
    *_, last = reading.everything.taps.values()
    found = []
    for values in (last.permute(0, 2, 3, 1).flatten(1), reading.everything.embedding):
        values = values.reshape(-1, group, values.shape[1])
        dot = (values @ values[:, :1].transpose(1, 2)).squeeze(2)
        norm = torch.linalg.vector_norm(values, dim=2)
        cosine = dot[:, 1:] / (norm[:, 1:] * norm[:, :1]).clamp_min(1e-12)
        found.append(torch.atanh(cosine.clamp(-FARTHEST, FARTHEST)))
    norms = norm.clamp_min(1e-6).log()  # the embedding's, the last of the loop
    found += [norms[:, :1], norms[:, 1:] - norms[:, :1]]
    return torch.cat(found, dim=1)
