"""All settings that decide how a private network and its plain counterpart come out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize, one_hot

from mint.networks.architectures import GROUP_NORM_IRESNET
from mint.networks.base import resize
from mint.networks.modules.iresnet import IResNet, group_norm
from mint.networks.modules.light import standardise
from mint.networks.modules.light_names import STANDARDISED, told_of_light


@dataclass(frozen=True, slots=True)
class PrivateRecipe:
    """All settings of a training, private or plain.

    Attributes:
        epsilon: to promise for each photo; None to train plainly, without clipping and noise.
        delta: of the promise.
        clip: the longest gradient of a photo, in the loss's units; longer ones are shortened to it.
        batch: photos that a step expects: each is drawn by a coin of its own, so that some steps have more.
        learning_rate: at the start; it falls to 0 along a parabola, like the twins'.
        scale, margin: of CosFace's loss (Wang et al. 2018).
    """

    epsilon: float | None = None
    delta: float = 1e-5
    clip: float = 1.0
    layers: tuple[int, int, int, int] = (1, 1, 1, 1)
    width: int = 8
    input_size: int = 32
    embedding_size: int = 64
    epochs: int = 25
    batch: int = 512
    learning_rate: float = 0.5
    momentum: float = 0.9
    scale: float = 16.0
    margin: float = 0.2
    flip: bool = True
    seed: int = 1

    def memorising(self) -> PrivateRecipe:
        """Return the recipe of the plain network: of the same form, trained until it knows its photos by heart."""
        return replace(
            self, epsilon=None, epochs=40, batch=64, learning_rate=0.1, scale=32.0, margin=0.6, flip=False
        )  # fmt: skip

    def architecture(self) -> dict[str, Any]:
        """Return the shape alone, as a bundle stores it."""
        return {
            "architecture": GROUP_NORM_IRESNET,
            "layers": list(self.layers),
            "width": self.width,
            "input_size": self.input_size,
            "embedding_size": self.embedding_size,
            **told_of_light(STANDARDISED),
        }

    def classifier(self, identities: int) -> Classifier:
        """Build a network and a head for so many people, with random weights."""
        network = IResNet(self.layers, self.width, self.input_size, self.embedding_size, norm=group_norm)
        return Classifier(network, CosineHead(self.embedding_size, identities))

    def prepare(self, crops: Tensor) -> Tensor:
        """Turn (N, 3, H, W) float RGB in [0, 255] into what the network takes."""
        return standardise(resize(crops, self.input_size))

    def losses(self, cosines: Tensor, target: Tensor) -> Tensor:
        """Return CosFace's loss of each photo, (N,), from (N, K) cosines and (N,) int64 labels."""
        margins = self.margin * one_hot(target, cosines.shape[1])
        return cross_entropy(self.scale * (cosines - margins), target, reduction="none")


class CosineHead(nn.Module):
    """Class centres; puts out the cosine to each. A gradient of one photo is told from the others' by opacus.

    Args:
        embedding_size: E.
        identities: K.
    """

    def __init__(self, embedding_size: int, identities: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_normal_(Tensor(embedding_size, identities)))

    def forward(self, embedding: Tensor) -> Tensor:
        """Turn (N, E) into (N, K)."""
        return normalize(embedding, dim=1) @ normalize(self.weight, dim=0)


class Classifier(nn.Module):
    """A face network with its head: (N, 3, S, S) to (N, K) cosines."""

    def __init__(self, network: IResNet, head: CosineHead) -> None:
        super().__init__()
        self.network, self.head = network, head

    def forward(self, x: Tensor) -> Tensor:
        """Turn what ``prepare`` returns into cosines."""
        out: Tensor = self.head(self.network(x))
        return out
