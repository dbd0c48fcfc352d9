"""Small recognisers built node by node, each odd in one way that exporters are; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, WIDE = 16, 40  # pixels of the input's side, values of the embedding
Node = tuple[str, list[str], list[str], dict[str, object]]


@dataclass
class Builder:
    """Collects nodes and weights; every method returns the name of what it made."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def add(self, op: str, inputs: Sequence[str], outputs: int = 1, domain: str = "", **attributes: object) -> str:
        names = [f"{op.lower()}{len(self.nodes)}" + (f"_{k}" if k else "") for k in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, domain=domain, **attributes))
        return names[0]

    def outputs(self) -> list[str]:
        """Of the node that was added last."""
        return list(self.nodes[-1].output)

    def weight(self, value: object, kind: type = np.float32) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def drawn(self, *shape: int, spread: float = 0.4) -> str:
        return self.weight(self.random.normal(0, spread, shape))

    def body(self, x: str) -> str:
        """Three convolutions at 8, 4 and 2 cells a side, each with a PReLU."""
        inside = 3
        for outside in (6, 8, 8):
            x = self.add(
                "Conv", [x, self.drawn(outside, inside, 3, 3), self.drawn(outside)], strides=[2, 2], pads=[1] * 4
            )
            x = self.add("PRelu", [x, self.weight(np.full((outside, 1, 1), 0.25))])
            inside = outside
        return x

    def embed(self, x: str, wide: int = WIDE) -> str:
        """Flatten (N, 8, 2, 2) and a dense layer."""
        return self.add("Gemm", [self.add("Flatten", [x]), self.drawn(wide, 32)], transB=1)

    def model(
        self,
        outputs: Sequence[str],
        batch: int | str = "N",
        opset: int = 13,
        ir: int = 8,
        kind: int = TensorProto.FLOAT,
        shapes: bool = False,
        side: int = SIDE,
    ) -> onnx.ModelProto:
        ends = [helper.make_empty_tensor_value_info(name) for name in outputs]
        if shapes:
            ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, WIDE]) for name in outputs]
        graph = helper.make_graph(
            self.nodes,
            "odd",
            [helper.make_tensor_value_info("input", kind, [batch, 3, side, side])],
            ends,
            self.weights,
        )
        domains = {node.domain for node in self.nodes if node.domain}
        sets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
        return helper.make_model(graph, opset_imports=sets, ir_version=ir)


def scaled(*steps: tuple[str, object]) -> onnx.ModelProto:
    """A recogniser whose input goes through these steps first: an operator and its constant, or a name of ``_STEPS``."""
    b = Builder()
    x = "input"
    for op, value in steps:
        x = _STEPS[op](b, x, value) if op in _STEPS else b.add(op, [x, *([] if value is None else [b.weight(value)])])
    return b.model([b.embed(b.body(x))])


def _bn(b: Builder, x: str, value: object) -> str:
    mean, deviation = value  # type: ignore[misc]
    return b.add(
        "BatchNormalization", [x, b.weight(np.ones(3)), b.weight(np.zeros(3)), b.weight(mean), b.weight(np.square(deviation))],
        epsilon=0.0,
    )  # fmt: skip


def _constant(b: Builder, x: str, value: object) -> str:
    """Subtract a constant that a node makes, by adding what is negative."""
    made = b.add("Constant", [], value=numpy_helper.from_array(np.array(value, np.float32)))
    return b.add("Add", [x, b.add("Neg", [made])])


def _reciprocal(b: Builder, x: str, value: object) -> str:
    return b.add("Mul", [b.add("Reciprocal", [b.weight(value)]), x])


def _gather(b: Builder, x: str, _: object) -> str:
    return b.add("Gather", [x, b.weight([2, 1, 0], np.int64)], axis=1)


def _slice(b: Builder, x: str, _: object) -> str:
    ends = ([-1], [-10], [1], [-1])  # starts, ends, axes, steps
    return b.add("Slice", [x, *(b.weight(value, np.int64) for value in ends)])


def _split(b: Builder, x: str, _: object) -> str:
    b.add("Split", [x], outputs=3, axis=1)
    return b.add("Concat", b.outputs()[::-1], axis=1)


def _last(b: Builder, x: str, value: object) -> str:
    """As TensorFlow's exporters write it: transpose to (N, S, S, 3), scale, transpose back."""
    x = b.add("Sub", [b.add("Transpose", [x], perm=[0, 2, 3, 1]), b.weight(value)])
    return b.add("Transpose", [x], perm=[0, 3, 1, 2])


def _half(b: Builder, x: str, _: object) -> str:
    return b.add("Cast", [b.add("Cast", [x], to=TensorProto.FLOAT16)], to=TensorProto.FLOAT)


def _alone(b: Builder, x: str, _: object) -> str:
    """(x - mean) / deviation of each picture, as FaceNet's prewhitening."""
    centred = b.add("Sub", [x, b.add("ReduceMean", [x], axes=[1, 2, 3], keepdims=1)])
    square = b.add("ReduceMean", [b.add("Mul", [centred, centred])], axes=[1, 2, 3], keepdims=1)
    return b.add("Div", [centred, b.add("Sqrt", [square])])


def _sized(b: Builder, x: str, _: object) -> str:
    """Ask for the picture's shape, and give the picture the same one again."""
    return b.add("Reshape", [x, b.add("Shape", [x])])


