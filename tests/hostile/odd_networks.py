"""Sound graphs that exporters make odd, and the same spoilt: by class, each read right or refused in one line.

Spoilt files, code of others and giants are in ``network_files``; mutations at random in ``tests.networks.onnx.fuzz``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

from tests.odd_graphs import WIDE, dynamically_quantised, flat_inside, mixed, reshaped, scaled, several

NAN, INF = float("nan"), float("inf")
UNCLEAR = "How net wants its pictures cannot be told"


@dataclass(frozen=True)
class Graph:
    """A graph, and what the reader must do: a part of the line that refuses it, or nothing where it is read right."""

    name: str
    make: Callable[[], onnx.ModelProto]
    refused: str = ""


def _quantised(operator: str, value: float) -> onnx.ModelProto:
    """Quantised dynamically, with every weight that an operator takes being this one value."""
    model = dynamically_quantised()
    names = {name for node in model.graph.node if node.op_type == operator for name in node.input}
    for weight in model.graph.initializer:
        if weight.name in names:
            kept = numpy_helper.to_array(weight)
            weight.CopyFrom(numpy_helper.from_array(np.full_like(kept, value), weight.name))
    return model


def _without_zero_point() -> onnx.ModelProto:
    model = dynamically_quantised()
    (node,) = (node for node in model.graph.node if node.op_type == "DynamicQuantizeLinear")
    del node.output[2]
    return model


# The gate takes the first of each class that is read and the first that is refused.
CLASSES: dict[str, tuple[Graph, ...]] = {
    "scaling inside": (
        Graph("minus and divided", lambda: scaled(("Sub", 127.5), ("Div", 128.0))),
        Graph("by numbers that are none", lambda: scaled(("Sub", NAN)), UNCLEAR),
        Graph("to BGR", lambda: scaled(("gather", None), ("Div", 255.0))),
        Graph("each by itself", lambda: scaled(("alone", None))),
        Graph("cut to a range", lambda: scaled(("clip", (0.0, 255.0)), ("Div", 255.0))),
        Graph("by zero", lambda: scaled(("Div", 0.0)), UNCLEAR),
        Graph("times nothing", lambda: scaled(("Mul", 0.0)), UNCLEAR),
        Graph("times infinity", lambda: scaled(("Mul", INF)), UNCLEAR),
        Graph("twice", lambda: scaled(("Div", 255.0), ("Div", 255.0)), UNCLEAR),
        Graph("far away", lambda: scaled(("Sub", 1e9)), UNCLEAR),
        Graph("leaving nothing", lambda: scaled(("Sub", np.zeros((0, 3, 1, 1)))), "leaves nothing of a picture"),
        Graph("squared", lambda: scaled(("Pow", 2.0)), UNCLEAR),
        Graph("of two channels", lambda: scaled(("Sub", [[[1.0]], [[2.0]]])), "cannot be run: one of its Sub nodes"),
    ),
    "several outputs": (
        Graph("norm, embedding, classes, unit", lambda: several("norm", "embedding", "softmax", "unit")),
        Graph("two embeddings", lambda: several("embedding", "other"), "which is the embedding, .*--output"),
        Graph("one embedding twice", lambda: several("embedding", "embedding")),
        Graph("unit first", lambda: several("unit", "embedding")),
        Graph("a smaller one first", lambda: several("age", "classes", "other")),
        Graph("maps", lambda: several("maps", "maps"), "none of these is an embedding"),
        Graph("single values", lambda: several("norm", "norm"), "none of these is an embedding"),
        Graph("class scores", lambda: several("softmax"), "class scores"),
        Graph("none", several, "holds no network"),
    ),
    "a batch that is not free": (
        Graph("one row", lambda: reshaped([1, -1])),
        Graph("seven, as said", lambda: reshaped([7, -1], 7), "batches of exactly 7 only. Export it"),
        Graph("no rows", lambda: reshaped([WIDE])),
        Graph("two rows a picture", lambda: reshaped([2, WIDE // 2])),
        Graph("one inside", lambda: flat_inside(1)),
        Graph("two inside", lambda: flat_inside(2), "batches of exactly 2 only"),
        Graph("one inside, said to be free", lambda: flat_inside("N")),
        Graph("a mean of all", mixed),
        Graph("none at all", lambda: reshaped([-1, WIDE], 0), "cannot be run"),
        Graph("seven, said to be free", lambda: reshaped([7, -1]), "cannot be run: its node"),
        Graph("two that are open", lambda: reshaped([-1, -1]), "cannot be run: its node"),
    ),
    "quantised dynamically": (
        Graph("sound", dynamically_quantised),
        Graph("no zero point", _without_zero_point, "contradicts itself"),
        Graph("all the same", lambda: _quantised("MatMulInteger", 0)),
        Graph("a scale that is none", lambda: _quantised("Mul", NAN), "no finite numbers"),
    ),
}  # fmt: skip


def few_of(name: str) -> list[Graph]:
    """The first of a class that is read, and the first that is refused."""
    return [next(g for g in CLASSES[name] if bool(g.refused) is refused) for refused in (False, True)]
