"""The object classifier of the MINT paper on objects (arXiv 2601.12929): three blocks of two convolutions, and two dense layers.

Published are three blocks of two 3 × 3 convolutions (32, 64, 128 filters) with batch norm, ReLU, max pooling and dropout, a
dense layer of 128 with ReLU, and a softmax. Its rate of dropout is not in what could be read of the paper: it is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from mint.networks.base import Tap

CONVOLUTIONS_A_BLOCK = 2  # convolutions between two poolings
PENULTIMATE, OUTPUT = "penultimate", "output"


class ObjectCnn(nn.Module):
    """(N, 3, S, S) in [-1, 1] to (N, E), the penultimate layer; ``output`` makes the classes' logits of it.

    Every layer that an auditor reads is a module of its own that puts out (N, C, H, W): the convolutions after batch norm
    and ReLU, the penultimate layer and the logits as maps of one cell.

    Args:
        widths: filters of the blocks.
        input_size: S, a multiple of 2 to the number of blocks.
        embedding_size: E.
        classes: that it tells apart.
        dropout: rate after each block and after the dense layer; weights do not depend on it.
    """

    def __init__(
        self, widths: Sequence[int], input_size: int, embedding_size: int, classes: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.convolutions = nn.ModuleDict()
        channels = 3
        for width in widths:
            for _ in range(CONVOLUTIONS_A_BLOCK):
                layer = nn.Sequential(nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
                self.convolutions[f"conv{len(self.convolutions) + 1}"] = layer
                channels = width
        self.pool = nn.Sequential(nn.MaxPool2d(2), nn.Dropout(dropout))
        cells = (input_size // 2 ** len(widths)) ** 2
        self.penultimate = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * cells, embedding_size),
            nn.ReLU(),
            nn.Unflatten(1, (embedding_size, 1, 1)),
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(embedding_size, classes)
        self.output = nn.Sequential(nn.Flatten(), self.classifier, nn.Unflatten(1, (classes, 1, 1)))

    def forward(self, batch: Tensor) -> Tensor:
        embedding: Tensor = self._layers(batch)
        self.output(embedding)  # so that whoever taps it sees the logits
        return embedding.flatten(1)

    def logits(self, batch: Tensor) -> Tensor:
        """Return (N, K) logits of the classes, with dropout while training."""
        found: Tensor = self.output(self.dropout(self._layers(batch)))
        return found.flatten(1)

    def _layers(self, batch: Tensor) -> Tensor:
        for number, layer in enumerate(self.convolutions.values(), 1):
            batch = layer(batch)
            if number % CONVOLUTIONS_A_BLOCK == 0:
                batch = self.pool(batch)
        found: Tensor = self.penultimate(batch)
        return found


def taps_of(widths: Sequence[int], input_size: int, embedding_size: int, classes: int) -> tuple[Tap, ...]:
    """Return the places of an ``ObjectCnn`` that auditors read: all convolutions, the penultimate layer and the logits."""
    convolutions = [
        Tap(
            f"conv{CONVOLUTIONS_A_BLOCK * block + k + 1}",
            f"convolutions.conv{CONVOLUTIONS_A_BLOCK * block + k + 1}",
            width,
            2**block,
        )
        for block, width in enumerate(widths)
        for k in range(CONVOLUTIONS_A_BLOCK)
    ]
    return (
        *convolutions,
        Tap(PENULTIMATE, PENULTIMATE, embedding_size, input_size),
        Tap(OUTPUT, OUTPUT, classes, input_size),
    )
