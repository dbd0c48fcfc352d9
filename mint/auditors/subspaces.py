"""Bands: in which directions of the embedding two pictures agree.

The embeddings of people whom the network never saw vary most along the directions in which it tells
people apart, and least along those that it learned to ignore. A picture and its mirror image agree
in both for two reasons: the network knows the face, or the face is symmetric. Only the first is
membership, and the idle directions measure the second. The split is blind: no label, no class
centre, only the covariance of a reference set.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

SUBSPACES = 4
PER_SUBSPACE = 3  # features
FARTHEST = 0.9999  # cosines nearer to 1 differ in their last digits


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
        found += [torch.atanh(cosine.clamp(-FARTHEST, FARTHEST)), lengths[0].log(), lengths[1].log()]
    return torch.stack(found, dim=1)
