"""Score photos under one version of a network, or under the last one with more views: eight forward passes either way.

Two scores, each made of angles: how far a crop lies from its mirror image (no head is needed), and how far from the nearest class
centre. Both are Fisher's z of a cosine, which is closer to normal than a cosine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from mint.auditors.features import LARGEST_COSINE
from mint.auditors.views import VIEWS
from mint.evidence.sequence import Floats
from mint.networks.base import AuditedNetwork, resize

MIRROR, CENTRE = "mirror", "centre"  # without the head, and with it
SEEN = ("flip",)  # views of a crop under each version: with the crop two forward passes
# Under the last version alone: with the crop as many as four versions with two each.
MORE_SEEN = ("flip", "shift left", "shift right", "shift up", "shift down", "zoom in", "blur")
CROPS = 64  # at a time


@torch.inference_mode()
def scores_of(network: AuditedNetwork, crops: np.ndarray, views: Sequence[str]) -> dict[str, Floats]:
    """Show (N, 112, 112, 3) uint8 crops and these of their views to a network with a head.

    Returns:
        ``MIRROR``: (N, K) z of the cosine between crop and each view; ``CENTRE``: (N, 1 + K) z of the largest cosine to a
        class centre, of the crop and each view.
    """
    assert network.head is not None
    found: dict[str, list[np.ndarray]] = {MIRROR: [], CENTRE: []}
    for start in range(0, len(crops), CROPS):
        batch = torch.from_numpy(crops[start : start + CROPS].astype(np.float32)).permute(0, 3, 1, 2)
        shown = resize(batch, min(network.input_size, batch.shape[-1]))
        stacked = torch.stack([shown, *(VIEWS[name](shown) for name in views)], dim=1)
        unit = normalize(network.look(stacked.flatten(0, 1)).embedding, dim=1)
        unit = unit.reshape(*stacked.shape[:2], -1)
        found[MIRROR].append(_z((unit[:, :1] * unit[:, 1:]).sum(2)))
        found[CENTRE].append(_z((unit @ network.head.T).amax(2)))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def over_versions(networks: Sequence[AuditedNetwork], crops: np.ndarray) -> dict[str, Floats]:
    """Return (N, V) of each score: crop and mirror image under every version; of the centres the mean of the two."""
    found = [scores_of(network, crops, SEEN) for network in networks]
    return {name: np.stack([one[name].mean(axis=1) for one in found], axis=1) for name in (MIRROR, CENTRE)}


def of_the_last(network: AuditedNetwork, crops: np.ndarray) -> dict[str, Floats]:
    """Return (N, K) of each score: every view of ``MORE_SEEN`` under the last version."""
    return scores_of(network, crops, MORE_SEEN)


def _z(cosine: Tensor) -> np.ndarray:
    return np.asarray(torch.atanh(cosine.clamp(-LARGEST_COSINE, LARGEST_COSINE)).numpy(), np.float64)
