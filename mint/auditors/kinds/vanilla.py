"""Vanilla MINT: channel maxima of a layer, or the embedding, in a small MLP.

Presets as published: ``demo2025`` (MINT-Demo, arXiv 2503.08332: three fully connected layers, the
input's size, 64 and 1, dropout 0.3 and L1 0.1 between them) and ``ieee2025`` (Is My Data in Your
AI?, DOI 10.1109/ACCESS.2025.3608951, section IV-B3: batch norm, dense 128, ReLU, L1 0.1, batch
norm, dropout 0.5, dense 1). Neither says whether L1 sums or averages; the sum makes the output
constant, so it is the average of the absolute weights here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import torch
from torch import Tensor, nn

from mint.auditors import PRESETS, Spec
from mint.auditors.base import Auditor
from mint.auditors.features import EMBEDDING, MAXIMA
from mint.networks.base import FeatureShapes

L1 = 0.1


class Vanilla(Auditor):
    """Score channel maxima.

    Args:
        layer: a tap's name, ``embedding``, or ``all`` for all taps concatenated.
        size: length of the feature vector.
        preset: ``demo2025`` or ``ieee2025``.
        taps: which ones ``all`` joins, in their order.
    """

    kind = "vanilla"

    def __init__(self, layer: str, size: int, preset: str = "demo2025", taps: Sequence[str] = ()) -> None:
        super().__init__()
        self.layer = layer
        names = [MAXIMA + tap for tap in (taps if layer == "all" else (layer,))]
        self.read = (EMBEDDING,) if layer == "embedding" else tuple(names)
        if preset == "demo2025":
            self.net = nn.Sequential(
                nn.Linear(size, size), nn.ReLU(), nn.Dropout(0.3),
                nn.Linear(size, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1),
            )  # fmt: skip
        else:
            self.net = nn.Sequential(
                nn.BatchNorm1d(size), nn.Linear(size, 128), nn.ReLU(),
                nn.BatchNorm1d(128), nn.Dropout(0.5), nn.Linear(128, 1),
            )  # fmt: skip

    @classmethod
    def specs(cls, taps: Sequence[str], head: bool) -> list[Spec]:
        layers = (*taps, "embedding", *(("all",) if taps else ()))
        return [Spec(cls.kind, layer, preset) for preset in PRESETS for layer in layers]

    @classmethod
    def shaped(cls, spec: Spec, shapes: FeatureShapes) -> Self:
        sizes = {name: channels for name, (channels, _) in shapes.shapes.items()}
        size = sum(sizes[tap] for tap in shapes.taps) if spec.layer == "all" else sizes[spec.layer]
        return cls(spec.layer, size, spec.preset, shapes.taps)

    @property
    def needs(self) -> frozenset[str]:
        return frozenset(self.read)

    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        return [torch.cat([features[name] for name in self.read], dim=1)]

    def forward(self, *features: Tensor) -> Tensor:
        out: Tensor = self.net(features[0].float())
        return out.squeeze(1)

    def penalty(self) -> Tensor:
        weights = [m.weight.abs().mean() for m in self.net if isinstance(m, nn.Linear)][:-1]
        return L1 * torch.stack(weights).sum()
