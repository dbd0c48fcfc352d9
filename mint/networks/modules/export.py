"""Write torch networks as ONNX graphs: torch's own exporter, told what it does not know or writes in a slow way.

Four operators: two that it does not know, one that it knows only for tensors whose size it knows, and PReLU, which it writes in
a way that the runtime is slow at.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.onnx import symbolic_helper

from mint.networks.onnx.session import fold_constants

OPSET = 17


def exported(
    module: nn.Module,
    inputs: Sequence[Tensor],
    names: Sequence[str],
    outputs: Sequence[str],
    name: str,
    free: Sequence[str] = (),
) -> bytes:
    """Trace a module as a graph in which all that does not depend on its inputs is computed.

    Args:
        module: in eval mode.
        inputs: that it is traced with; sizes are fixed by them.
        names: of the inputs.
        outputs: names of what it puts out.
        name: of the network, for errors.
        free: names of inputs and outputs whose first size is left free.

    Raises:
        WeightsCorrupt: the runtime refuses the graph.
    """
    buffer = io.BytesIO()
    with torch.no_grad(), _operators(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing fixes sizes, which do not change here; and the exporter is old
        module(*inputs)  # once: what views draw by chance is kept then, and no generator has to be traced
        torch.onnx.export(
            module, (*inputs,), buffer,  # type: ignore[arg-type]
            input_names=[*names], output_names=[*outputs], opset_version=OPSET, dynamo=False,
            dynamic_axes={one: {0: "n"} for one in free},
        )  # fmt: skip
    return fold_constants(buffer.getvalue(), name)


@contextmanager
def _operators() -> Iterator[None]:
    """Tell torch's exporter four operators."""
    known: dict[str, Callable[..., Any]] = {
        "aten::_upsample_bilinear2d_aa": _resized,
        "aten::atanh": _atanh,
        "aten::batch_norm": _normed,
        "aten::prelu": _prelu,
    }
    for name, written in known.items():
        torch.onnx.register_custom_op_symbolic(name, written, OPSET)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for name in known:
            torch.onnx.unregister_custom_op_symbolic(name, OPSET)  # type: ignore[attr-defined]


def _resized(g: Any, pictures: Any, *_: Any) -> Any:
    """Write an antialiased resize as two matrix products, with torch's own weights."""
    kind = g.original_node.output().type()
    height, width = symbolic_helper._get_tensor_sizes(pictures)[-2:]
    down, across = (_matrix(old, new) for old, new in zip((height, width), kind.sizes()[-2:], strict=True))
    rows = g.op("MatMul", g.op("Constant", value_t=down), pictures)
    return g.op("MatMul", rows, g.op("Constant", value_t=across.T.contiguous())).setType(kind)


def _matrix(old: int, new: int) -> Tensor:
    """Return the (new, old) weights of an antialiased resize of one side."""
    return interpolate(torch.eye(old)[None, None], (new, old), mode="bilinear", antialias=True)[0, 0]


def _atanh(g: Any, values: Any) -> Any:
    return g.op("Atanh", values).setType(g.original_node.output().type())


def _normed(g: Any, values: Any, weight: Any, bias: Any, mean: Any, variance: Any, *more: Any) -> Any:
    """Write a batch norm in eval mode."""
    size = g.original_node.inputsAt(3).type().sizes()[0]
    if symbolic_helper._is_none(weight):
        weight, bias = (g.op("Constant", value_t=fill(size)) for fill in (torch.ones, torch.zeros))
    epsilon = symbolic_helper._maybe_get_const(more[2], "f")
    norm = g.op("BatchNormalization", values, weight, bias, mean, variance, epsilon_f=epsilon)
    return norm.setType(g.original_node.output().type())


def _prelu(g: Any, values: Any, slope: Any) -> Any:
    """Write PReLU as x + (1 - slope) * max(-x, 0), its products as batch norms of fixed statistics.

    ONNX Runtime lays maps out in blocks of channels, as its convolutions want them. Its PRelu does not know that layout, so
    that all maps are laid out anew before and behind each one, which takes longer than the convolutions. Batch norm, Relu
    and Add know it.
    """
    kind = g.original_node.output().type()
    channels = kind.sizes()[1]
    zeros, ones = (g.op("Constant", value_t=fill(channels)) for fill in (torch.zeros, torch.ones))
    minus = g.op("Constant", value_t=-torch.ones(channels))
    flipped = g.op("BatchNormalization", values, minus, zeros, zeros, ones, epsilon_f=0.0)
    below = g.op("Relu", flipped)  # how far a value lies below zero
    missing = g.op("Sub", ones, slope)  # one slope for all channels is spread over them
    lifted = g.op("BatchNormalization", below, missing, zeros, zeros, ones, epsilon_f=0.0)
    return g.op("Add", lifted, values).setType(kind)
