"""All settings that decide how a twin comes out, and the rows of the ledger that it is trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from mint.lab.twins.ledger import Row
from mint.lab.twins.losses import COSFACE
from mint.lab.twins.precision import AUTO, BFLOAT16
from mint.lab.twins.resampled import thinned, with_exposures
from mint.networks.base import resize
from mint.networks.modules.iresnet import IResNet
from mint.networks.modules.light import FORMS
from mint.networks.modules.light_names import LIGHT, PLAIN, STANDARDISED, told_of_light
from mint.networks.torch_network import resize_and_scale


@dataclass(frozen=True, slots=True)
class TwinRecipe:
    """All settings that decide how a network comes out.

    ``augmented`` is for networks that generalise: pictures are altered anew each epoch (see ``augment``), and the weights are
    kept that tell strangers apart best, people of the ledger's validation purpose.

    ``edited`` is the share of each batch that is altered as little as a messenger or another cut alters a photo (see
    ``augment.EDITS``), for networks that memorise a photo and not a file.

    ``loss`` is one of ``LOSSES``, whose ``margin`` each reads in its own way (see ``margin_loss``); ``dropout`` is the share
    of values left out in front of the embedding.

    ``light`` is the canonical form that crops are shown in, one of ``FORMS``, or ``PLAIN``.

    ``keep`` lists epochs whose weights stay. ``exposures`` and ``pictures`` make the networks of the
    controls: how often an epoch shows a picture (drawn per picture; nothing: the ledger's), and how
    many pictures of each person are trained on (0: all that the ledger says). ``precision`` is one of
    ``PRECISIONS``; of ``auto`` the log keeps what was chosen.
    """

    layers: tuple[int, int, int, int] = (2, 2, 2, 2)
    width: int = 16
    input_size: int = 64
    embedding_size: int = 256
    epochs: int = 30
    keep: tuple[int, ...] = (5, 10, 20)
    batch: int = 64
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    scale: float = 32.0
    margin: float = 0.6
    flip: bool = True
    seed: int = 1
    exposures: tuple[int, ...] = ()
    pictures: int = 0
    precision: str = AUTO
    light: str = STANDARDISED
    augmented: bool = False
    edited: float = 0.0
    loss: str = COSFACE
    dropout: float = 0.0

    @classmethod
    def from_log(cls, stored: Mapping[str, Any]) -> TwinRecipe:
        """Read a recipe from a log; a log that names no precision is of a run in bfloat16, and of plain crops."""
        given: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in stored.items()}
        light = STANDARDISED if given.pop(STANDARDISED, False) else PLAIN  # as logs said it before there were two forms
        return cls(**{"precision": BFLOAT16, LIGHT: light, **given})

    def overfitted(self, pictures: int) -> TwinRecipe:
        """Return the positive control's recipe: few pictures a person, no flips, no weight decay."""
        return replace(self, pictures=pictures, flip=False, weight_decay=0.0, augmented=False, edited=0.0)

    def rows(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        """Return the ledger rows that this recipe trains on."""
        if self.pictures:
            rows = thinned(rows, self.pictures, self.seed)
        return with_exposures(rows, self.exposures, self.seed) if self.exposures else tuple(rows)

    def network(self) -> IResNet:
        """Build a network of this shape with random weights."""
        return IResNet(self.layers, self.width, self.input_size, self.embedding_size, self.dropout)

    def architecture(self) -> dict[str, Any]:
        """Return the shape alone, as a bundle stores it."""
        return {
            "architecture": "iresnet",
            "layers": list(self.layers),
            "width": self.width,
            "input_size": self.input_size,
            "embedding_size": self.embedding_size,
            **told_of_light(self.light),
        }

    def prepare(self, crops: Tensor) -> Tensor:
        """Turn (N, 3, H, W) float RGB in [0, 255] into what the network takes."""
        if self.light:
            return FORMS[self.light](resize(crops, self.input_size))
        return resize_and_scale(crops, self.input_size)
