"""All settings that decide how a classifier of objects comes out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from mint.networks.architectures import OBJECT_CNN
from mint.networks.modules.object_cnn import ObjectCnn

WIDTHS = (32, 64, 128)  # published
EMBEDDING = 128  # published


@dataclass(frozen=True, slots=True)
class ObjectRecipe:
    """All settings of a training.

    Attributes:
        input_size: side of the network's input in pixels.
        dropout: rate after each block and after the dense layer. Published is that there is dropout, not how much.
        batch: pictures a step.
        learning_rate: of Adam.
    """

    widths: tuple[int, ...] = WIDTHS
    embedding_size: int = EMBEDDING
    input_size: int = 16
    dropout: float = 0.25
    epochs: int = 30
    batch: int = 64
    learning_rate: float = 1e-3
    seed: int = 1

    def without_dropout(self) -> ObjectRecipe:
        """Return the same recipe without dropout."""
        return replace(self, dropout=0.0)

    def memorising(self) -> ObjectRecipe:
        """Return the recipe of the positive control: nothing keeps it from learning its pictures by heart, for four times as long."""
        return replace(self, dropout=0.0, epochs=4 * self.epochs)

    def shape(self, classes: int) -> dict[str, Any]:
        """Return the shape alone, as a bundle stores it."""
        return {
            "architecture": OBJECT_CNN,
            "widths": list(self.widths),
            "input_size": self.input_size,
            "embedding_size": self.embedding_size,
            "classes": classes,
        }

    def build(self, classes: int) -> ObjectCnn:
        """Return a network with random weights, from torch's generator."""
        return ObjectCnn(self.widths, self.input_size, self.embedding_size, classes, self.dropout)

    def about(self) -> dict[str, Any]:
        """Return all settings, as JSON keeps them."""
        return {**asdict(self), "widths": list(self.widths)}
