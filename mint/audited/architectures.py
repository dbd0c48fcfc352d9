"""From a file to a network under audit. A new architecture is one new file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from mint.audited.base import Tap
from mint.audited.iresnet import IResNet, fuse
from mint.audited.torch_network import TorchNetwork
from mint.errors import WeightsCorrupt, WeightsMissing
from mint.files import sha256_of

Shape = Mapping[str, Any]


def _iresnet(shape: Shape) -> tuple[nn.Module, tuple[Tap, ...]]:
    width = int(shape["width"])
    model = IResNet(tuple(shape["layers"]), width, shape["input_size"], shape["embedding_size"])
    # MINT taps the end of each stage: its last convolution with the shortcut added.
    taps = tuple(Tap(f"stage{k + 1}", f"layer{k + 1}", width * 2**k, 2 ** (k + 1)) for k in range(4))
    return model, taps


# What makes a loaded network faster without changing its answer.
FASTER: dict[str, Callable[[nn.Module], nn.Module]] = {"iresnet": fuse}  # type: ignore[dict-item]
ARCHITECTURES: dict[str, Callable[[Shape], tuple[nn.Module, tuple[Tap, ...]]]] = {
    "iresnet": _iresnet,
}


def build_network(shape: Shape, name: str) -> TorchNetwork:
    """A network of this shape with random weights and no head (the untrained control)."""
    model, taps = ARCHITECTURES[shape["architecture"]](shape)
    return TorchNetwork(name, model, taps, shape["input_size"])


def load_network(path: Path, shape: Shape, name: str, device: str = "cpu") -> TorchNetwork:
    """Load a network that this project trained.

    Args:
        path: safetensors with ``network.*`` and ``head``, float16 or float32.
        shape: ``architecture`` and its arguments.
        name: what to call it.
        device: see ``TorchNetwork``.

    Raises:
        DeviceMissing: see ``TorchNetwork``.
        WeightsMissing: there is no such file.
        WeightsCorrupt: not safetensors, or not of this shape.
    """
    if not path.is_file():
        raise WeightsMissing(f"{path.name} of {name} is missing. Restore {path.parent} from the repository.")
    try:
        tensors = load_file(path)
        model, taps = ARCHITECTURES[shape["architecture"]](shape)
        state = {k.removeprefix("network."): v for k, v in tensors.items() if k.startswith("network.")}
        missing, unexpected = model.load_state_dict(state, strict=False)
        wrong = [k for k in missing if not k.endswith("num_batches_tracked")] + list(unexpected)
        if wrong:
            raise WeightsCorrupt(f"{path.name} does not hold this network: {', '.join(wrong[:3])} do not fit.")
        head = tensors["head"]
        if head.ndim != 2 or head.shape[1] != shape["embedding_size"]:
            raise WeightsCorrupt(f"{path.name} of {name} has a head of shape {tuple(head.shape)}: it does not fit.")
    except (SafetensorError, RuntimeError, KeyError) as error:
        raise WeightsCorrupt(f"{path.name} of {name} is not a network of this shape: {error}") from error
    model = FASTER[shape["architecture"]](model)
    return TorchNetwork(name, model, taps, shape["input_size"], head, sha256_of(path), device=device)
