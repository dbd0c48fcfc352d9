"""Controls that cannot know membership, sent through the identical pipeline.

An auditor that also works on these does not measure membership.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mint.audited.architectures import build_network
from mint.audited.base import AuditedNetwork, Maps, Tap
from mint.audited.torch_network import TorchNetwork, resize_and_scale

PIXELS, UNTRAINED, OTHER_TWIN, SHUFFLED = "pixels", "untrained", "other-twin", "shuffled-labels"
SHUFFLED_PEOPLE = "shuffled-people"
CROSS, CROSS_CALIBRATION = "cross-database", "cross-database/calibration"
SWAPPED, DOSE_RESPONSE, POSITIVE = "swapped-halves", "dose-response", "positive"


class PixelNetwork(AuditedNetwork):
    """A control without a network: its one map is the crop, its embedding the crop at 16 × 16."""

    name = PIXELS
    head = None
    fingerprint = PIXELS

    def __init__(self, size: int) -> None:
        self.input_size = size
        self.taps = (Tap("crop", "", 3, 112 // size),)

    def preprocess(self, crops: Tensor) -> Tensor:
        return resize_and_scale(crops, self.input_size)

    @torch.inference_mode()
    def forward(self, batch: Tensor) -> Maps:
        small = nn.functional.adaptive_avg_pool2d(batch, 16).flatten(1)
        return Maps(small, {"crop": batch})


def untrained_network(shape: Mapping[str, Any], classes: int, crops: np.ndarray, seed: int) -> TorchNetwork:
    """Build a network of the same shape with random weights and a random head.

    Its batch norms get the statistics of some crops, without labels and without a gradient, so
    that its maps have a sensible scale.

    Args:
        shape: as in the bundle.
        classes: rows of the random head.
        crops: (N, 112, 112, 3) uint8, none of them a member.
        seed: of the weights.
    """
    torch.manual_seed(seed)
    network = build_network(shape, UNTRAINED)
    for module in network.model.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
            module.momentum = None  # average over all batches
    network.model.train()
    with torch.no_grad():
        for part in np.array_split(crops, max(1, len(crops) // 64)):
            network.model(network.preprocess(torch.from_numpy(part).permute(0, 3, 1, 2).float()))
    network.model.eval()
    head = nn.functional.normalize(torch.randn(classes, int(shape["embedding_size"])), dim=1)
    return TorchNetwork(UNTRAINED, network.model, network.taps, network.input_size, head, UNTRAINED)
