"""Which of a graph's outputs is the embedding: told by shapes and by what makes them, never by name or order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import onnx

from mint.errors import WeightsCorrupt
from mint.networks.base import FIRST
from mint.networks.onnx.file import with_outputs
from mint.networks.onnx.session import OnnxSession
from mint.networks.onnx.stages import inferred_shapes, picture_input

SHORTEST_EMBEDDING, LONGEST_EMBEDDING = 32, 4096  # values of an embedding, where a graph puts out several things
REAL = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)
SCORES = {"ArgMax", "Hardmax", "LogSoftmax", "Sigmoid", "Softmax", "TopK"}
SAME = {"Cast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"}
# What turns an embedding into its unit vector, with constants only beside it.
NORMALISES = SAME | {
    "Abs", "Add", "Clip", "Div", "Expand", "LpNormalization", "Max", "Mul", "Pow", "Reciprocal", "ReduceL2", "ReduceSum",
    "ReduceSumSquare", "Shape", "Sqrt", "Sub",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Embedding:
    """The tensor that is taken for the embedding.

    Attributes:
        tensor: its name.
        first: whether it is the first output that the graph declares.
        says: which it is and what was not taken, for people.
    """

    tensor: str
    first: bool
    says: str


def find_embedding(model: onnx.ModelProto, name: str, wanted: str | None) -> Embedding:
    """Choose the output that is an embedding, (N, D).

    A graph with one output is taken at its word, unless that is class scores or maps. Of several, an embedding has 32 to
    4096 values and is no Softmax or the like; of an embedding and the same one normalised, the first is taken.

    Args:
        model: the graph.
        name: what to call it.
        wanted: a tensor that the user named; ``FIRST``; or None.

    Raises:
        WeightsCorrupt: there is none, or there are several; they are named.
    """
    made = {output for node in model.graph.node for output in node.output}
    declared = [output.name for output in model.graph.output]
    if wanted == FIRST:
        wanted = declared[0]
    if wanted is not None:
        if wanted not in made:
            raise WeightsCorrupt(f"{name} has no output {wanted[:100]!r}. It puts out {', '.join(declared)[:300]}.")
        return Embedding(wanted, wanted == declared[0], f"output {wanted!r}, as told")
    makers = {output: node for node in model.graph.node for output in node.output}
    if len(declared) == 1:
        _refuse_scores(makers, declared[0], name)
        return Embedding(declared[0], True, f"output {declared[0]!r}")
    shapes = _shapes(model, name)
    fitting = [output for output in declared if _fits(shapes[output]) and _scores(makers, output) is None]
    learned = {w.name for w in model.graph.initializer if math.prod(w.dims) > 1 and w.data_type in REAL}
    roots = {output: _root(makers, output) for output in fitting}
    fitting = list({roots[output]: output for output in reversed(fitting)}.values())[::-1]  # of equal ones the first
    fitting = [
        one for one in fitting
        if not any(_normalised(makers, learned, roots[one], roots[other]) for other in fitting if other != one)
    ]  # fmt: skip
    listed = ", ".join(f"{output[:60]} {_shown(shapes[output])}{_why(makers, output)}" for output in declared)
    if len(fitting) != 1:
        several = ", ".join(output[:60] for output in fitting)
        raise WeightsCorrupt(
            f"{name} puts out {listed[:400]}: "
            + (
                f"which is the embedding, {several[:200]}? "
                if fitting
                else "none of these is an embedding, (N, 32) or more. "
            )
            + "Say which with --output NAME (in Python: output=NAME)."
        )
    others = "; not taken: " + ", ".join(
        f"{o[:60]!r} {_shown(shapes[o])}{_why(makers, o)}" for o in declared if o != fitting[0]
    )
    return Embedding(
        fitting[0], fitting[0] == declared[0], f"output {fitting[0]!r} {_shown(shapes[fitting[0]])}{others}"
    )


def check_width(name: str, output: str, value: np.ndarray) -> None:
    """Refuse what one picture's embedding cannot be: maps, or fewer than two values.

    Raises:
        WeightsCorrupt: naming the output and its shape.
    """
    shape = tuple(value.shape)
    if math.prod(shape) < 2:
        raise WeightsCorrupt(
            f"{name} puts out a single value at {output[:100]!r} for a picture: that is no embedding. "
            "Say with --output which tensor is (in Python: output=NAME)."
        )
    if len(shape) >= 3 and math.prod(shape[2:]) > 1:
        raise WeightsCorrupt(
            f"{name} puts out maps {shape} at {output[:100]!r}: these are no embedding (N, D). "
            "Say with --output which tensor is (in Python: output=NAME)."
        )
    if not np.isfinite(value).all():
        raise WeightsCorrupt(
            f"{name} puts out values at {output[:100]!r} that are no finite numbers. If its pictures are scaled otherwise, "
            "give --mean and --scale; else export it again."
        )


def _shapes(model: onnx.ModelProto, name: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all outputs for one picture: as inferred, else by running the graph once."""
    picture = picture_input(model)
    declared = [output.name for output in model.graph.output]
    found: Mapping[str, tuple[int, ...]] = inferred_shapes(model, picture.side)
    if all(found.get(output) and all(size > 0 for size in found[output]) for output in declared):
        return {output: found[output] for output in declared}
    session = OnnxSession(with_outputs(model, declared), name)
    black = np.zeros((max(1, picture.batch), 3, picture.side, picture.side), picture.dtype)
    values = session({picture.name: black}, declared)
    return {output: tuple(np.shape(value)) for output, value in zip(declared, values, strict=True)}


