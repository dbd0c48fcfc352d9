#!/usr/bin/env bash
# insightface 2.1: whether a face is scaled once or twice is decided by the names of the network's nodes.
#
# A recogniser may scale its input itself, (pixel - 127.5) / 127.5. get_model() looks for that among the first eight nodes
# of the ONNX file, not by what they compute but by their names, which carry no meaning in ONNX: one that begins with "Sub"
# or "_minus" and one with "Mul" or "_mul", as MXNet's exporter wrote them. PyTorch names the same nodes "/Sub" and "/Div"
# (or "node_sub", "node_div"). Such a file is scaled a second time, without a word: the network sees an almost black
# picture, and the embeddings of different faces come out alike.
#
# Seen with insightface 2.1, onnx 1.23.2 and onnxruntime 1.32.0; one network saved under three sets of names, two noise
# pictures; "right" is onnxruntime run on the plain pixels:
#   Sub_0, Mul_1: mean 0.0, std 1.0; cosine to the right embedding 1.0000; of the two faces 0.0142
#   /Sub, /Mul: mean 127.5, std 127.5; cosine to the right embedding -0.1707; of the two faces 1.0000
#   node_sub, node_mul: mean 127.5, std 127.5; cosine to the right embedding -0.1707; of the two faces 1.0000
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
import onnxruntime
from insightface.model_zoo import get_model
from onnx import TensorProto, helper, numpy_helper

assert version("insightface") == "2.1"
rng = np.random.default_rng(0)
tensors = {
    "grey": np.float32(127.5),
    "scale": np.float32(1 / 127.5),
    "weights": (rng.normal(size=(3 * 112 * 112, 64)) / 100).astype(np.float32),
}
faces = [rng.integers(0, 256, (112, 112, 3), dtype=np.uint8) for _ in range(2)]  # BGR, as OpenCV reads them


def cosine(a, b):
    return float(a.ravel() @ b.ravel() / np.linalg.norm(a) / np.linalg.norm(b))


for sub, mul, names_are_known in (("Sub_0", "Mul_1", True), ("/Sub", "/Mul", False), ("node_sub", "node_mul", False)):
    nodes = [
        helper.make_node("Sub", ["data", "grey"], ["shifted"], name=sub),
        helper.make_node("Mul", ["shifted", "scale"], ["scaled"], name=mul),
        helper.make_node("Flatten", ["scaled"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "weights"], ["embedding"]),
    ]
    data = helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 112, 112])
    out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, 64])
    graph = helper.make_graph(nodes, "net", [data], [out], [numpy_helper.from_array(v, k) for k, v in tensors.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "net.onnx")
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    right = [session.run(None, {"data": f[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)})[0] for f in faces]
    net = get_model("net.onnx", providers=["CPUExecutionProvider"])
    given = [net.get_feat(f) for f in faces]
    agreement, alike = cosine(given[0], right[0]), cosine(*given)
    print(f"{sub}, {mul}: mean {net.input_mean}, std {net.input_std};", end=" ")
    print(f"cosine to the right embedding {agreement:.4f}; of the two faces {alike:.4f}")
    assert abs(cosine(*right)) < 0.5
    assert (agreement > 0.999) == names_are_known and (alike > 0.99) != names_are_known, "the behaviour has changed"
PY
