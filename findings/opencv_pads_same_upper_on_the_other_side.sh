#!/usr/bin/env bash
# OpenCV 5: a network that came from TensorFlow sees every photo aside, by more pixels at each of its steps.
#
# tf2onnx writes TensorFlow's padding as auto_pad="SAME_UPPER" where the photo's size is left open: if the number of rows to
# be added is odd, the one left over goes below, and the column to the right. It is odd whenever a layer of stride 2 halves
# an even picture, as 112 or 160 pixels are. OpenCV puts it above and to the left, as SAME_LOWER would. The size of the
# answer is right and nothing is printed. Four such layers move what the last one sees by 1 + 2 + 4 + 8 pixels of the photo,
# so its maps are another part of the face and the embedding is another. onnxruntime and ONNX's own reference put it where
# the file says. OpenCV reads a file right that spells the same padding out, pads=[0, 0, 1, 1]. Odd sizes (113) leave none.
#
# Seen with opencv-python-headless 5.0.0.93, onnx 1.23.2, onnxruntime 1.32.0 and numpy 2.4.6; four layers of 3 x 3 and
# stride 2 with random weights and PReLU, eight noise pictures, mean cosine of OpenCV's embedding to onnxruntime's:
#   112 pixels: SAME_UPPER 0.4065, as onnxruntime's SAME_LOWER 1.0000; the same padding in numbers 1.0000
#   160 pixels: SAME_UPPER 0.4211, as onnxruntime's SAME_LOWER 1.0000; the same padding in numbers 1.0000
#   113 pixels: SAME_UPPER 1.0000, as onnxruntime's SAME_LOWER 1.0000; the same padding in numbers 1.0000
#   112 pixels, layers that pass on the middle pixel: place (3, 3) of the last shows pixel (63, 63), in OpenCV (48, 48)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 onnx==1.23.2 \
  onnxruntime==1.32.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

assert cv2.__version__.startswith("5.0.0") and onnxruntime.__version__ == "1.32.0"
CHANNELS, LAYERS = 16, 4
rng = np.random.default_rng(0)
RANDOM, MIDDLE = {}, {}
for depth in range(LAYERS):
    into = CHANNELS if depth else 3
    RANDOM[f"kernel{depth}"] = rng.normal(size=(CHANNELS, into, 3, 3)) / (9 * into / 2) ** 0.5
    RANDOM[f"slopes{depth}"] = rng.uniform(0, 0.5, (CHANNELS, 1, 1))
    MIDDLE[f"kernel{depth}"] = np.zeros((CHANNELS, into, 3, 3))
    MIDDLE[f"kernel{depth}"][range(3), range(3), 1, 1] = 1
    MIDDLE[f"slopes{depth}"] = np.ones((CHANNELS, 1, 1))


def recogniser(weights, padding):
    """Return a network whose convolutions are padded as told, and whose embedding is its last maps in one row."""
    tensors = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()]
    nodes, at = [], "face"
    for d in range(LAYERS):
        nodes.append(helper.make_node("Conv", [at, f"kernel{d}"], [f"a{d}"], kernel_shape=[3, 3], strides=[2, 2], **padding))
        nodes.append(helper.make_node("PRelu", [f"a{d}", f"slopes{d}"], [f"b{d}"]))
        at = f"b{d}"
    nodes.append(helper.make_node("Flatten", [at], ["embedding"]))
    face = helper.make_tensor_value_info("face", TensorProto.FLOAT, (8, 3, "height", "width"))
    out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, (8, "numbers"))
    graph = helper.make_graph(nodes, "recogniser", [face], [out], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def opencv(model, faces):
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
    net.setInput(faces)
    return net.forward()


def runtime(model, faces):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"face": faces})[0]


def cosine(a, b):
    return float(np.mean((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)))


UPPER, LOWER = {"auto_pad": "SAME_UPPER"}, {"auto_pad": "SAME_LOWER"}
for side, pads in ((112, [0, 0, 1, 1]), (160, [0, 0, 1, 1]), (113, [1, 1, 1, 1])):
    faces = rng.normal(size=(8, 3, side, side)).astype(np.float32)
    upper, numbers = recogniser(RANDOM, UPPER), recogniser(RANDOM, {"pads": pads})
    right, seen = runtime(upper, faces), opencv(upper, faces)
    assert cosine(right, runtime(numbers, faces)) > 0.9999
    assert cosine(right, ReferenceEvaluator(upper).run(None, {"face": faces})[0]) > 0.9999
    apart, lower = cosine(seen, right), cosine(seen, runtime(recogniser(RANDOM, LOWER), faces))
    spelt = cosine(opencv(numbers, faces), right)
    print(f"{side} pixels: SAME_UPPER {apart:.4f}, as onnxruntime's SAME_LOWER {lower:.4f};", end=" ")
    print(f"the same padding in numbers {spelt:.4f}")
    assert spelt > 0.9999 and lower > 0.9999 and (apart > 0.9999) == (side % 2 == 1), "the behaviour has changed"
    assert side % 2 or apart < 0.9, "the behaviour has changed"

side = 112
faces = np.zeros((8, 3, side, side), np.float32)
faces[:, 0], faces[:, 1] = np.mgrid[:side, :side]  # each pixel holds its own row and column
places = []
for run in (runtime, opencv):
    maps = run(recogniser(MIDDLE, UPPER), faces).reshape(8, CHANNELS, 7, 7)
    places.append((int(maps[0, 0, 3, 3]), int(maps[0, 1, 3, 3])))
print(f"{side} pixels, layers that pass on the middle pixel: place (3, 3) of the last shows pixel {places[0]},", end=" ")
print(f"in OpenCV {places[1]}")
assert places == [(63, 63), (48, 48)], "the behaviour has changed"
PY