def _fits(shape: Sequence[int]) -> bool:
    wide = math.prod(shape[1:]) if len(shape) > 1 else 0
    return SHORTEST_EMBEDDING <= wide <= LONGEST_EMBEDDING and wide == shape[1]


def _scores(makers: Mapping[str, onnx.NodeProto], output: str) -> str | None:
    """Return the operator that makes class scores of this output, if one does."""
    node = makers.get(_root(makers, output))
    return node.op_type if node is not None and node.op_type in SCORES else None


def _root(makers: Mapping[str, onnx.NodeProto], output: str) -> str:
    """Return the tensor that an output only reshapes or renames."""
    for _ in range(len(makers)):  # no longer: damaged graphs may run in circles
        node = makers.get(output)
        if node is None or node.op_type not in SAME or not node.input:
            break
        output = node.input[0]
    return output


def _refuse_scores(makers: Mapping[str, onnx.NodeProto], output: str, name: str) -> None:
    if (operator := _scores(makers, output)) is not None:
        raise WeightsCorrupt(
            f"{name} puts out class scores ({operator}) at {output[:100]!r}, no embedding. Say with --output which tensor "
            "before them is the embedding (in Python: output=NAME)."
        )


def _normalised(makers: Mapping[str, onnx.NodeProto], learned: Set[str], output: str, other: str) -> bool:
    """Return whether ``output`` is ``other``, normalised or reshaped: on the way lies no learned layer."""
    open_, met, seen = [output], False, set[str]()
    while open_:
        tensor = open_.pop()
        if tensor in learned:
            return False
        if tensor == other:
            met = True
            continue
        node = makers.get(tensor)
        if node is None or tensor in seen:
            continue
        seen.add(tensor)
        if node.op_type == "Constant":
            continue
        if node.op_type not in NORMALISES:
            return False
        open_ += node.input
    return met


def _why(makers: Mapping[str, onnx.NodeProto], output: str) -> str:
    operator = _scores(makers, output)
    return f" from {operator}" if operator else ""


def _shown(shape: Sequence[int]) -> str:
    return f"({', '.join(['N', *map(str, shape[1:])])})" if shape else "()"
