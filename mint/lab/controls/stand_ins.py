"""Controls that cannot know membership, sent through the identical pipeline.

An auditor that also works on these does not measure membership.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mint.lab.controls.names import PIXELS
from mint.networks.base import AuditedNetwork, Maps, Tap
from mint.networks.torch_network import resize_and_scale


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
