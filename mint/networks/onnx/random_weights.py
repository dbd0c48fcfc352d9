"""The untrained control of an ONNX network: the same graph with random weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.helper import get_attribute_value, make_node

from mint.errors import MintError, WeightsCorrupt
from mint.networks.onnx.failures import with_node_names
from mint.networks.onnx.file import with_free_batch, with_only
from mint.networks.onnx.session import OnnxSession
from mint.networks.onnx.stages import constants, picture_input

LEARNED = ("Conv", "ConvTranspose", "Einsum", "FusedConv", "FusedGemm", "FusedMatMul", "Gemm", "MatMul")
# Of layers that compute in integers: where their weights stand. These are shuffled, as their scales fit their values.
INTEGER = {
    "ConvInteger": 1, "DynamicQuantizeMatMul": 1, "MatMulInteger": 1, "MatMulIntegerToFloat": 1, "QLinearConv": 3,
    "QLinearMatMul": 3,
}  # fmt: skip
PRELU = 0.25  # torch's first slope


def untrained(model: onnx.ModelProto, inputs: np.ndarray, seed: int) -> onnx.ModelProto:
    """Copy a model and replace its weights by random ones.

    Convolutions and dense layers are drawn as He et al. 2015 do, biases are zero, slopes of PReLU
    0.25, batch norms plain; the weights of quantised layers are shuffled. The statistics of the batch norms are those of
    some pictures on the way through the new weights, without labels, so that the maps have a sensible scale.

    Args:
        model: that runs.
        inputs: (N, 3, S, S) float32, preprocessed as the network wants it; none of them a member.
        seed: of the weights.

    Raises:
        MintError: the graph has no weights that could be drawn anew, or cannot be run on several pictures for that.
    """
    fresh = with_free_batch(model)
    _free_reshapes(fresh)
    random = np.random.default_rng(seed)
    values = _values(model)
    drawn = 0
    for number, node in enumerate(fresh.graph.node):
        for place, value in _redrawn(node, values, random):
            _give(fresh, node, place, value, f"untrained_{number}_{place}")
            drawn += node.op_type in LEARNED or node.op_type in INTEGER
    if not drawn:
        raise MintError(
            "No untrained control can be made of this graph: none of its weights can be drawn anew. "
            "Leave the controls out with --no-controls."
        )
    try:
        _settle(fresh, inputs.astype(picture_input(model).dtype))
    except WeightsCorrupt as error:
        raise MintError(
            f"No untrained control can be made of this graph, though the graph itself runs: {error} "
            "Or leave the controls out with --no-controls."
        ) from error
    copy = onnx.ModelProto()
    copy.CopyFrom(fresh)
    return copy


def _values(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Return all constants that layers read: initializers, and what the graph computes of these (casts, dequantised)."""
    found = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    fixed = constants(model)
    wanted = [
        name for node in model.graph.node if node.op_type in (*LEARNED, *INTEGER, "PRelu", "BatchNormalization")
        for name in node.input if name in fixed and name not in found
    ]  # fmt: skip
    wanted = list(dict.fromkeys(wanted))
    if wanted:
        picture = picture_input(model)
        black = np.zeros((max(1, picture.batch), 3, picture.side, picture.side), picture.dtype)
        session = OnnxSession(with_only(model, wanted), "the graph")
        found |= dict(zip(wanted, session({picture.name: black}, wanted), strict=True))
    return found


def _free_reshapes(model: onnx.ModelProto) -> None:
    """Let reshapes to a batch of one keep the batch that they are given, in place."""
    weights = {weight.name: weight for weight in model.graph.initializer}
    weights |= {
        node.output[0]: attribute.t
        for node in model.graph.node if node.op_type == "Constant"
        for attribute in node.attribute if attribute.name == "value"
    }  # fmt: skip
    for number, node in enumerate(list(model.graph.node)):
        if node.op_type != "Reshape" or node.input[1] not in weights:
            continue
        shape = numpy_helper.to_array(weights[node.input[1]])
        if shape.size > 1 and shape[0] == 1:  # 0: as many as come in
            _give(model, node, 1, np.array([0, *shape[1:]], np.int64), f"untrained_shape_{number}")


