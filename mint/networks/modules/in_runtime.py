"""Run networks of this project in ONNX Runtime where torch would run them: in less time, with the same answers.

They differ from torch's in the last digits alone, and no picture's answer depends on the pictures beside it, as torch's does:
whoever shows pictures in other batches gets the same numbers, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from mint.networks.base import AuditedNetwork, Maps, resize
from mint.networks.modules.export import exported
from mint.networks.modules.iresnet import IResNet
from mint.networks.modules.light_arrays import equalised
from mint.networks.modules.light_names import EQUALISED
from mint.networks.modules.object_cnn import ObjectCnn
from mint.networks.onnx.session import OnnxSession
from mint.networks.onnx.trial import patterns
from mint.networks.torch_network import TorchNetwork, tap

PICTURES, EMBEDDING = "pictures", "embedding"
RUNTIME_CHUNK = 64  # inputs a run: the maps of more only fill memory
PATTERNS_TRIED = 3  # made-up pictures that both are shown
AS_TORCH = 1e-4  # of the standard deviation of what torch puts out

# Where both a processor's caches and numpy's sorting help: what torch does in twenty passes.
FAST_FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {EQUALISED: equalised}


class RuntimeNetwork(AuditedNetwork):
    """A network of this project in ONNX Runtime, on the processor. Made by ``in_runtime``.

    Args:
        network: that it stands for; all that is known of it is the same.
        threads: of the runtime.
    """

    def __init__(self, network: TorchNetwork, threads: int) -> None:
        self.torch = network
        for known in ("name", "taps", "input_size", "head", "fingerprint", "mean", "scale", "bgr", "light"):
            setattr(self, known, getattr(network, known))
        for known in ("reading", "concerns", "finder", "source"):
            setattr(self, known, getattr(network, known))
        self._tensors = [EMBEDDING, *(place.name for place in self.taps)]
        blank = torch.zeros(PATTERNS_TRIED, 3, self.input_size, self.input_size)
        data = exported(
            _Told(network).eval(), [blank], [PICTURES], self._tensors, self.name, [PICTURES, *self._tensors]
        )
        self._session = OnnxSession(data, self.name, threads)

    def preprocess(self, crops: Tensor) -> Tensor:
        form = FAST_FORMS.get(self.light)
        if form is None:
            return self.torch.preprocess(crops)
        seen = torch.from_numpy(form(resize(crops, self.input_size).numpy()))
        return seen[:, None].expand(-1, 3, -1, -1)

    @torch.inference_mode()
    def forward(self, batch: Tensor) -> Maps:
        parts = [
            self._session({PICTURES: np.ascontiguousarray(part.numpy())}, self._tensors)
            for part in torch.split(batch, RUNTIME_CHUNK)
        ]
        columns = parts[0] if len(parts) == 1 else [np.concatenate(column) for column in zip(*parts, strict=True)]
        embedding, *maps = map(torch.from_numpy, columns)
        return Maps(embedding, {place.name: value for place, value in zip(self.taps, maps, strict=True)})


def in_runtime(network: AuditedNetwork, threads: int = 1) -> AuditedNetwork:
    """Return a network that answers as this one and takes less time: the network itself, where there is none.

    There is one for architectures of this project on the processor, as long as it says what torch says of made-up pictures.
    """
    if not (
        isinstance(network, TorchNetwork)
        and network.device == "cpu"
        and isinstance(network.model, IResNet | ObjectCnn)
        and next(network.model.parameters()).dtype == torch.float32
    ):
        return network
    found = RuntimeNetwork(network, threads)
    return found if _apart(network, found) <= AS_TORCH else network


def _apart(one: AuditedNetwork, other: AuditedNetwork) -> float:
    """Return how far two networks' answers to made-up pictures lie apart at most, in standard deviations of the first."""
    pictures = torch.from_numpy(patterns(PATTERNS_TRIED, one.input_size))
    wanted, found = one.look(pictures), other.look(pictures)
    pairs = [(wanted.embedding, found.embedding), *((maps, found.taps[tap]) for tap, maps in wanted.taps.items())]
    return max(float((a - b).abs().max() / a.std().clamp_min(1e-12)) for a, b in pairs)


class _Told(nn.Module):
    """A network as a module that puts out embedding and taps, one after the other."""

    def __init__(self, network: TorchNetwork) -> None:
        super().__init__()
        self.model, self.modules_tapped = network.model, [place.module for place in network.taps]

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        with tap(self.model, self.modules_tapped) as seen:
            embedding: Tensor = self.model(pictures)
        return (embedding, *(seen[name] for name in self.modules_tapped))
