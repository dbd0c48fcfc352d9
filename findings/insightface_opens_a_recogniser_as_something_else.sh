#!/usr/bin/env bash
# insightface 2.1: a face recogniser with an input of 96 x 96 or 192 x 192 pixels is opened as another kind of network.
#
# get_model("file.onnx") decides by the input's size what a network is for: 96 is gender and age, 192 is landmarks, any
# other multiple of 16 from 112 on is a recogniser. The number of outputs, 512, is not looked at. What comes back for the
# two sizes has no get_feat() and never writes an embedding into the face; for 192 it cuts the 512 numbers into 256
# "landmarks". No warning. get_model(..., model_task="recognition", model_metadata=...) opens the same file as what it is.
#
# Seen with insightface 2.1, onnx 1.23.2 and onnxruntime 1.32.0, one network of 512 outputs in five sizes:
#   96: Attribute, task attribute_512
#   112: ArcFaceONNX, task recognition
#   160: ArcFaceONNX, task recognition
#   192: Landmark, task landmark_2d_256
#   224: ArcFaceONNX, task recognition
#   96 and 192 opened with model_task="recognition": ArcFaceONNX, an embedding of 512 numbers
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check insightface==2.1 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import onnx
from insightface.model_zoo import get_model
from onnx import TensorProto, helper, numpy_helper

assert version("insightface") == "2.1"
CPU = ["CPUExecutionProvider"]
SCALING = {"preprocessing": {"mean": 127.5, "std": 127.5}}
weights = (np.random.default_rng(0).normal(size=(3, 512)) / 10).astype(np.float32)
WANTED = {96: "Attribute", 112: "ArcFaceONNX", 160: "ArcFaceONNX", 192: "Landmark", 224: "ArcFaceONNX"}
for size, wanted in WANTED.items():
    nodes = [
        helper.make_node("GlobalAveragePool", ["data"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "weights"], ["embedding"]),
    ]
    data = helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, size, size])
    out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, 512])
    graph = helper.make_graph(nodes, "recogniser", [data], [out], [numpy_helper.from_array(weights, "weights")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "net.onnx")
    net = get_model("net.onnx", providers=CPU)
    print(f"{size}: {type(net).__name__}, task {net.taskname}")
    assert type(net).__name__ == wanted, "the behaviour has changed"
    assert hasattr(net, "get_feat") == (wanted == "ArcFaceONNX"), "the behaviour has changed"
    told = get_model("net.onnx", providers=CPU, model_task="recognition", model_metadata=SCALING)
    embedding = told.get_feat(np.full((size, size, 3), 200, np.uint8))
    print(f"{size} with model_task: {type(told).__name__}, an embedding of {embedding.size} numbers")
    assert type(told).__name__ == "ArcFaceONNX" and embedding.shape == (1, 512)
PY