_STEPS = {
    "bn": _bn, "constant": _constant, "reciprocal": _reciprocal, "gather": _gather, "slice": _slice, "split": _split,
    "last": _last, "half": _half, "alone": _alone, "sized": _sized,
    "pad": lambda b, x, value: b.add("Pad", [x, b.weight([0, 0, 2, 2, 0, 0, 2, 2], np.int64), b.weight(value)]),
    "clip": lambda b, x, value: b.add("Clip", [x, b.weight(value[0]), b.weight(value[1])]),
}  # fmt: skip


def tensorflow_prelu() -> onnx.ModelProto:
    """Nothing before the first convolution; behind it Relu(x) - alpha · Relu(-x), of Sub, Mul and Neg."""
    b = Builder()
    x = b.add("Conv", ["input", b.drawn(3, 3, 3, 3)], pads=[1, 1, 1, 1])
    least = b.add("Mul", [b.add("Relu", [b.add("Neg", [x])]), b.weight(np.full((3, 1, 1), 0.25))])
    return b.model([b.embed(b.body(b.add("Sub", [b.add("Relu", [x]), least])))])


def several(*kinds: str) -> onnx.ModelProto:
    """A recogniser with these outputs, in this order: see the code for what each is."""
    b = Builder()
    maps = b.body("input")
    embedding = b.embed(maps)
    made = {
        "embedding": lambda: embedding,
        "norm": lambda: b.add("ReduceL2", [embedding], axes=[1], keepdims=1),
        "maps": lambda: maps,
        "unit": lambda: b.add("LpNormalization", [embedding], axis=1, p=2),
        "unit by hand": lambda: b.add(
            "Div", [embedding, b.add("Clip", [b.add("ReduceL2", [embedding], axes=[1], keepdims=1), b.weight(1e-9)])]
        ),
        "softmax": lambda: b.add("Softmax", [b.add("Gemm", [embedding, b.drawn(300, WIDE)], transB=1)], axis=1),
        "classes": lambda: b.add("Gemm", [embedding, b.drawn(9000, WIDE)], transB=1),
        "age": lambda: b.add("Gemm", [embedding, b.drawn(3, WIDE)], transB=1),
        "other": lambda: b.embed(maps, 64),
    }
    names = []
    for kind in kinds:
        names.append(b.add("Identity", [made[kind]()]))
    return b.model(names)


def reshaped(shape: Sequence[int], batch: int | str = "N") -> onnx.ModelProto:
    """A recogniser whose batch is free until a last reshape to this shape."""
    b = Builder()
    embedding = b.embed(b.body("input"))
    return b.model([b.add("Reshape", [embedding, b.weight(shape, np.int64)])], batch, shapes=True)


def flat_inside(batch: int | str = 1) -> onnx.ModelProto:
    """A reshape to (1, 32) between maps and embedding, and a batch norm on the way: controls need both."""
    b = Builder()
    x = b.body("input")
    ones = [b.weight(value) for value in (np.ones(8), np.zeros(8), np.zeros(8), np.ones(8))]
    x = b.add("Reshape", [b.add("BatchNormalization", [x, *ones]), b.weight([1, 32], np.int64)])
    x = b.add("Gemm", [x, b.drawn(WIDE, 32)], transB=1)
    ones = [b.weight(value) for value in (np.ones(WIDE), np.zeros(WIDE), np.zeros(WIDE), np.ones(WIDE))]
    return b.model([b.add("BatchNormalization", [x, *ones])], batch)


def mixed() -> onnx.ModelProto:
    """An embedding with the mean of the whole batch added: of the right shape, and another beside other pictures."""
    b = Builder()
    x = b.embed(b.body("input"))
    return b.model([b.add("Add", [x, b.add("ReduceMean", [x], axes=[0], keepdims=1)])])


def dynamically_quantised() -> onnx.ModelProto:
    """The dense layer in integers, with a scale that the whole batch has in common."""
    b = Builder()
    x = b.add("Flatten", [b.body("input")])
    b.add("DynamicQuantizeLinear", [x], outputs=3)
    whole, scale, zero = b.outputs()
    kernel = b.weight(b.random.integers(-127, 127, (32, WIDE)), np.int8)
    product = b.add("MatMulInteger", [whole, kernel, zero])
    return b.model(
        [b.add("Mul", [b.add("Cast", [product], to=TensorProto.FLOAT), b.add("Mul", [scale, b.weight(0.01)])])]
    )


def in_type(kind: int, ends: bool = False) -> onnx.ModelProto:
    """The same network inside in another type of float; ``ends``: input and output as well."""
    b = Builder()
    x = "input" if ends else b.add("Cast", ["input"], to=kind)
    y = b.embed(b.body(x))
    for weight in b.weights:
        value = numpy_helper.to_array(weight)
        weight.CopyFrom(helper.make_tensor(weight.name, kind, value.shape, value.ravel().tolist()))
    return b.model([y if ends else b.add("Cast", [y], to=TensorProto.FLOAT)], kind=kind if ends else TensorProto.FLOAT)


def does_not_run(name: str = "") -> onnx.ModelProto:
    """A reshape in the middle that asks for more values than there are, which only shows when it runs."""
    b = Builder()
    x = b.body("input")
    b.nodes.append(helper.make_node("Reshape", [x, b.weight([-1, 7, 5], np.int64)], ["odd_shape"], name=name))
    x = b.add("Reshape", ["odd_shape", b.weight([0, 32], np.int64)])
    return b.model([b.add("Gemm", [x, b.drawn(WIDE, 32)], transB=1)])
