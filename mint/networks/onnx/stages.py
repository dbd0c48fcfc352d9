"""Find the stages of a convolutional network in its ONNX graph, by topology and never by name.

Exporters name tensors as they like and fold batch norms into convolutions, but the shape of the
computation stays. A stage is all that happens at one spatial size; its end is the last residual sum
there, and, where there is none, the last convolution block (convolution, folded or separate batch
norm, activation). For InsightFace's IResNet these are the outputs of ``layer1`` to ``layer4``, the
papers' four convolutional depths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference
from onnx.helper import make_tensor_value_info

from mint.errors import TapSilent, WeightsCorrupt, brief
from mint.networks.base import Tap
from mint.networks.onnx.session import RUNTIME_VERSION

OPEN_SIDE = 112  # of the input where the graph leaves it open
STAGES = 4
AFFINE = {"BatchNormalization", "Add", "Sub", "Mul", "Div"}  # the last four with a constant only
ACTIVATIONS = {
    "Celu", "Clip", "Elu", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "Mish", "PRelu", "Relu", "Selu", "Sigmoid",
    "Softplus", "Swish", "Tanh",
}  # fmt: skip
# What the values of a picture may be.
PICTURES = {
    onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.FLOAT16: np.float16, onnx.TensorProto.DOUBLE: np.float64,
    onnx.TensorProto.UINT8: np.uint8,
}  # fmt: skip
MOST_SLOPES = 4096
LIGHT = 256  # elements: larger initializers are weights, whose values no shape depends on


@dataclass(frozen=True, slots=True)
class Picture:
    """The input of a graph: name, side, batch size, which is 0 where it is free, type of its values, and whether the side is free."""

    name: str
    side: int
    batch: int
    dtype: np.dtype[Any]
    side_is_free: bool = False


def picture_input(model: onnx.ModelProto) -> Picture:
    """Return the one input that takes pictures, (N, 3, S, S).

    Raises:
        WeightsCorrupt: the graph takes something else.
    """
    weights = {w.name for w in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in weights]
    dims = [[d.dim_value for d in i.type.tensor_type.shape.dim] for i in inputs]
    if len(inputs) != 1 or len(dims[0]) != 4 or dims[0][1] not in (0, 3) or dims[0][2] != dims[0][3]:
        shapes = (", ".join(str(size or "free") for size in sizes) for sizes in dims)
        found = ", ".join(f"{i.name} ({shape})" for i, shape in zip(inputs, shapes, strict=True))[:200]
        last = len(dims) == 1 and len(dims[0]) == 4 and dims[0][3] == 3
        advice = "Its channels come last: export it with channels first" if last else "Give another file"
        raise WeightsCorrupt(
            f"This network takes {found or 'nothing'}; a face recogniser takes one (N, 3, S, S). {advice}."
        )
    kind = inputs[0].type.tensor_type.elem_type
    if kind not in PICTURES:
        word = onnx.TensorProto.DataType.Name(kind).lower() if kind in onnx.TensorProto.DataType.values() else str(kind)
        raise WeightsCorrupt(
            f"This network takes pictures of {word} values. ONNX Runtime {RUNTIME_VERSION}, which is installed here, is handed "
            "float32, float16, float64 or uint8. Export it with a float32 input."
        )
    name, (batch, _, side, _) = inputs[0].name, dims[0]
    return Picture(name, side or OPEN_SIDE, batch, np.dtype(PICTURES[kind]), not side)


def fixed_sides(model: onnx.ModelProto) -> tuple[int, ...]:
    """Return height and width of the pictures that a graph takes, as far as they are fixed.

    Raises:
        WeightsCorrupt: the graph takes something else than pictures.
    """
    weights = {w.name for w in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in weights]
    dims = inputs[0].type.tensor_type.shape.dim if len(inputs) == 1 else ()
    if len(dims) != 4:
        raise WeightsCorrupt("This graph takes no pictures, (N, 3, H, W). Give another file.")
    return tuple(dim.dim_value for dim in dims[2:] if dim.dim_value)


def find_taps(model: onnx.ModelProto, most: int = STAGES) -> tuple[Tap, ...]:
    """Return taps at the ends of the deepest stages, from input to output.

    Args:
        model: any convolutional network over (N, 3, S, S).
        most: how many; the stages of the largest maps, the stem, are left out first.

    Returns:
        ``stage1`` ... with the tensor's name as the place.

    Raises:
        TapSilent: the graph has no convolution whose maps have a size.
    """
    side = picture_input(model).side
    shapes = inferred_shapes(model, side)
    sums = set(_residual_sums(model, shapes))
    last: dict[int, str] = {}
    for tensor in map_ends(model, shapes):
        cells = shapes[tensor][2]
        if tensor in sums or last.get(cells) not in sums:  # a sum wins over blocks, also over later ones
            last[cells] = tensor
    if not last:
        raise TapSilent("No stage was found in this graph: it has no convolution with maps. Name the tensors yourself.")
    deepest = sorted(sorted(last)[:most], reverse=True)
    return tuple(Tap(f"stage{k + 1}", last[s], shapes[last[s]][1], max(1, side // s)) for k, s in enumerate(deepest))


def map_ends(model: onnx.ModelProto, shapes: Mapping[str, Sequence[int]]) -> list[str]:
    """Return ends of convolution blocks and residual sums with square maps, in graph order."""
    ends = {*_block_ends(model), *_residual_sums(model, shapes)}
    ordered = [name for node in model.graph.node for name in node.output if name in ends]
    found = ((name, shapes.get(name, ())) for name in ordered)
    return [name for name, shape in found if len(shape) == 4 and shape[2] == shape[3] and shape[2] > 1]


def constants(model: onnx.ModelProto) -> set[str]:
    """Return the names of all tensors that do not depend on the input."""
    found = {w.name for w in model.graph.initializer}
    for node in model.graph.node:
        if all(i in found for i in node.input if i):
            found |= set(node.output)
    return found


def slopes_of_columns(model: onnx.ModelProto) -> tuple[str, int] | None:
    """Return a PReLU that has another slope for each column of pixels, and how many; None if there is none.

    No recogniser is made so. A file of up to opset 6 lists one slope a channel, and onnx's converter to a later opset leaves that
    list as it is, where it is then one a column. That runs only where maps are as wide as they have channels.
    """
    shapes = inferred_shapes(model, picture_input(model).side)
    makers = {name: node for node in model.graph.node for name in node.output}
    stored = [(w.name, w) for w in model.graph.initializer]
    stored += [
        (n.output[0], a.t) for n in model.graph.node if n.op_type == "Constant" for a in n.attribute if a.HasField("t")
    ]
    values = {name: numpy_helper.to_array(w) for name, w in stored if _elements(w.dims) <= MOST_SLOPES}
    for node in model.graph.node:
        if node.op_type != "PRelu" or len(node.input) != 2:
            continue
        maps, slopes = shapes.get(node.input[0], ()), values.get(node.input[1])
        dims = shapes.get(node.input[1], ()) if slopes is None else slopes.shape
        wide = dims[-1] if dims and all(size == 1 for size in dims[:-1]) else 1
        if len(maps) != 4 or not 1 < wide == maps[1] == maps[3] or (slopes is not None and np.ptp(slopes) == 0):
            continue
        if _channels_first(makers, node.input[0]):
            return node.name or node.output[0], wide
    return None


def _channels_first(makers: Mapping[str, onnx.NodeProto], tensor: str) -> bool:
    """Return whether maps come from a convolution by operators that leave their axes as they are."""
    seen, open_ = {tensor}, [tensor]
    while open_:
        node = makers.get(open_.pop())
        if node is None:
            continue
        if node.op_type in ("Conv", "ConvTranspose", "BatchNormalization") or "Pool" in node.op_type:
            return True  # these know no other order of axes
        if node.op_type in AFFINE | ACTIVATIONS | {"Cast", "Dropout", "Identity", "Sum"}:
            open_ += [name for name in node.input if name not in seen]
            seen |= set(node.input)
    return False


def _residual_sums(model: onnx.ModelProto, shapes: Mapping[str, Sequence[int]]) -> list[str]:
    """Return outputs of additions of two maps of one shape, in graph order."""
    fixed = constants(model)
    found = []
    for node in model.graph.node:
        if node.op_type in ("Add", "Sum") and len(node.input) == 2 and not set(node.input) & fixed:
            one, other = (shapes.get(name, ()) for name in node.input)
            if len(one) == 4 and tuple(one) == tuple(other):
                found.append(node.output[0])
    return found


def _block_ends(model: onnx.ModelProto) -> list[str]:
    """Return outputs of convolution blocks, in graph order."""
    fixed = constants(model)
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    uses = Counter({name: len(nodes) for name, nodes in readers.items()})
    found = []
    for node in model.graph.node:
        if node.op_type != "Conv" or node.output[0] in fixed:
            continue
        end, activated = node.output[0], False
        while uses[end] == 1 and not activated:
            reader = readers[end][0]
            activated = reader.op_type in ACTIVATIONS
            affine = reader.op_type in AFFINE and all(i == end or i in fixed for i in reader.input)
            if not (activated or affine):
                break
            end = reader.output[0]
        found.append(end)
    return found


def inferred_shapes(model: onnx.ModelProto, side: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of tensors for one picture of this side, as far as onnx infers them.

    Raises:
        WeightsCorrupt: the graph takes something else than pictures, or contradicts itself.
    """
    light = onnx.ModelProto()
    light.CopyFrom(model)
    graph = light.graph
    picture = picture_input(model)
    declared = {value.name for value in graph.input}
    kept = []
    for weight in graph.initializer:
        if len(weight.dims) and _elements(weight.dims) > LIGHT:
            if weight.name not in declared:
                graph.input.append(make_tensor_value_info(weight.name, weight.data_type, list(weight.dims)))
        else:
            kept.append(weight)
    copies = [onnx.TensorProto.FromString(weight.SerializeToString()) for weight in kept]
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(copies)
    for value in graph.input:
        if value.name == picture.name:
            for dim, size in zip(value.type.tensor_type.shape.dim, (1, 3, side, side), strict=True):
                dim.dim_value = size
    for value in graph.output:  # exporters' promises, not always kept
        value.type.tensor_type.ClearField("shape")
    try:
        graph = shape_inference.infer_shapes(light, data_prop=True).graph
    except (RuntimeError, ValueError, onnx.checker.ValidationError, shape_inference.InferenceError) as error:
        raise WeightsCorrupt(f"This graph contradicts itself: {brief(error)}. Get the file again.") from error
    return {
        value.name: tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
        for value in (*graph.value_info, *graph.output, *graph.input)
    }


def _elements(dims: Sequence[int]) -> int:
    count = 1
    for size in dims:
        count *= size
    return count
