"""Build and load networks of this project. A new architecture is one file and one line here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from mint.errors import WeightsCorrupt, WeightsMissing, brief
from mint.networks.base import Tap
from mint.networks.modules.iresnet import IResNet, Norm, batch_norm, fuse, group_norm
from mint.networks.modules.light_names import light_of
from mint.networks.modules.object_cnn import ObjectCnn, taps_of
from mint.networks.torch_network import TorchNetwork
from mint.storage.files import read_bytes
from mint.storage.tensors import MOST_BYTES, header

Shape = Mapping[str, Any]
STORED = (torch.float16, torch.float32)
MAX_SHAPE = {
    "width": 512,
    "input_size": 512,
    "embedding_size": 8192,
}  # of an IResNet; InsightFace's have 64, 112 and 512
MOST_BLOCKS = 100  # a stage
MAX_OBJECT_SHAPE = {"input_size": 512, "embedding_size": 8192, "classes": 100_000}
MOST_WIDTHS = 5


def _iresnet(shape: Shape, norm: Norm = batch_norm) -> tuple[nn.Module, tuple[Tap, ...]]:
    sizes = [shape[name] for name in MAX_SHAPE]
    layers = shape["layers"]
    if not all(type(n) is int and 0 < n <= most for n, most in zip(sizes, MAX_SHAPE.values(), strict=True)):
        raise ValueError(f"no IResNet has {', '.join(MAX_SHAPE)} of {', '.join(str(n)[:20] for n in sizes)}")
    if len(layers) != 4 or not all(type(n) is int and 0 < n <= MOST_BLOCKS for n in layers):
        raise ValueError("an IResNet has four stages of a few blocks")
    light_of(shape)
    width = shape["width"]
    model = IResNet(tuple(shape["layers"]), width, shape["input_size"], shape["embedding_size"], norm=norm)
    # MINT taps the end of each stage: its last convolution with the shortcut added.
    taps = tuple(Tap(f"stage{k + 1}", f"layer{k + 1}", width * 2**k, 2 ** (k + 1)) for k in range(4))
    return model, taps


def _object_cnn(shape: Shape) -> tuple[nn.Module, tuple[Tap, ...]]:
    widths, sizes = shape["widths"], {name: shape[name] for name in MAX_OBJECT_SHAPE}
    if not all(type(n) is int and 0 < n <= MAX_OBJECT_SHAPE[name] for name, n in sizes.items()):
        raise ValueError(f"no object network has {', '.join(f'{name} {str(n)[:20]}' for name, n in sizes.items())}")
    if not 0 < len(widths) <= MOST_WIDTHS or not all(type(n) is int and 0 < n <= MAX_SHAPE["width"] for n in widths):
        raise ValueError("an object network has a few blocks of some filters")
    if shape["input_size"] % 2 ** len(widths):
        raise ValueError(f"the input of an object network of {len(widths)} blocks is a multiple of {2 ** len(widths)}")
    arguments = (tuple(widths), shape["input_size"], shape["embedding_size"], shape["classes"])
    return ObjectCnn(*arguments), taps_of(*arguments)


IRESNET, GROUP_NORM_IRESNET, OBJECT_CNN = "iresnet", "iresnet-group-norm", "object-cnn"
# What makes a loaded network faster without changing its answer, where there is something.
FASTER: dict[str, Callable[[nn.Module], nn.Module]] = {IRESNET: fuse}  # type: ignore[dict-item]
ARCHITECTURES: dict[str, Callable[[Shape], tuple[nn.Module, tuple[Tap, ...]]]] = {
    IRESNET: _iresnet,
    GROUP_NORM_IRESNET: partial(_iresnet, norm=group_norm),
    OBJECT_CNN: _object_cnn,
}


def build_network(shape: Shape, name: str) -> TorchNetwork:
    """Build a network of this shape with random weights and no head (the untrained control)."""
    model, taps = ARCHITECTURES[shape["architecture"]](shape)
    return TorchNetwork(name, model, taps, shape["input_size"], light=light_of(shape))


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
        data = read_bytes(path, MOST_BYTES)  # once: what is hashed is what is used
    except OSError as error:
        raise WeightsCorrupt(f"{path.name} of {name} cannot be read: {brief(error)}. Restore {path.parent}.") from error
    try:
        header(data)
        tensors = load(data)
        state = {k.removeprefix("network."): v for k, v in tensors.items() if k.startswith("network.")}
        _check(path, state, tensors["head"], shape)
        model, taps = ARCHITECTURES[shape["architecture"]](shape)
        model.load_state_dict(state, strict=False)
    except (SafetensorError, RuntimeError, LookupError, TypeError, ValueError) as error:
        raise WeightsCorrupt(
            f"{path.name} of {name} is not a network of this shape: {brief(error)}. Restore {path.parent}."
        ) from error
    if shape["architecture"] in FASTER:
        model = FASTER[shape["architecture"]](model)
    fingerprint = hashlib.sha256(data).hexdigest()
    return TorchNetwork(
        name, model, taps, shape["input_size"], tensors["head"], fingerprint, device=device,
        light=light_of(shape),
    )  # fmt: skip


def _check(path: Path, state: Mapping[str, Tensor], head: Tensor, shape: Shape) -> None:
    """Compare tensors with a network on the meta device before building a real one.

    Raises WeightsCorrupt.
    """
    with torch.device("meta"):
        wanted = ARCHITECTURES[shape["architecture"]](shape)[0].state_dict()
    missing = [k for k in wanted if k not in state and not k.endswith("num_batches_tracked")]
    wrong = [k for k in state if k not in wanted or state[k].shape != wanted[k].shape]
    if missing or wrong:
        raise WeightsCorrupt(
            f"{path.name} does not hold this network: {', '.join([*missing, *wrong][:3])} do not fit. "
            f"Restore {path.parent}."
        )
    if head.ndim != 2 or head.shape[1] != shape["embedding_size"]:
        raise WeightsCorrupt(
            f"{path.name} has a head of shape {tuple(head.shape)}: it does not fit. Restore {path.parent}."
        )
    for key, value in {**state, "head": head}.items():
        counter = key.endswith("num_batches_tracked") and not value.is_floating_point()
        if not counter and (value.dtype not in STORED or not torch.isfinite(value).all()):
            raise WeightsCorrupt(
                f"{path.name} does not hold this network: {key[:100]} has other numbers than float16 or float32, or "
                f"some that are none. Restore {path.parent}."
            )
