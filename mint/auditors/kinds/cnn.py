"""CNN MINT: whole activation maps of a layer in a small convolutional network.

Presets as published: ``demo2025`` (MINT-Demo, arXiv 2503.08332: two convolutions with 64 and 128
filters, two fully connected layers sized to their output) and ``ieee2025`` (Is My Data in Your AI?,
section IV-B3: one convolution with 64 filters of 5 × 5, ReLU, max pooling, a fully connected layer
with as many neurons as the map has channels, dropout 0.5, dense 1). For ``all`` every tap has
convolutions of its own, and what they find is concatenated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import torch
from torch import Tensor, nn

from mint.auditors import PRESETS, Spec
from mint.auditors.base import Auditor
from mint.auditors.features import MAPS
from mint.networks.base import FeatureShapes


class Cnn(Auditor):
    """Score whole maps.

    Args:
        layer: a tap's name, or ``all``.
        shapes: (channels, side) of each map it reads.
        preset: ``demo2025`` or ``ieee2025``.
        taps: which ones ``all`` joins, in the order of ``shapes``.
    """

    kind = "cnn"

    def __init__(
        self, layer: str, shapes: Sequence[tuple[int, int]], preset: str = "demo2025", taps: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.layer = layer
        self.read = tuple(MAPS + tap for tap in (taps if layer == "all" else (layer,)))
        build = _demo2025 if preset == "demo2025" else _ieee2025
        towers, sizes = zip(*(build(channels, side) for channels, side in shapes), strict=True)
        self.towers = nn.ModuleList(towers)
        if preset == "demo2025":
            self.head = nn.Sequential(nn.Linear(sum(sizes), sum(sizes)), nn.ReLU(), nn.Linear(sum(sizes), 1))
        else:
            self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(sum(sizes), 1))

    @classmethod
    def specs(cls, taps: Sequence[str], head: bool) -> list[Spec]:
        layers = (*taps, *(("all",) if taps else ()))
        return [Spec(cls.kind, layer, preset) for preset in PRESETS for layer in layers]

    @classmethod
    def shaped(cls, spec: Spec, shapes: FeatureShapes) -> Self:
        layers = shapes.taps if spec.layer == "all" else (spec.layer,)
        return cls(spec.layer, [shapes.shapes[name] for name in layers], spec.preset, layers)

    @property
    def needs(self) -> frozenset[str]:
        return frozenset(self.read)

    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        return [features[name] for name in self.read]

    def forward(self, *features: Tensor) -> Tensor:
        found = [tower(map_.float()) for tower, map_ in zip(self.towers, features, strict=True)]
        out: Tensor = self.head(torch.cat(found, dim=1))
        return out.squeeze(1)


def _demo2025(channels: int, side: int) -> tuple[nn.Module, int]:
    # The paper gives no stride; with 2 the auditors stay cheaper than the network they audit.
    tower = nn.Sequential(
        nn.BatchNorm2d(channels, affine=False),
        nn.Conv2d(channels, 64, 3, 2, 1), nn.ReLU(True), nn.Conv2d(64, 128, 3, 2, 1), nn.ReLU(True),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(),
    )  # fmt: skip
    return tower, 128


def _ieee2025(channels: int, side: int) -> tuple[nn.Module, int]:
    pool = min(2, side)  # a map of one cell has nothing to pool
    tower = nn.Sequential(
        nn.BatchNorm2d(channels, affine=False), nn.Conv2d(channels, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(pool),
        nn.Flatten(), nn.Linear(64 * (side // pool) ** 2, channels), nn.ReLU(),
    )  # fmt: skip
    return tower, channels
