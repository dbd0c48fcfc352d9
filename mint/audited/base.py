"""What it takes to be audited: crops in, embedding and activation maps out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Tap:
    """A named place in a network, known before anything runs.

    Attributes:
        name: what auditors call it, ``stage1`` ... ``stage4``.
        module: where the network keeps it.
        channels: of its maps.
        stride: pixels of the network's input per cell of the map.
    """

    name: str
    module: str
    channels: int
    stride: int


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What a network shows for a batch (the papers' auxiliary auditable data).

    Attributes:
        embedding: (N, E) float32, not normalised.
        taps: name to (N, C, H, W) float32.
    """

    embedding: Tensor
    taps: Mapping[str, Tensor]

    def __getitem__(self, picked: slice) -> Maps:
        return Maps(self.embedding[picked], {name: value[picked] for name, value in self.taps.items()})

    def __len__(self) -> int:
        return len(self.embedding)


def resize(crops: Tensor, size: int) -> Tensor:
    """(N, 3, H, W) to (N, 3, size, size), bilinear and antialiased; the same tensor if it fits."""
    if crops.shape[-2:] == (size, size):
        return crops
    return torch.nn.functional.interpolate(crops, (size, size), mode="bilinear", antialias=True)


class AuditedNetwork(ABC):
    """A network under audit. Preprocessing belongs to the network, so nobody can mismatch it.

    Attributes:
        name: as in the catalog.
        taps: the places whose maps ``forward`` returns.
        input_size: side of the square input.
        head: (K, E) unit class centres of the classification head, or None where it is not at hand.
        fingerprint: sha256 of the weights; auditors are bound to it.
    """

    name: str
    taps: tuple[Tap, ...]
    input_size: int
    head: Tensor | None
    fingerprint: str

    @abstractmethod
    def preprocess(self, crops: Tensor) -> Tensor:
        """(N, 3, S, S) float RGB in [0, 255], of any size, to what ``forward`` takes."""

    @abstractmethod
    def forward(self, batch: Tensor) -> Maps:
        """Run the network once."""

    def look(self, crops: Tensor) -> Maps:
        """``forward`` of ``preprocess``: (N, 3, S, S) float RGB in [0, 255] to maps."""
        return self.forward(self.preprocess(crops))

    def shapes(self) -> dict[str, tuple[int, int]]:
        """Layer name to (channels, side) of its maps; the embedding has side 1. Runs the network once."""
        maps = self.look(torch.zeros(1, 3, 112, 112))
        found = {name: (value.shape[1], value.shape[2]) for name, value in maps.taps.items()}
        return {**found, "embedding": (maps.embedding.shape[1], 1)}
