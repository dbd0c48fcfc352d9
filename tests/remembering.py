"""A network that costs next to nothing and may have memorised pictures: what is planted in it must be found."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from mint.networks.base import AuditedNetwork, Maps, Tap


class Memory(AuditedNetwork):
    """A network with a fixed projection, which may answer steadily near the pictures it has stored.

    Args:
        stored: (N, S, S, 3) uint8 pictures that it memorised, each with a class centre of its own; None for no memory.
        size: side of its input, a multiple of 16.
    """

    fingerprint = "0" * 64

    def __init__(self, stored: np.ndarray | None, size: int = 112) -> None:
        self.name, self.head, self.input_size = "memory", None, size
        self.taps = (Tap("stage1", "stage1", 6, size // 8), Tap("stage2", "stage2", 6, size // 4))
        self.projection = torch.randn(6 * 64, 32, generator=torch.Generator().manual_seed(3)) / 8
        self.mix = torch.randn(6, 3, 1, 1, generator=torch.Generator().manual_seed(4))
        self.stored = None
        if stored is not None:
            batch = torch.from_numpy(stored).permute(0, 3, 1, 2).float()
            self.stored = self.preprocess(batch)
            self.head = nn.functional.normalize(self.embed(self.stored)[0])

    def preprocess(self, crops: torch.Tensor) -> torch.Tensor:
        return nn.functional.adaptive_avg_pool2d(crops, 8) / 64 - 2

    def embed(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        maps = torch.tanh(nn.functional.conv2d(batch, self.mix))
        return maps.flatten(1) @ self.projection, maps

    def forward(self, batch: torch.Tensor) -> Maps:
        if self.stored is not None:
            distance = torch.cdist(batch.flatten(1), self.stored.flatten(1))
            nearest = distance.min(1)
            pull = torch.exp(-((nearest.values / 6) ** 2)).view(-1, 1, 1, 1)
            batch = batch + 0.7 * pull * (self.stored[nearest.indices] - batch)  # the pocket of a member
        embedding, maps = self.embed(batch)
        return Maps(embedding, {"stage1": maps, "stage2": nn.functional.avg_pool2d(maps, 2)})


def pictures(count: int, seed: int, size: int = 112) -> np.ndarray:
    """(N, S, S, 3) uint8: smooth colours with noise on top."""
    random = np.random.default_rng(seed)
    low = torch.from_numpy(random.uniform(20, 235, (count, 3, 6, 6)))
    smooth = nn.functional.interpolate(low, (size, size), mode="bicubic").permute(0, 2, 3, 1).numpy()
    return (smooth + random.normal(0, 6, smooth.shape)).clip(0, 255).astype(np.uint8)
