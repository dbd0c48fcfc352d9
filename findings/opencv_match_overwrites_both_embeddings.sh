#!/usr/bin/env bash
# OpenCV's face recogniser: comparing two faces overwrites both embeddings by their unit vectors.
#
# FaceRecognizerSF.match(a, b) returns a number, so nobody expects it to write. It scales the two arrays that it is given
# to length 1, in place: the caller's own numpy arrays, and a whole row of a gallery when a view of that row is passed.
# Their lengths are what face quality scores and membership tests read. Measured after the first comparison, every
# embedding is equally long; measured before, they are not. It happens for both kinds of distance. match(a.copy(), b.copy())
# keeps them.
#
# Seen with opencv-python-headless 5.0.0.93, numpy 2.4.6 and onnx 1.23.2; a network of one layer stands for
# the recogniser, because match() does not run it:
#   lengths before: 74.910 and 27.990; after one comparison: 1.000 and 1.000 (cosine and L2 alike)
#   a row of a gallery of three: 5.000 before, 1.000 after; the other rows as they were
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.6 onnx==1.23.2
"$work/venv/bin/python" - <<'PY'
import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(0)
weights = numpy_helper.from_array((rng.normal(size=(3 * 112 * 112, 8)) / 1000).astype(np.float32), "weights")
graph = helper.make_graph(
    [helper.make_node("Flatten", ["data"], ["flat"], axis=1), helper.make_node("MatMul", ["flat", "weights"], ["out"])],
    "one_layer",
    [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 112, 112])],
    [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 8])],
    [weights],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "net.onnx")
recogniser = cv2.FaceRecognizerSF.create("net.onnx", "")
faces = [rng.integers(0, top, (112, 112, 3), dtype=np.uint8) for top in (255, 128)]
print(f"OpenCV {cv2.__version__}")


def lengths(embeddings):
    return [float(np.linalg.norm(e)) for e in embeddings]


for kind, name in ((cv2.FaceRecognizerSF_FR_COSINE, "cosine"), (cv2.FaceRecognizerSF_FR_NORM_L2, "L2")):
    pair = [recogniser.feature(face).copy() for face in faces]
    before = lengths(pair)
    recogniser.match(pair[0], pair[1], kind)
    after = lengths(pair)
    print(f"{name}: lengths {before[0]:.3f} and {before[1]:.3f}; after one comparison {after[0]:.3f} and {after[1]:.3f}")
    assert min(before) > 20, "the embeddings of this script have changed"
    assert np.allclose(after, 1, atol=1e-5), "the behaviour has changed"

gallery = np.array([[3, 4, 0], [0, 6, 8], [5, 0, 12]], np.float32)
recogniser.match(gallery[:1], np.array([[1, 0, 0]], np.float32))
print("gallery after a comparison with its first row:", [f"{n:.3f}" for n in lengths(gallery)])
assert np.allclose(lengths(gallery), [1, 10, 13]), "the behaviour has changed"
PY
