"""Gradients: what one training step on a face would change in the network (gMINT, DeAlcala et al. 2025, CVPRW).

A network has little left to learn from what it was trained on. The step is that of stochastic gradient descent; of a layer's
change in weights the mean over inputs is read, one number an output channel, as published. Weights, momentum and norms are
those of the audited network again, bit by bit, before every face: without that a face is read through the steps of the
faces before it, and what is found is the order (``mint lab gradients`` shows it).

No ``Auditor``: those read a forward pass that many faces share, this takes a backward pass a face.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from mint.auditors.kinds.prototype import prototype_features
from mint.errors import BadInput
from mint.i18n.sentences import Sentence
from mint.networks.base import AuditedNetwork
from mint.networks.torch_network import TorchNetwork

ENTRY, MIDDLE, OUTPUT, FC = "entry", "middle", "output", "fc"
EMBEDDING = "embedding"  # the gradient there, which no weight has
LAYERS = (ENTRY, MIDDLE, OUTPUT, FC)
LEAST = 1e-12  # of a norm, before its logarithm
NO_GRADIENTS = Sentence("this network is a graph (ONNX), which gives no gradients")
NO_HEAD = Sentence("its classification head is not at hand, so that there is no loss to take a gradient of")
NO_LAYERS = Sentence("it has no convolutions at the taps where gradients are read")


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """The step that is taken: the twins' recipe, at a learning rate of its last third.

    Attributes:
        learning_rate, momentum, weight_decay: of stochastic gradient descent.
        scale, margin: of the CosFace loss.
    """

    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 5e-4
    scale: float = 32.0
    margin: float = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class GradientFeatures:
    """What N faces would change.

    Attributes:
        means: layer to (N, C) float32: W before the step less W after, its mean for every output channel.
        norms: (N, 5) float32, natural logarithms of the length of the change in each of ``LAYERS``, and of the gradient at
            the embedding.
        loss: (N,) float32, CosFace with the nearest class centre as the label: nobody knows a visitor's.
        prototype: (N, 3) float32, see ``mint.auditors.kinds.prototype``.
    """

    means: Mapping[str, np.ndarray]
    norms: np.ndarray
    loss: np.ndarray
    prototype: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> GradientFeatures:
        means = {layer: values[rows] for layer, values in self.means.items()}
        return GradientFeatures(means, self.norms[rows], self.loss[rows], self.prototype[rows])


def why_unreadable(network: AuditedNetwork) -> Sentence | None:
    """Return why a network's gradients cannot be read; None if they can."""
    if not isinstance(network, TorchNetwork):
        return NO_GRADIENTS
    if network.head is None:
        return NO_HEAD
    return None if gradient_layers(network) else NO_LAYERS


def gradient_layers(network: TorchNetwork) -> dict[str, str]:
    """Return where gradients are read: name of ``LAYERS`` to the module.

    The first convolution, the last ones of the middle and the last tap, and the last linear layer. Empty where one is lacking.
    """
    modules = dict(network.model.named_modules())
    taps = [tap.module for tap in network.taps]
    linear = [name for name, module in modules.items() if isinstance(module, nn.Linear)]
    convolutions = [name for name, module in modules.items() if isinstance(module, nn.Conv2d)]
    inside = [[c for c in convolutions if c == tap or c.startswith(f"{tap}.")] for tap in taps]
    if not (inside and convolutions and linear):
        return {}
    middle, last = inside[(len(inside) - 1) // 2], inside[-1]
    if not (middle and last):
        return {}
    return {ENTRY: convolutions[0], MIDDLE: middle[-1], OUTPUT: last[-1], FC: linear[-1]}


class GradientReader:
    """Takes training steps on a copy of a network, which itself is never changed.

    Args:
        network: a torch network with a head.
        step: that is taken.

    Raises:
        BadInput: its gradients cannot be read; the message says why.
    """

    def __init__(self, network: AuditedNetwork, step: TrainingStep | None = None) -> None:
        why = why_unreadable(network)
        if why is not None:
            raise BadInput("{network} cannot be asked by its gradients: {reason}.", network=network.name, reason=why)
        assert isinstance(network, TorchNetwork)
        assert network.head is not None
        self.network, self.step = network, step or TrainingStep()
        self.model = copy.deepcopy(network.model).float().eval()
        self.head = network.head.to(network.device)
        modules = dict(self.model.named_modules())
        self.weights: dict[str, Tensor] = {
            layer: modules[module].get_parameter("weight") for layer, module in gradient_layers(network).items()
        }
        self._parameters = [p for p in self.model.parameters() if p.requires_grad]
        self._kept = {name: value.clone() for name, value in self.model.state_dict().items()}
        self._optimiser = self._begin()

    def read(self, crops: np.ndarray, reset: bool = True) -> GradientFeatures:
        """Take a step on each crop.

        Args:
            crops: (N, 112, 112, 3) uint8 RGB.
            reset: whether the network is the audited one again before every crop. Otherwise it is so before the first
                only, and learns from each: the mistake, kept to show what it does.

        Raises:
            ValueError: there is no crop.
        """
        batch = torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2).float()
        self.restore()
        found = []
        for crop in batch:
            if reset:
                self.restore()
            found.append(self._step(crop[None]))
        self.restore()
        if not found:
            raise ValueError("there is no crop to take a step on")
        means, norms, loss, prototype = zip(*found, strict=True)
        by_layer = {layer: _stacked([one[layer] for one in means]) for layer in LAYERS}
        return GradientFeatures(by_layer, _stacked(norms), _stacked(loss), _stacked(prototype))

    def restore(self) -> None:
        """Bring weights, norms and momentum back to those of the audited network."""
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                value.copy_(self._kept[name])
        self._optimiser = self._begin()

    def _begin(self) -> torch.optim.SGD:
        step = self.step
        return torch.optim.SGD(
            self._parameters, step.learning_rate, step.momentum, weight_decay=step.weight_decay, foreach=False
        )

    def _step(self, crop: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor]:
        before = {layer: weight.detach().clone() for layer, weight in self.weights.items()}
        embedding: Tensor = self.model(self.network.preprocess(crop).float())
        embedding.retain_grad()
        cosines = nn.functional.normalize(embedding, dim=1) @ self.head.T
        nearest = cosines.argmax(1)
        logits = self.step.scale * (cosines - self.step.margin * nn.functional.one_hot(nearest, len(self.head)))
        loss = nn.functional.cross_entropy(logits, nearest)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        changes = {layer: before[layer] - weight.detach() for layer, weight in self.weights.items()}
        assert embedding.grad is not None
        lengths = torch.stack([*(change.norm() for change in changes.values()), embedding.grad.norm()])
        means = {layer: change.flatten(1).mean(1).cpu() for layer, change in changes.items()}
        centred = prototype_features(embedding.detach(), self.head)[0]
        return means, lengths.clamp_min(LEAST).log().cpu(), loss.detach().cpu(), centred.cpu()


def _stacked(values: Sequence[Tensor]) -> np.ndarray:
    return np.asarray(torch.stack(list(values)).numpy(), np.float32)
