"""Consistency: how steady a network's answer stays when the crop is altered.

A picture that was trained on sits in a pocket of the network that was fitted to it; small changes
move its embedding differently than that of a new picture. No label and no head is needed.

The embeddings of people whom the network never saw vary most along the directions in which it tells
people apart, and least along those that it learned to ignore. A picture and its mirror image agree
in both for two reasons: the network knows the face, or the face is symmetric. Only the first is
membership, and the idle directions measure the second. The split into subspaces is blind: no label,
no class centre, only the covariance of a reference set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import normalize

from mint.auditors import Spec
from mint.auditors.base import LogisticAuditor
from mint.auditors.features import AGREEMENT, EMBEDDING, LARGEST_COSINE, MIRRORED
from mint.auditors.views import VIEWS
from mint.networks.base import FeatureShapes

SUBSPACES = 4
PER_SUBSPACE = 3  # features


class Consistency(LogisticAuditor):
    """Score how well a crop agrees with its views, at the last tap and the embedding.

    Args:
        size: number of features, see ``feature_count``.
        embedding: length of the network's embedding.
    """

    kind = "consistency"
    layer = "views"
    mirrored = True
    refit = True
    axes: Tensor  # (E, E), until ``prepare`` those of the embedding itself

    def __init__(self, size: int, embedding: int) -> None:
        super().__init__(size)
        self.register_buffer("axes", torch.eye(embedding))

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


def feature_count(views: int, taps: bool = True) -> int:
    """Count the features of K views.

    These are two cosines (one without taps) and a norm for each view, the crop's norm, and the bands.
    """
    return (2 + taps) * views + 1 + SUBSPACES * PER_SUBSPACE


def principal_axes(embeddings: Tensor) -> Tensor:
    """Return the principal axes of a reference set, largest variance first.

    Args:
        embeddings: (N, E) of people who are neither trained on nor judged; not normalised. With
            fewer than E of them the last axes are arbitrary, but still orthogonal.

    Returns:
        (E, E) orthonormal columns, of the embeddings' type.
    """
    unit = normalize(embeddings.double())
    covariance = (unit - unit.mean(0)).T @ (unit - unit.mean(0)) / len(unit)
    axes: Tensor = torch.linalg.eigh(covariance).eigenvectors.flip(1)
    return axes.to(embeddings.dtype).contiguous()


def subspace_features(one: Tensor, other: Tensor, axes: Tensor) -> Tensor:
    """Return (N, ``SUBSPACES`` * ``PER_SUBSPACE``) features of (N, E) embeddings and of one view each.

    Args:
        one: of the pictures, not normalised.
        other: of the views.
        axes: (E, E) from ``principal_axes``; cut into ``SUBSPACES`` of equal width.

    Returns:
        For each band atanh of the cosine within it, and for each picture and view the log of the
        share of its length that lies there.
    """
    found = []
    pairs = zip(*(torch.tensor_split(normalize(e) @ axes, SUBSPACES, dim=1) for e in (one, other)), strict=True)
    for a, b in pairs:
        lengths = [torch.linalg.vector_norm(v, dim=1).clamp_min(1e-6) for v in (a, b)]
        cosine = (a * b).sum(1) / (lengths[0] * lengths[1])
        found += [torch.atanh(cosine.clamp(-LARGEST_COSINE, LARGEST_COSINE)), lengths[0].log(), lengths[1].log()]
    return torch.stack(found, dim=1)
