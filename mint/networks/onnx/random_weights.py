"""The untrained control of an ONNX network: the same graph with random weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.helper import get_attribute_value, make_node

from mint.networks.onnx.file import OnnxSession, with_free_batch, with_outputs
from mint.networks.onnx.stages import picture_input

LEARNED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
PRELU = 0.25  # torch's first slope


def untrained(model: onnx.ModelProto, inputs: np.ndarray, seed: int) -> onnx.ModelProto:
    """Copy a model and replace its weights by random ones.

    Convolutions and dense layers are drawn as He et al. 2015 do, biases are zero, slopes of PReLU
    0.25, batch norms plain. The statistics of the batch norms are those of some pictures on the way
    through the new weights, without labels, so that the maps have a sensible scale.

    Args:
        model: with weights as initializers.
        inputs: (N, 3, S, S) float32, preprocessed as the network wants it; none of them a member.
        seed: of the weights.
    """
    fresh = with_free_batch(model)
    random = np.random.default_rng(seed)
    weights = {w.name: w for w in model.graph.initializer}
    alias = {n.output[0]: n.input[0] for n in fresh.graph.node if n.op_type == "Identity" and n.input[0] in weights}
    for number, node in enumerate(fresh.graph.node):
        for place, value in _redrawn(node, weights, alias, random):
            _give(fresh, node, place, value, f"untrained_{number}_{place}")
    _settle(fresh, inputs.astype(np.float32))
    copy = onnx.ModelProto()
    copy.CopyFrom(fresh)
    return copy


def _redrawn(
    node: onnx.NodeProto,
    weights: dict[str, onnx.TensorProto],
    alias: dict[str, str],
    random: np.random.Generator,
) -> Iterator[tuple[int, np.ndarray]]:
    """Return the inputs of a node that are weights, with their new values."""

    def old(place: int) -> np.ndarray | None:
        if place >= len(node.input):
            return None
        tensor = weights.get(alias.get(node.input[place], node.input[place]))
        return None if tensor is None else numpy_helper.to_array(tensor)

    if node.op_type in LEARNED:
        for place in (0, 1):
            if (kernel := old(place)) is not None and kernel.ndim >= 2:
                flipped = any(a.name == "transB" and a.i for a in node.attribute)
                axes = kernel.shape[1:] if kernel.ndim > 2 or flipped else kernel.shape[:1]
                yield place, random.normal(0, np.sqrt(2 / np.prod(axes)), kernel.shape).astype(kernel.dtype)
        if (bias := old(2)) is not None:
            yield 2, np.zeros_like(bias)
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
    ranks = _ranks(model, inputs)
    for number, node in enumerate(model.graph.node):
        if node.op_type != "BatchNormalization":
            nodes.append(node)
            continue
        made = [f"settle_{number}_{k}" for k in range(6)]
        mean, centred, squared, variance, padded, deviation = made
        axes = [0, *range(2, ranks[node.input[0]])]
        epsilon = next((get_attribute_value(a) for a in node.attribute if a.name == "epsilon"), 1e-5)
        training.graph.initializer.append(numpy_helper.from_array(np.array(epsilon, np.float32), f"settle_{number}_e"))
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
    session = OnnxSession(with_outputs(training, wanted), "the untrained network")
    values = iter(session({picture_input(model).name: inputs}, wanted))
    for number, (node, _, _) in enumerate(asked):
        for place in (3, 4):
            _give(model, node, place, next(values).reshape(-1).astype(np.float32), f"settled_{number}_{place}")


def _ranks(model: onnx.ModelProto, inputs: np.ndarray) -> dict[str, int]:
    """Ask the runtime for the rank of each batch norm's input, with one picture."""
    names = list(dict.fromkeys(n.input[0] for n in model.graph.node if n.op_type == "BatchNormalization"))
    session = OnnxSession(with_outputs(model, names), "the untrained network")
    feeds = {picture_input(model).name: inputs[:1]}
    return {name: value.ndim for name, value in zip(names, session(feeds, names), strict=True)}


def _mean_over(source: str, target: str, axes: list[int], name: str, version: int) -> onnx.NodeProto:
    if version >= 18:
        return make_node("ReduceMean", [source, name], [target], keepdims=1)
    return make_node("ReduceMean", [source], [target], axes=axes, keepdims=1)


def _give(model: onnx.ModelProto, node: onnx.NodeProto, place: int, value: np.ndarray, name: str) -> None:
    """Point one input of a node to a new initializer, since the old one may be shared."""
    model.graph.initializer.append(numpy_helper.from_array(value, name))
    node.input[place] = name
