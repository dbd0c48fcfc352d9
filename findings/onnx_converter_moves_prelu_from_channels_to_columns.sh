#!/usr/bin/env bash
# onnx 1.23.2: a file of opset 6 that is converted to a later one scales a face by column instead of by channel.
#
# PReLU, the activation of most face recognisers, has one learnt slope for each channel. Up to opset 6 ONNX writes the
# slopes as a plain list; from opset 7 on the same list would be one slope for each column of pixels, and the slopes of
# channels need the shape (C, 1, 1). version_converter.convert_version changes the opset's number and leaves the list as it
# is. Where the picture is as many pixels wide as there are channels (64 and 64 in the first layers of a network for small
# crops) the result passes the checker, runs, and its embeddings are others. Other widths cannot be run, which at least is
# seen. OpenCV reads such a list by channel in every opset, so it agrees with the old file and not with onnxruntime.
#
# Seen with onnx 1.23.2, onnxruntime 1.32.0, opencv-python-headless 5.0.0.93 and numpy 2.4.6; a network of six layers with
# random weights, eight noise pictures:
#   64 pixels, opset 6 to 17: slopes of shape (64,); mean cosine to the embedding before: 0.8168 in onnxruntime,
#     1.0000 in OpenCV, 1.0000 in onnxruntime with slopes of shape (64, 1, 1)
#   112 pixels, opset 6 to 17: onnxruntime refuses to run it
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 \
  opencv-python-headless==5.0.0.93
cd "$work"
"$work/venv/bin/python" - <<'PY'
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, version_converter

assert onnx.__version__ == "1.23.2", onnx.__version__
CHANNELS, LAYERS = 64, 6
rng = np.random.default_rng(0)
WEIGHTS = {}
for depth in range(LAYERS):
    into = CHANNELS if depth else 3
    WEIGHTS[f"kernel{depth}"] = rng.normal(size=(CHANNELS, into, 3, 3)) / (9 * into / 2) ** 0.5
    WEIGHTS[f"slopes{depth}"] = rng.uniform(0, 0.6, CHANNELS)
WEIGHTS["last"] = rng.normal(size=(32, CHANNELS, 8, 8)) / 64


def network(side):
    """Return a recogniser of opset 6: convolutions, each with a PReLU of a slope for each channel, and an embedding."""
    tensors = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in WEIGHTS.items()]
    nodes, at = [], "face"
    for depth in range(LAYERS):
        nodes.append(helper.make_node("Conv", [at, f"kernel{depth}"], [f"a{depth}"], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("PRelu", [f"a{depth}", f"slopes{depth}"], [f"b{depth}"]))
        at = f"b{depth}"
    nodes.append(helper.make_node("Conv", [at, "last"], ["c"], strides=[8, 8]))
    nodes.append(helper.make_node("Flatten", ["c"], ["embedding"]))
    inputs = [helper.make_tensor_value_info("face", TensorProto.FLOAT, (1, 3, side, side))]
    inputs += [helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, tensor.dims) for tensor in tensors]
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, (1, 32 * (side // 8) ** 2))
    graph = helper.make_graph(nodes, "recogniser", inputs, [output], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 6)], ir_version=3)
    onnx.checker.check_model(model, full_check=True)
    return model


def opencv(model, face):
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
    net.setInput(face)
    return net.forward().ravel()


def runtime(model, face):
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), quiet, providers=["CPUExecutionProvider"])
    return session.run(None, {"face": face})[0].ravel()


def cosine(a, b):
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


old = network(64)
new = version_converter.convert_version(old, 17)
onnx.checker.check_model(new)
shapes = {tuple(tensor.dims) for tensor in new.graph.initializer if tensor.name.startswith("slopes")}
by_hand = onnx.ModelProto.FromString(new.SerializeToString())
for value in (*by_hand.graph.initializer, *by_hand.graph.input):
    if value.name.startswith("slopes"):
        if isinstance(value, TensorProto):
            value.dims[:] = [CHANNELS, 1, 1]
        else:
            value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, (CHANNELS, 1, 1)))
rows = []
for face in rng.normal(size=(8, 1, 3, 64, 64)).astype(np.float32):
    before = opencv(old, face)
    rows.append([cosine(before, after) for after in (runtime(new, face), opencv(new, face), runtime(by_hand, face))])
converted, in_opencv, corrected = np.mean(rows, axis=0)
print(f"64 pixels, opset 6 to {new.opset_import[0].version}, slopes of shape {shapes}; mean cosine to the embedding before:")
print(f"  {converted:.4f} in onnxruntime, {in_opencv:.4f} in OpenCV, {corrected:.4f} in onnxruntime with slopes of shape (64, 1, 1)")
assert shapes == {(CHANNELS,)} and converted < 0.95, "the behaviour has changed"
assert in_opencv > 0.9999 and corrected > 0.9999, "the behaviour has changed"

wide = version_converter.convert_version(network(112), 17)
try:
    runtime(wide, rng.normal(size=(1, 3, 112, 112)).astype(np.float32))
except Exception as error:
    print(f"112 pixels, opset 6 to 17: refused ({type(error).__name__})")
else:
    raise AssertionError("the behaviour has changed")
PY
