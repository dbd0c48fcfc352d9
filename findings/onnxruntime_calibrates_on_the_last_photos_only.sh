#!/usr/bin/env bash
# onnxruntime 1.32.0: a recogniser that is quantised with 42 photos has forgotten 40 of them.
#
# quantize_static runs the network over a set of faces and notes how far each layer's numbers reach, for its 8-bit steps.
# That fills the memory, so there is an option, extra_options={"CalibMaxIntermediateOutputs": 10}: so many photos "before an
# intermediate range is computed". With the method MinMax, the default, no range is computed there: what was collected is thrown
# away, and the file is the same, byte for byte, as one calibrated with what is left over at the end, here the last two photos.
# Sets of faces are in order, by person or by source, so the last ones are alike: whatever is brighter than they are is cut
# off in every layer. Nothing is said about it. (If nothing is left over, 40 photos, it is an error.)
# A larger number than there are photos, or the reader's photos put in chance order, hides it.
#
# Seen with onnxruntime 1.32.0, onnx 1.23.2 and numpy 2.4.6; four layers with random weights, 42 noise pictures from bright
# to dark; mean cosine of the 8-bit embeddings to the float ones:
#   all 42 photos: 0.9971, of the ten brightest 0.9995
#   all 42, at most 10 held: 0.9195, of the ten brightest 0.8816
#   the last 2 of them: 0.9195, of the ten brightest 0.8816
#   all 42, at most 100 held: 0.9971, of the ten brightest 0.9995
#   the same file: at most 10 held and the last 2, True; at most 100 held and all, True
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6 sympy==1.14.0
cd "$work"
"$work/venv/bin/python" - 2>"$work/log" <<'PY'
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, quantize_static

assert onnxruntime.__version__ == "1.32.0", onnxruntime.__version__
rng = np.random.default_rng(0)
CHANNELS, SIZE, PHOTOS = (3, 16, 16, 16, 16), 16, 42
weights, nodes, before = {}, [], "photo"
for i, (channels, more) in enumerate(zip(CHANNELS, CHANNELS[1:])):
    weights[f"kernel{i}"] = rng.normal(size=(more, channels, 3, 3)) / np.sqrt(9 * channels)
    weights[f"slope{i}"] = np.full((more, 1, 1), 0.25)
    nodes.append(helper.make_node("Conv", [before, f"kernel{i}"], [f"c{i}"], pads=[1, 1, 1, 1]))
    nodes.append(helper.make_node("PRelu", [f"c{i}", f"slope{i}"], [f"p{i}"]))
    before = f"p{i}"
weights["last"] = rng.normal(size=(CHANNELS[-1] * SIZE * SIZE, 64)) / 64
nodes.append(helper.make_node("Flatten", [before], ["flat"]))
nodes.append(helper.make_node("MatMul", ["flat", "last"], ["embedding"]))
given = helper.make_tensor_value_info("photo", TensorProto.FLOAT, [1, 3, SIZE, SIZE])
out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, 64])
tensors = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items()]
graph = helper.make_graph(nodes, "net", [given], [out], tensors)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), "float.onnx")
contrasts = np.linspace(1, 0.1, PHOTOS)
photos = [(c * rng.normal(size=(1, 3, SIZE, SIZE))).astype(np.float32) for c in contrasts]


class Reader(CalibrationDataReader):
    """Give the photos one by one, then None."""

    def __init__(self, photos):
        self.left = iter(photos)

    def get_next(self):
        return next(({"photo": photo} for photo in self.left), None)


def embeddings(file):
    """Return the unit embeddings of all photos by a file, (PHOTOS, 64)."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    vectors = np.concatenate([session.run(None, {"photo": photo})[0] for photo in photos])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def quantised(name, photos, **options):
    """Return the file that quantize_static writes, and print what its embeddings are worth."""
    quantize_static("float.onnx", f"{name}.onnx", Reader(photos), extra_options=options)
    vectors = embeddings(f"{name}.onnx")
    agreement = (vectors * right).sum(1)
    print(f"{name}: {agreement.mean():.4f}, of the ten brightest {agreement[:10].mean():.4f}")
    return Path(f"{name}.onnx").read_bytes(), agreement.mean()


right = embeddings("float.onnx")
whole, good = quantised("all 42 photos", photos)
limited, bad = quantised("all 42, at most 10 held", photos, CalibMaxIntermediateOutputs=10)
last, _ = quantised("the last 2 of them", photos[-2:])
loose, _ = quantised("all 42, at most 100 held", photos, CalibMaxIntermediateOutputs=100)
print(f"the same file: at most 10 held and the last 2, {limited == last}; at most 100 held and all, {loose == whole}")
assert limited == last and loose == whole and limited != whole and good - bad > 0.01, "the behaviour has changed"
PY
