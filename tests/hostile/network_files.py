"""Spoiled ONNX files: files of others, code of others, giant tensors, and damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from mint.networks.base import AuditedNetwork
from mint.networks.open import open_network
from tests.graphs import mobile
from tests.hostile.files import (
    INSTEAD,
    NO_JSON,
    Case,
    flipped,
    in_the_place_of,
    objects,
    pickled,
    positions,
    rewritten,
    zipped,
)  # fmt: skip

FILE = "net.onnx"
# Where a byte of a weight or a name is another one, the file is another network, and a whole one.
MAY_OPEN = "flip"


def whole(folder: Path) -> None:
    """A folder with a network whose weights lie in a file beside it, and a secret outside of it."""
    (folder / "in").mkdir(parents=True)
    (folder / "secret.bin").write_bytes(bytes(10_000))
    onnx.save(
        mobile(residual=True, size=112), folder / "in" / FILE, save_as_external_data=True, location="weights.bin", size_threshold=0
    )  # fmt: skip


def opened(folder: Path) -> AuditedNetwork:
    return open_network(folder / "in" / FILE)


def is_fine(found: AuditedNetwork, whole: AuditedNetwork) -> bool:
    """Whether a network that opens although it was spoiled says that it is not the one it was."""
    return found.fingerprint != whole.fingerprint


def cases(folder: Path, seed: int = 0, places: int = 12) -> Iterator[Case]:
    random = np.random.default_rng(seed)
    path = folder / "in" / FILE
    data = path.read_bytes()
    for kind, place in positions(data, random, places):
        yield _bytes(f"{MAY_OPEN} {kind} {place}", partial(flipped, place=place, bit=int(random.integers(8))))
    for number in range(places):  # many bytes at once
        yield _bytes(f"{MAY_OPEN} noise {number}", partial(_noisy, seed=number))
    for kept in sorted({0, 1, 8, 100, len(data) // 2, len(data) - 1}):
        yield _bytes(f"cut {kept}", lambda data, kept=kept: data[:kept])
    for what, made in {"pickle": pickled, "zip": zipped, "objects": objects, **NO_JSON}.items():
        yield _bytes(f"{what} as a network", lambda data, made=made: made())
    for name in (FILE, "weights.bin"):
        for what in INSTEAD:
            yield Case(f"{what} for {name}", "network", lambda f, n=name, w=what: in_the_place_of(f / "in" / n, w))
    yield Case("weights gone", "network", lambda f: (f / "in" / "weights.bin").unlink())
    yield Case("weights cut", "network", lambda f: rewritten(f / "in" / "weights.bin", lambda data: data[:50]))
    yield Case("weights in a link that leads out", "network", _link_out)
    places_outside = (
        "../secret.bin", "/etc/passwd", "/dev/zero", "weights.bin/../../secret.bin", "..\\secret.bin", "", ".", "..",
        "x" * 5000, "gone.bin", "~/secret.bin", "file:///etc/passwd", "/proc/self/environ",
    )  # fmt: skip
    for place in places_outside:
        for where, reach in _REACH.items():
            yield _model(f"{where} in {place[:30]!r}", partial(_elsewhere, reach=reach, place=place))
    for key, values in {"offset": ("-1", "9" * 30, "x", "100000"), "length": ("-1", "9" * 30, "x", "0")}.items():
        for value in values:
            yield _model(f"weights at {key} {value}", partial(_stretch, key=key, value=value))
    for what, change in _GRAPHS.items():
        yield _model(what, change)


def _bytes(name: str, change: Callable[[bytes], bytes]) -> Case:
    return Case(name, "network", lambda folder: rewritten(folder / "in" / FILE, change))


def _model(name: str, change: Callable[[onnx.ModelProto], None]) -> Case:
    def spoil(folder: Path) -> None:
        model = onnx.load(folder / "in" / FILE, load_external_data=False)
        change(model)
        (folder / "in" / FILE).write_bytes(model.SerializeToString())

    return Case(name, "network", spoil)


def _noisy(data: bytes, seed: int) -> bytes:
    random = np.random.default_rng(seed)
    for place in random.integers(0, len(data), 10):
        data = flipped(data, int(place), int(random.integers(8)))
    return data


def _link_out(folder: Path) -> None:
    (folder / "in" / "weights.bin").unlink()
    (folder / "in" / "weights.bin").symlink_to(folder / "secret.bin")


def _external(name: str, place: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": place, "offset": "0", "length": "16"}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def _as_initializer(model: onnx.ModelProto, tensor: TensorProto) -> None:
    model.graph.initializer.append(tensor)


def _as_constant(model: onnx.ModelProto, tensor: TensorProto) -> None:
    model.graph.node.append(helper.make_node("Constant", [], ["k"], value=tensor))


def _in_a_branch(model: onnx.ModelProto, tensor: TensorProto) -> None:
    branch = helper.make_graph(
        [helper.make_node("Identity", [tensor.name], ["b"])], "b", [], [helper.make_tensor_value_info("b", 1, [4])], [tensor]
    )  # fmt: skip
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    model.graph.node.append(helper.make_node("If", ["yes"], ["chosen"], then_branch=branch, else_branch=branch))


def _in_a_function(model: onnx.ModelProto, tensor: TensorProto) -> None:
    node = helper.make_node("Constant", [], ["k"], value=tensor)
    model.functions.append(
        helper.make_function("own", "F", [], ["k"], [node], opset_imports=[helper.make_opsetid("", 13)])
    )
    model.opset_import.append(helper.make_opsetid("own", 1))
    model.graph.node.append(helper.make_node("F", [], ["f"], domain="own"))


_REACH: dict[str, Callable[[onnx.ModelProto, TensorProto], None]] = {
    "a weight": _as_initializer,
    "a constant": _as_constant,
    "a branch's weight": _in_a_branch,
    "a function's constant": _in_a_function,
}


def _elsewhere(model: onnx.ModelProto, reach: Callable[[onnx.ModelProto, TensorProto], None], place: str) -> None:
    reach(model, _external("k0", place))


def _stretch(model: onnx.ModelProto, key: str, value: str) -> None:
    tensor = next(t for t in model.graph.initializer if t.data_location == TensorProto.EXTERNAL)
    kept = {e.key: e.value for e in tensor.external_data} | {key: value}
    del tensor.external_data[:]
    for name, text in kept.items():
        tensor.external_data.add(key=name, value=text)


def _operator(domain: str, name: str = "Evil", declared: bool = True) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        if declared:
            model.opset_import.append(helper.make_opsetid(domain, 1))
        last = model.graph.output[0].name
        model.graph.node.append(helper.make_node(name, [last], ["evil"], domain=domain))
        model.graph.output[0].name = "evil"

    return change


def _giant(*nodes: tuple[str, list[str], dict[str, Any]], **values: np.ndarray) -> Callable[[onnx.ModelProto], None]:
    """Nodes on the way to the embedding whose last output is summed up and added to it."""

    def change(model: onnx.ModelProto) -> None:
        for name, value in values.items():
            model.graph.initializer.append(numpy_helper.from_array(value, name))
        for number, (operator, inputs, attributes) in enumerate(nodes):
            model.graph.node.append(helper.make_node(operator, inputs, [f"giant{number}"], **attributes))
        last = f"giant{len(nodes) - 1}"
        model.graph.node.append(helper.make_node("ReduceMax", [last], ["most"], keepdims=0))
        model.graph.node.append(helper.make_node("Add", [model.graph.output[0].name, "most"], ["end"]))
        model.graph.output[0].name = "end"

    return change


def _input(*dims: int | str, kind: int = TensorProto.FLOAT) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        model.graph.input[0].CopyFrom(helper.make_tensor_value_info("input", kind, list(dims)))

    return change


def _twice(model: onnx.ModelProto) -> None:
    model.graph.node.append(model.graph.node[0])


def _circle(model: onnx.ModelProto) -> None:
    model.graph.node[0].input[0] = model.graph.node[-1].output[0]


def _clear(model: onnx.ModelProto, field: str) -> None:
    del getattr(model.graph, field)[:]


def _declared(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[:] = [2**40, 2**20]


def _words(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Cast", [model.graph.output[0].name], ["words"], to=TensorProto.STRING))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("words", TensorProto.STRING, ["N", 6]))


I64 = np.int64
_GRAPHS: dict[str, Callable[[onnx.ModelProto], None]] = {
    "an operator of nobody": _operator("evil"),
    "an operator of nobody, not declared": _operator("evil", declared=False),
    "an operator of a domain with a path": _operator("../../evil.so"),
    "an operator of a giant domain": _operator("x" * 100_000),
    "an operator that ONNX has not": _operator("", declared=False),
    "an operator that the runtime has not": _operator("com.microsoft"),
    "Python in a graph": _operator("com.microsoft", "PythonOp"),
    "ATen in a graph": _operator("org.pytorch.aten", "ATen"),
    "compiled code of a device": _operator("com.microsoft", "EPContext"),
    "a giant constant": _giant(("ConstantOfShape", ["s"], {}), s=np.array([60_000, 60_000], I64)),
    "a giant expansion": _giant(("Expand", ["v", "s"], {}), v=np.ones(1, np.float32), s=np.array([10**10], I64)),
    "a giant tile": _giant(("Tile", ["v", "s"], {}), v=np.ones(1000, np.float32), s=np.array([10**7], I64)),
    "a giant range": _giant(
        ("Range", ["a", "b", "c"], {}), a=np.array(0, np.float32), b=np.array(1e10, np.float32), c=np.array(1, np.float32)
    ),
    "a giant padding": _giant(("Pad", ["v", "s"], {}), v=np.ones(1, np.float32), s=np.array([0, 10**10], I64)),
    "a giant in steps": _giant(
        ("ConstantOfShape", ["s"], {}), ("Tile", ["giant0", "t"], {}), ("Tile", ["giant1", "t"], {}),
        s=np.array([10_000], I64), t=np.array([1000], I64),
    ),
    "a giant product": _giant(
        ("ConstantOfShape", ["s"], {}), ("Transpose", ["giant0"], {"perm": [1, 0]}), ("MatMul", ["giant0", "giant1"], {}),
        s=np.array([100_000, 1], I64),
    ),
    "many large ones": _giant(
        *(("ConstantOfShape", ["s"], {}) for _ in range(200)), s=np.array([5_000, 5_000], I64)
    ),
    "a shape below zero": _giant(("ConstantOfShape", ["s"], {}), s=np.array([-5, 7], I64)),
    "a declared giant": _declared,
    "giant pictures": _input("N", 3, 10**6, 10**6),
    "pictures below zero": _input("N", 3, -112, -112),
    "pictures of one side": _input("N", 3, 112),
    "oblong pictures": _input("N", 3, 112, 10**6),
    "words for pictures": _input("N", 3, 112, 112, kind=TensorProto.STRING),
    "pictures of another size than its layers": _input("N", 3, 48, 48),
    "no output": lambda model: _clear(model, "output"),
    "no input": lambda model: _clear(model, "input"),
    "no nodes": lambda model: _clear(model, "node"),
    "no weights": lambda model: _clear(model, "initializer"),
    "a node twice": _twice,
    "a circle": _circle,
    "words for an embedding": _words,
    "an output that nobody makes": lambda model: setattr(model.graph.output[0], "name", "nobody"),
    "the picture for an embedding, unknown": lambda model: setattr(model.graph.output[0], "name", ""),
    "a version of the far future": lambda model: setattr(model, "ir_version", 2**40),
    "operators of the far future": lambda model: setattr(model.opset_import[0], "version", 2**40),
    "no operators declared": lambda model: model.ClearField("opset_import"),
}  # fmt: skip
