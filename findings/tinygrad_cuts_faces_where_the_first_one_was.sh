#!/usr/bin/env bash
# tinygrad 0.14.0: a network that finds the face itself cuts every photo where the first photo's face was.
#
# Some recognisers are one ONNX file for whole photos: a detector says where the face is, a Slice node cuts it out, and the
# rest makes the embedding. tinygrad's OnnxRunner needs the bounds of a Slice as Python numbers. It turns the tensor into
# numbers at the first photo and keeps them under the tensor's name, because "computed values (Shape ops) are
# deterministic", as its source says: so they are where a shape is computed, and not where a detector's answer is. From the second
# photo on the face is cut out where the first one's was. The embedding is of hair or background and of the right size, and
# a photo has as many embeddings as there are photos before it. The detector's own output is right. So it is where the
# bounds are an input of the file, the box of another detector. No warning. The first photo is right, and so is a new
# OnnxRunner for each photo.
#
# Seen with tinygrad 0.14.0 (its device PYTHON, which needs no compiler), onnx 1.23.2, onnxruntime 1.32.0 and numpy 2.4.6;
# six photos of 16 x 16 pixels with a face of 4 x 4:
#   cosine to the right embedding, one runner for all: 1.000 -0.179 0.743 -0.062 0.331 -0.158
#   cosine to that of what lies where the first face was: 1.000 1.000 1.000 1.000 1.000 1.000
#   cosine to the right embedding, boxes given: 1.000 -0.179 0.743 -0.062 0.331 -0.158
#   cosine to the right embedding, a new runner for each: 1.000 1.000 1.000 1.000 1.000 1.000
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check tinygrad==0.14.0 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$work"
DEV=PYTHON CACHEDB="$work/cache.db" "$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tinygrad.nn.onnx import OnnxRunner

assert version("tinygrad") == "0.14.0"
rng = np.random.default_rng(0)
SIZE, FACE, WIDTH, PHOTOS = 16, 4, 16, 6
CELLS = SIZE - FACE + 1
weights = rng.normal(size=(WIDTH, FACE * FACE)).astype(np.float32)
weights -= weights.mean(1, keepdims=True)
places = rng.integers(0, CELLS, (PHOTOS, 2))
photos = 0.3 * rng.random((PHOTOS, 1, 1, SIZE, SIZE), np.float32)
for photo, (row, column) in zip(photos, places):
    photo[0, 0, row : row + FACE, column : column + FACE] += 1 + rng.random((FACE, FACE), np.float32)

tensors = {
    "detector": np.ones((1, 1, FACE, FACE), np.float32),
    "list": np.array([1, -1]),
    "cells": np.array([CELLS, CELLS]),
    "cell": np.array([CELLS, 1]),
    "face": np.array([FACE, FACE]),
    "axes": np.array([2, 3]),
    "flat": np.array([1, -1]),
    "weights": weights,
}
nodes = [
    helper.make_node("Conv", ["photo", "detector"], ["heat"]),
    helper.make_node("Reshape", ["heat", "list"], ["places"]),
    helper.make_node("ArgMax", ["places"], ["best"], axis=1, keepdims=0),
    helper.make_node("Div", ["best", "cell"], ["counted"]),
    helper.make_node("Mod", ["counted", "cells"], ["from"]),
    helper.make_node("Add", ["from", "face"], ["to"]),
    helper.make_node("Slice", ["photo", "from", "to", "axes"], ["crop"]),
    helper.make_node("Reshape", ["crop", "flat"], ["pixels"]),
    helper.make_node("Gemm", ["pixels", "weights"], ["embedding"], transB=1),
]
PHOTO = helper.make_tensor_value_info("photo", TensorProto.FLOAT, [1, 1, SIZE, SIZE])
BOX = [helper.make_tensor_value_info(name, TensorProto.INT64, [2]) for name in ("from", "to")]
EMBEDDING = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, WIDTH])


def save(name, nodes, inputs, outputs):
    """Save the nodes as an ONNX file, with the tensors that they use."""
    used = {i for node in nodes for i in node.input}
    held = [numpy_helper.from_array(value, key) for key, value in tensors.items() if key in used]
    graph = helper.make_graph(nodes, "recogniser", inputs, outputs, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, name)


save("whole.onnx", nodes, [PHOTO], [EMBEDDING, BOX[0]])
save("boxed.onnx", nodes[6:], [PHOTO, *BOX], [EMBEDDING])


def embed(photo, row, column):
    """Return the embedding of the square at this place of the photo."""
    return weights @ photo[0, 0, row : row + FACE, column : column + FACE].ravel()


def cosine(a, b):
    return float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))


session = onnxruntime.InferenceSession("whole.onnx", providers=["CPUExecutionProvider"])
runner, boxed = OnnxRunner("whole.onnx"), OnnxRunner("boxed.onnx")
kept, stale, given, fresh = [], [], [], []
for photo, place in zip(photos, places):
    right, found = session.run(None, {"photo": photo})
    assert (found == place).all()
    assert np.allclose(right[0], embed(photo, *place), rtol=1e-3, atol=1e-4)
    answer = runner({"photo": photo})
    assert (answer["from"].numpy() == place).all(), "the detector is right no longer"
    kept.append(cosine(answer["embedding"].numpy(), right))
    stale.append(cosine(answer["embedding"].numpy(), embed(photo, *places[0])))
    given.append(cosine(boxed({"photo": photo, "from": place, "to": place + FACE})["embedding"].numpy(), right))
    fresh.append(cosine(OnnxRunner("whole.onnx")({"photo": photo})["embedding"].numpy(), right))
for name, cosines in (
    ("to the right embedding, one runner for all", kept),
    ("to that of what lies where the first face was", stale),
    ("to the right embedding, boxes given", given),
    ("to the right embedding, a new runner for each", fresh),
):
    print(f"cosine {name}:", " ".join(f"{c:.3f}" for c in cosines))
assert min(fresh) > 0.9999 and kept[0] > 0.9999 and given[0] > 0.9999
assert max(kept[1:]) < 0.9 and max(given[1:]) < 0.9 and min(stale) > 0.9999, "the behaviour has changed"
PY