def _redrawn(
    node: onnx.NodeProto, values: Mapping[str, np.ndarray], random: np.random.Generator
) -> Iterator[tuple[int, np.ndarray]]:
    """Return the inputs of a node that are weights, with their new values."""

    def old(place: int) -> np.ndarray | None:
        return values.get(node.input[place]) if place < len(node.input) else None

    if node.op_type in LEARNED:
        for place in (0, 1):
            if (kernel := old(place)) is not None and kernel.ndim >= 2:
                flipped = any(a.name == "transB" and a.i for a in node.attribute)
                axes = kernel.shape[1:] if kernel.ndim > 2 or flipped else kernel.shape[:1]
                yield place, random.normal(0, np.sqrt(2 / np.prod(axes)), kernel.shape).astype(kernel.dtype)
        if (bias := old(2)) is not None:
            yield 2, np.zeros_like(bias)
    elif node.op_type in INTEGER:
        place = INTEGER[node.op_type]
        if (kernel := old(place)) is not None and kernel.ndim >= 2:
            yield place, random.permutation(kernel.ravel()).reshape(kernel.shape)
    elif node.op_type == "PRelu" and (slope := old(1)) is not None:
        yield 1, np.full_like(slope, PRELU)
    elif node.op_type == "BatchNormalization":
        for place, plain in ((1, 1.0), (2, 0.0), (3, 0.0), (4, 1.0)):
            if (value := old(place)) is not None:
                yield place, np.full_like(value, plain)


def _settle(model: onnx.ModelProto, inputs: np.ndarray) -> None:
    """Set every batch norm's statistics to those of its input, in one run.

    A copy of the graph normalises by the batch, as in training, and puts out each mean and variance.
    """
    training = onnx.ModelProto()
    training.CopyFrom(model)
    nodes, asked = [], []
    version = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    seen = _norm_inputs(model, inputs)
    for number, node in enumerate(model.graph.node):
        if node.op_type != "BatchNormalization":
            nodes.append(node)
            continue
        made = [f"settle_{number}_{k}" for k in range(6)]
        mean, centred, squared, variance, padded, deviation = made
        rank, kind = seen[node.input[0]]
        axes = [0, *range(2, rank)]
        epsilon = next((get_attribute_value(a) for a in node.attribute if a.name == "epsilon"), 1e-5)
        training.graph.initializer.append(numpy_helper.from_array(np.array(epsilon, kind), f"settle_{number}_e"))
        if version >= 18:
            name = f"settle_{number}_axes"
            training.graph.initializer.append(numpy_helper.from_array(np.array(axes, np.int64), name))
        nodes += [
            _mean_over(node.input[0], mean, axes, f"settle_{number}_axes", version),
            make_node("Sub", [node.input[0], mean], [centred]),
            make_node("Mul", [centred, centred], [squared]),
            _mean_over(squared, variance, axes, f"settle_{number}_axes", version),
            make_node("Add", [variance, f"settle_{number}_e"], [padded]),
            make_node("Sqrt", [padded], [deviation]),
            make_node("Div", [centred, deviation], [node.output[0]]),
        ]
        asked.append((node, mean, variance))
    if not asked:
        return
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del training.graph.node[:]
    training.graph.node.extend(copies)
    wanted = [name for _, *pair in asked for name in pair]
    training = with_only(training, wanted)  # what lies behind the last norm is not run
    with_node_names(training)
    session = OnnxSession(training, "its copy with random weights")
    kinds = {w.name: helper.tensor_dtype_to_np_dtype(w.data_type) for w in model.graph.initializer}
    values = iter(session({picture_input(model).name: inputs}, wanted))
    for number, (node, _, _) in enumerate(asked):
        for place in (3, 4):
            value = next(values).reshape(-1)
            _give(
                model, node, place, value.astype(kinds.get(node.input[place], np.float32)), f"settled_{number}_{place}"
            )


def _norm_inputs(model: onnx.ModelProto, inputs: np.ndarray) -> dict[str, tuple[int, np.dtype[Any]]]:
    """Ask the runtime for the rank and the type of each batch norm's input, with one picture."""
    names = list(dict.fromkeys(n.input[0] for n in model.graph.node if n.op_type == "BatchNormalization"))
    if not names:
        return {}
    session = OnnxSession(with_only(model, names), "its copy with random weights")
    feeds = {picture_input(model).name: inputs[:1]}
    return {name: (value.ndim, value.dtype) for name, value in zip(names, session(feeds, names), strict=True)}


def _mean_over(source: str, target: str, axes: list[int], name: str, version: int) -> onnx.NodeProto:
    if version >= 18:
        return make_node("ReduceMean", [source, name], [target], keepdims=1)
    return make_node("ReduceMean", [source], [target], axes=axes, keepdims=1)


def _give(model: onnx.ModelProto, node: onnx.NodeProto, place: int, value: np.ndarray, name: str) -> None:
    """Point one input of a node to a new initializer, since the old one may be shared."""
    model.graph.initializer.append(numpy_helper.from_array(value, name))
    node.input[place] = name
