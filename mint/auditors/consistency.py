"""Consistency: how steady a network's answer stays when the crop is altered.

A picture that was trained on sits in a pocket of the network that was fitted to it; small changes
move its embedding differently than that of a new picture. No label and no head is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn

from mint.auditors.base import Auditor, Spec
from mint.auditors.features import AGREEMENT, EMBEDDING, MIRRORED
from mint.auditors.subspaces import PER_SUBSPACE, SUBSPACES, principal_axes, subspace_features
from mint.auditors.views import VIEWS
from mint.networks.base import FeatureShapes


class Consistency(Auditor):
    """Score how well a crop agrees with its views, at the last tap and the embedding.

    Args:
        size: number of features, see ``feature_count``.
        embedding: length of the network's embedding.
    """

    kind = "consistency"
    layer = "views"
    logistic = True
    mirrored = True
    refit = True
    axes: Tensor  # (E, E), until ``prepare`` those of the embedding itself

    def __init__(self, size: int, embedding: int) -> None:
        super().__init__()
        self.register_buffer("axes", torch.eye(embedding))
        self.norm = nn.BatchNorm1d(size, affine=False, momentum=None)
        self.linear = nn.Linear(size, 1)

    @classmethod
    def shaped(cls, spec: Spec, shapes: FeatureShapes) -> Self:
        return cls(feature_count(len(VIEWS), bool(shapes.taps)), shapes.shapes["embedding"][0])

    def prepare(self, reference: Tensor) -> None:
        self.axes.copy_(principal_axes(reference))

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({EMBEDDING, MIRRORED, AGREEMENT})

    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        bands = subspace_features(features[EMBEDDING], features[MIRRORED], self.axes)
        return [torch.cat([features[AGREEMENT], bands], dim=1)]

    def forward(self, *features: Tensor) -> Tensor:
        out: Tensor = self.linear(self.norm(features[0]))
        return out.squeeze(1)


def feature_count(views: int, taps: bool = True) -> int:
    """Count the features of K views.

    These are two cosines (one without taps) and a norm for each view, the crop's norm, and the bands.
    """
    return (2 + taps) * views + 1 + SUBSPACES * PER_SUBSPACE
