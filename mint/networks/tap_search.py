"""Find every place of a network with maps, their shapes, and the cost to get there.

Costs are multiply-accumulates of convolutions and dense layers for one picture, as a share of the
whole forward pass: they do not depend on the machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import onnx
import torch
from onnx.helper import get_attribute_value
from torch import Tensor, nn

from mint.errors import MintError, TapSilent
from mint.networks.base import AuditedNetwork, Tap
from mint.networks.onnx.file import read_onnx
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.onnx.stages import inferred_shapes, map_ends, picture_input
from mint.networks.torch_network import TorchNetwork


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place of a network that puts out maps.

    Attributes:
        tap: its name where the network is looked at there already, else "".
        module: what the network calls the place: a tensor of a graph, a module of torch.
        channels: of its maps.
        side: of its maps, in cells.
        stride: pixels of the network's input per cell.
        cost: share of the forward pass that is done when its maps are there, in [0, 1].
    """

    tap: str
    module: str
    channels: int
    side: int
    stride: int
    cost: float


def candidates(network: AuditedNetwork) -> tuple[Candidate, ...]:
    """Return all places that could be tapped, from input to output, and mark those that are.

    Of a graph: ends of convolution blocks and residual sums, see ``onnx.stages``. Of a torch module: all
    its modules that put out square maps.

    Raises:
        MintError: a network of another kind, or a graph that was not read from a file.
    """
    if isinstance(network, TorchNetwork):
        found = _torch(network)
    elif isinstance(network, OnnxNetwork) and network.file is not None:
        found = _onnx(read_onnx(network.file)[0], network.output, [tap.module for tap in network.taps])
    else:
        raise MintError(f"The places of {network.name} cannot be listed: it is neither a torch module nor a file.")
    names = {tap.module: tap.name for tap in network.taps}
    return tuple(replace(place, tap=names.get(place.module, "")) for place in found)


def tapped(network: AuditedNetwork, places: Mapping[str, str]) -> AuditedNetwork:
    """Return the same network with other taps.

    Args:
        network: a torch network, or a graph that was read from a file.
        places: name of a tap to its place.

    Raises:
        MintError: a network of another kind.
        TapSilent: there is no such place, the forward pass does not go through it, or it shows no square maps.
    """
    tried = with_taps(network, [Tap(name, place, 0, 0) for name, place in places.items()])
    shown = tried.look(torch.zeros(1, 3, 112, 112)).taps
    taps = []
    for name, place in places.items():
        shape = tuple(shown[name].shape)
        if len(shape) != 4 or shape[2] != shape[3]:
            raise TapSilent(f"{place} of {network.name} has the shape {shape}: these are no maps (N, C, S, S).")
        taps.append(Tap(name, place, shape[1], max(1, network.input_size // shape[2])))
    return with_taps(network, taps)


def with_taps(network: AuditedNetwork, taps: Sequence[Tap]) -> AuditedNetwork:
    """Return the same network with these taps, whose shapes are not checked.

    Raises as ``tapped``.
    """
    copy: AuditedNetwork
    if isinstance(network, TorchNetwork):
        copy = TorchNetwork(
            network.name, network.model, taps, network.input_size, network.head, network.fingerprint,
            network.mean, network.scale, network.device,
        )  # fmt: skip
    elif isinstance(network, OnnxNetwork) and network.file is not None:
        model, fingerprint = read_onnx(network.file)
        copy = OnnxNetwork(
            network.name, model, taps, fingerprint, network.mean, network.scale, network.threads, network.device,
            network.bgr, network.output,
        )  # fmt: skip
        copy.file, copy.reading, copy.concerns = network.file, network.reading, network.concerns
    else:
        raise MintError(f"{network.name} cannot be looked at elsewhere: it is neither a torch module nor a file.")
    copy.finder, copy.source = network.finder, network.source
    return copy


def _onnx(model: onnx.ModelProto, embedding: str, taken: Sequence[str]) -> Iterator[Candidate]:
    side = picture_input(model).side
    shapes = inferred_shapes(model, side)
    work = _macs(model, shapes)
    makers = {name: number for number, node in enumerate(model.graph.node) for name in node.output}

    def until(tensor: str) -> int:
        """Sum the costs of all nodes that a tensor needs."""
        needed: set[int] = set()
        open_ = [tensor]
        while open_:
            number = makers.get(open_.pop())
            if number is not None and number not in needed:
                needed.add(number)
                open_ += list(model.graph.node[number].input)
        return sum(work[number] for number in needed)

    total = until(embedding) or 1
    listed = {*map_ends(model, shapes), *(tensor for tensor in taken if len(shapes.get(tensor, ())) == 4)}
    for tensor in sorted(listed, key=makers.__getitem__):
        channels, cells = shapes[tensor][1], shapes[tensor][2]
        yield Candidate("", tensor, channels, cells, max(1, side // cells), until(tensor) / total)


def _macs(model: onnx.ModelProto, shapes: Mapping[str, tuple[int, ...]]) -> list[int]:
    """Count the multiply-accumulates of each node."""
    weights = {weight.name: tuple(weight.dims) for weight in model.graph.initializer}
    known: dict[str, tuple[int, ...]] = {**shapes, **weights}

    def of(node: onnx.NodeProto) -> int:
        kernel: tuple[int, ...] = known.get(node.input[1], ()) if len(node.input) > 1 else ()
        made = math.prod(known.get(node.output[0], ())) if node.output and node.output[0] in known else 0
        if node.op_type == "Conv":
            return made * math.prod(kernel[1:])
        if node.op_type == "ConvTranspose":
            return math.prod(known.get(node.input[0], ())) * math.prod(kernel[1:])
        if node.op_type == "Gemm" and kernel:
            flipped = any(a.name == "transB" and get_attribute_value(a) for a in node.attribute)
            return int(made * (kernel[1] if flipped else kernel[0]))
        if node.op_type == "MatMul" and len(kernel) > 1:
            return made * kernel[-2]
        return 0

    return [of(node) for node in model.graph.node]


def _torch(network: TorchNetwork) -> Iterator[Candidate]:
    done = 0
    seen: dict[str, tuple[tuple[int, ...], int]] = {}

    def watch(name: str, module: nn.Module) -> torch.utils.hooks.RemovableHandle:
        def hook(_module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
            nonlocal done
            if isinstance(output, Tensor):
                if isinstance(module, nn.Conv2d | nn.Linear):
                    done += output.numel() * math.prod(module.weight.shape[1:])
                elif isinstance(module, nn.ConvTranspose2d) and isinstance(inputs[0], Tensor):
                    done += inputs[0].numel() * math.prod(module.weight.shape[1:])
                if name and not isinstance(module, nn.Identity):
                    seen[name] = (tuple(output.shape), done)

        return module.register_forward_hook(hook)

    handles = [watch(name, module) for name, module in network.model.named_modules()]
    try:
        network.look(torch.zeros(1, 3, 112, 112))
    finally:
        for handle in handles:
            handle.remove()
    for name, (shape, before) in seen.items():
        if len(shape) == 4 and shape[2] == shape[3] and shape[2] > 1:
            stride = max(1, network.input_size // shape[2])
            yield Candidate("", name, shape[1], shape[2], stride, before / max(1, done))
