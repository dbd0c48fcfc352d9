"""Saliency: where in a face a network is active."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from mint.networks.base import AuditedNetwork


@torch.inference_mode()
def saliency_maps(network: AuditedNetwork, crops: np.ndarray) -> dict[str, NDArray[np.float32]]:
    """Return the length of each cell's activation vector. For display; no auditor reads it.

    Channels are centred first, over the cells of their own map: a channel that says the same
    everywhere tells nothing about where.

    Args:
        network: under audit.
        crops: (N, S, S, 3) uint8 RGB.

    Returns:
        Tap to (N, H, W) float32 in [0, 1], each map stretched to its own range; 0 where a map is flat.
    """
    maps = network.look(torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2))
    found = {}
    for name, value in maps.taps.items():
        length = (value - value.mean(dim=(2, 3), keepdim=True)).norm(dim=1)
        low, high = length.amin(dim=(1, 2), keepdim=True), length.amax(dim=(1, 2), keepdim=True)
        found[name] = ((length - low) / (high - low).clamp_min(1e-12)).float().numpy()
    return found
