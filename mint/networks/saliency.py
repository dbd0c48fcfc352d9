"""Saliency: where in a face a network is active."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@torch.inference_mode()
def saliency_maps(taps: Mapping[str, Tensor]) -> dict[str, NDArray[np.float32]]:
    """Return the length of each cell's activation vector. For display; no auditor reads it.

    Channels are centred first, over the cells of their own map: a channel that says the same
    everywhere tells nothing about where.

    Args:
        taps: name to (N, C, H, W) maps, as one forward pass gave them.

    Returns:
        Tap to (N, H, W) float32 in [0, 1], each map stretched to its own range; 0 where a map is flat.
    """
    return {name: activity(value).float().numpy() for name, value in taps.items()}


def activity(maps: Tensor) -> Tensor:
    """Return what ``saliency_maps`` does of one tap: (N, C, H, W) to (N, H, W)."""
    length = (maps - maps.mean(dim=(2, 3), keepdim=True)).norm(dim=1)
    low, high = length.amin(dim=(1, 2), keepdim=True), length.amax(dim=(1, 2), keepdim=True)
    stretched: Tensor = (length - low) / (high - low).clamp_min(1e-12)
    return stretched
