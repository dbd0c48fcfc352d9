#!/usr/bin/env bash
# OpenVINO 2026.2.0: a face whose parts are weighted is weighted by those of all faces of its batch.
#
# A recogniser with attention weighs 49 parts of a face and has the weights of each face sum to 1. F.normalize(w, p=1, dim=1)
# is what one writes, and ReduceL1 with axes=[1] is what PyTorch's older exporter makes of it. From opset 13 to 17 the axes of
# ReduceL1 are an attribute, from 18 on an input; OpenVINO's reader asks for the input alone and sums over all there is if it
# finds none. Broadcasting hides that, and so does a batch of one, on which a conversion is usually tried. In a batch of eight
# each face gets a fraction of its weights: the embedding is shorter, depending on the others, and points elsewhere if a bias
# follows. The last, smaller batch of a set is off by another factor. ReduceL2 (p=2), opset 11 and opset 18 are right. No
# warning. onnxruntime is right in every opset.
#
# Seen with openvino 2026.2.0, onnx 1.23.2, onnxruntime 1.32.0 and numpy 2.4.6, a network of one layer with attention and
# random weights; OpenVINO's embedding of the first of some noise pictures against onnxruntime's:
#   opset 13 and 17, alone: length x 1.000, cosine 1.0000
#   opset 13 and 17, first of 2: length x 0.527, cosine 0.9951
#   opset 13 and 17, first of 8: length x 0.173, cosine 0.8396
#   opset 11, opset 18 and ReduceL2: length x 1.000, cosine 1.0000 everywhere
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check openvino==2026.2.0 onnx==1.23.2 onnxruntime==1.32.0 \
  numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper

assert version("openvino") == "2026.2.0"
rng = np.random.default_rng(0)
PARTS, CHANNELS, WIDTH = 49, 32, 64
tensors = {
    "kernel": rng.normal(size=(CHANNELS, 3, 16, 16)) / 16,
    "slope": np.full((CHANNELS, 1, 1), 0.25),
    "look": rng.normal(size=(1, CHANNELS, 1, 1)) / 4,
    "last": rng.normal(size=(CHANNELS, WIDTH)),
    "bias": rng.normal(size=WIDTH) / 2,
}
shapes = {"parts": np.array([0, PARTS, 1]), "channels": np.array([0, CHANNELS, PARTS]), "flat": np.array([0, CHANNELS])}
photos = rng.normal(rng.normal(0, 0.5, (8, 1, 1, 1)), 1, (8, 3, 112, 112)).astype(np.float32)


def network(opset, norm):
    """Return the ONNX file, as bytes, of a recogniser that weighs 7 x 7 parts of a face of 112 x 112 pixels."""
    initial = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in tensors.items()]
    initial += [numpy_helper.from_array(v.astype(np.int64), k) for k, v in shapes.items()]
    sums = helper.make_node(norm, ["w"], ["sum"], axes=[1], keepdims=1)
    if opset >= 18:
        initial.append(numpy_helper.from_array(np.array([1]), "axes"))
        sums = helper.make_node(norm, ["w", "axes"], ["sum"], keepdims=1)
    nodes = [
        helper.make_node("Conv", ["photo", "kernel"], ["c"], strides=[16, 16]),
        helper.make_node("PRelu", ["c", "slope"], ["p"]),
        helper.make_node("Conv", ["p", "look"], ["l"]),
        helper.make_node("Sigmoid", ["l"], ["s"]),
        helper.make_node("Reshape", ["s", "parts"], ["w"]),
        sums,
        helper.make_node("Div", ["w", "sum"], ["weights"]),
        helper.make_node("Reshape", ["p", "channels"], ["maps"]),
        helper.make_node("MatMul", ["maps", "weights"], ["pooled"]),
        helper.make_node("Reshape", ["pooled", "flat"], ["flatted"]),
        helper.make_node("Gemm", ["flatted", "last", "bias"], ["embedding"]),
    ]
    given = helper.make_tensor_value_info("photo", TensorProto.FLOAT, ["n", 3, 112, 112])
    out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", WIDTH])
    graph = helper.make_graph(nodes, "net", [given], [out], initial)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


core = openvino.Core()
for opset, norm, right in ((11, "ReduceL1", True), (13, "ReduceL1", False), (17, "ReduceL1", False), (18, "ReduceL1", True),
                           (17, "ReduceL2", True)):
    file = network(opset, norm)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    compiled = core.compile_model(core.read_model(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    told = []
    for count in (1, 2, 8):
        wanted, got = session.run(None, {"photo": photos[:count]})[0][0], compiled(photos[:count])[0][0]
        lengths = np.linalg.norm(wanted), np.linalg.norm(got)
        told.append((count, lengths[1] / lengths[0], wanted @ got / lengths[0] / lengths[1]))
    print(f"opset {opset}, {norm}:", "; ".join(f"first of {n}: length x {ratio:.3f}, cosine {c:.4f}" for n, ratio, c in told))
    assert abs(told[0][1] - 1) < 1e-3 and told[0][2] > 0.9999
    assert (abs(told[2][1] - 1) < 1e-3 and told[2][2] > 0.9999) == right, "the behaviour has changed"
PY
