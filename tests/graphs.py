"""Small ONNX graphs made by hand or exported, with what they should show."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from mint.vision.faces import TEMPLATE

SCRFD_BOX = [40.0, 50.0, 40.0, 60.0]


def export(model: nn.Module, path: Path, size: int) -> Path:
    """Through torch's own exporter, batch left open, weights as they are."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the exporter that InsightFace's files come from
        torch.onnx.export(
            model.eval(), (torch.zeros(1, 3, size, size),), buffer, input_names=["input"], output_names=["output"],
            dynamic_axes={"input": {0: "N"}, "output": {0: "N"}}, dynamo=False,
        )  # fmt: skip
    path.write_bytes(buffer.getvalue())
    return path


def mobile(residual: bool, batch: int | str = "N", size: int = 32, reshape: bool = False) -> onnx.ModelProto:
    """Like a MobileNet: depthwise and pointwise convolutions at 16, 8, 4 and 2 cells a side.

    With ``residual``, the maps at 8 and 4 cells have a sum; with ``reshape``, the graph has its
    batch size of one written into it, as some exporters do.
    """
    random = np.random.default_rng(3)
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []

    def add(op: str, inputs: list[str], name: str, **attributes: object) -> str:
        nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def weight(name: str, value: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(value.astype(np.float32), name))
        return name

    def conv(source: str, name: str, inside: int, outside: int, stride: int, group: int = 1, side: int = 3) -> str:
        kernel = weight(f"{name}_w", random.normal(0, 0.4, (outside, inside // group, side, side)))
        pads = [side // 2] * 4
        out = add("Conv", [source, kernel], f"{name}_conv", strides=[stride] * 2, pads=pads, group=group)
        plain = [weight(f"{name}_{k}", v) for k, v in (("g", np.ones(outside)), ("b", np.zeros(outside)),
                                                       ("m", np.zeros(outside)), ("v", np.ones(outside)))]  # fmt: skip
        out = add("BatchNormalization", [out, *plain], f"{name}_bn")
        return add("PRelu", [out, weight(f"{name}_a", np.full((outside, 1, 1), 0.25))], f"{name}_relu")

    x = add("Sub", ["input", weight("mean", np.array(127.5))], "centred")
    x = add("Mul", [x, weight("scale", np.array(1 / 128))], "scaled")
    width = 4
    for stage in range(1, 5):
        x = conv(x, f"s{stage}", 3 if stage == 1 else width, width, 2)
        y = conv(x, f"s{stage}_dw", width, width, 1, group=width)
        y = conv(y, f"s{stage}_pw", width, width, 1, side=1)
        x = add("Add", [y, x], f"s{stage}_sum") if residual and stage in (2, 3) else y
    if reshape:
        weights.append(numpy_helper.from_array(np.array([1, width * (size // 16) ** 2], np.int64), "flat_shape"))
        x = add("Reshape", [x, "flat_shape"], "flat")
    else:
        x = add("Flatten", [x], "flat")
    add("Gemm", [x, weight("fc", random.normal(0, 0.3, (6, width * (size // 16) ** 2)))], "embedding", transB=1)
    graph = helper.make_graph(
        nodes,
        "mobile",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, size, size])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, 6])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def scrfd(size: int | None = None) -> onnx.ModelProto:
    """A detector with SCRFD's inputs and outputs, which takes a cell of 32 × 32 red pixels for a face.

    Its landmarks lie around the cell's corner as the ArcFace template does around the middle of a crop, so that the
    crop is the 112 × 112 pixels around that corner. ``SCRFD_BOX`` is the box: left, top, right, bottom of the corner.
    """
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    outputs: dict[str, list[str]] = {"score": [], "box": [], "landmarks": []}
    values = {"score": [-20.0], "box": SCRFD_BOX, "landmarks": (TEMPLATE - 56).ravel().tolist()}
    for stride in (8, 16, 32):
        for kind, one in values.items():
            name = f"{kind}{stride}"
            channels = 2 * len(one)  # of two anchors a cell; the second never finds anything
            kernel = np.zeros((channels, 3, stride, stride), np.float32)
            bias = np.tile(np.array(one, np.float32) / (1 if kind == "score" else stride), 2)
            if kind == "score" and stride == 32:
                kernel[0] = np.array([10.0, -10, -10])[:, None, None] / stride**2  # red is 1 -1 -1 after scaling
            weights += [
                numpy_helper.from_array(kernel, f"{name}_w"),
                numpy_helper.from_array(bias, f"{name}_b"),
                numpy_helper.from_array(np.array([-1, len(one)], np.int64), f"{name}_s"),
            ]
            nodes += [
                helper.make_node("Conv", ["input", f"{name}_w", f"{name}_b"], [f"{name}_c"], strides=[stride] * 2),
                helper.make_node("Transpose", [f"{name}_c"], [f"{name}_t"], perm=[0, 2, 3, 1]),
                helper.make_node("Reshape", [f"{name}_t", f"{name}_s"], [f"{name}_r"]),
                helper.make_node("Sigmoid" if kind == "score" else "Identity", [f"{name}_r"], [name]),
            ]
            outputs[kind].append(name)
    graph = helper.make_graph(
        nodes, "scrfd",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, size or "h", size or "w"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", len(values[kind])])
         for kind, names in outputs.items() for name in names],
        weights,
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
