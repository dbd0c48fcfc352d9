#!/usr/bin/env bash
# tinygrad 0.14.0: the shortcuts of a network that came from TensorFlow take the other pixels, and their layers lie apart.
#
# Where a recogniser of the ResNet kind halves its maps, a branch of 3 x 3 convolutions is added to a shortcut: 1 x 1 with
# stride 2, every second pixel, beginning with the first. Exporters from TensorFlow write both with auto_pad="SAME_UPPER" where
# the photo's size is left open. ONNX pads by what the windows lack, never by less than 0. On an even map a 1 x 1 window with
# stride 2 reaches one pixel less than the map is wide; tinygrad makes that a padding of -1 and cuts the first row and column
# off. The shortcut takes the pixels between, the size is right, nothing is printed, and what is added up lies 1, 2, 4
# and 8 pixels of the photo apart in four blocks. Pads that are written out, and odd sizes, are right.
#
# Seen with tinygrad 0.14.0 (its device PYTHON, which needs no compiler), onnx 1.23.2, onnxruntime 1.32.0 and numpy 2.4.6;
# a noise picture of 32 x 32 pixels:
#   8 pixels: onnxruntime begins with row 0 and column 0, tinygrad with row 1 and column 1
#   7 pixels: onnxruntime begins with row 0 and column 0, tinygrad with row 0 and column 0
#   four blocks, padding same: cosine of tinygrad's embedding and onnxruntime's 0.3820
#   four blocks, padding written out: cosine of tinygrad's embedding and onnxruntime's 1.0000
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


def save(name, nodes, output, tensors):
    """Save the nodes as an ONNX file for photos of any size."""
    graph = helper.make_graph(
        nodes,
        "recogniser",
        [helper.make_tensor_value_info("photo", TensorProto.FLOAT, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", "c", "a", "b"])],
        [numpy_helper.from_array(value, key) for key, value in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, name)


def both(name, photo):
    """Return onnxruntime's and tinygrad's answer."""
    session = onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
    (answer,) = OnnxRunner(name)({"photo": photo}).values()
    return session.run(None, {"photo": photo})[0], answer.numpy()


# One shortcut of weight 1: which pixels does it take?
one = {"weight": np.ones((1, 1, 1, 1), np.float32)}
shortcut = helper.make_node("Conv", ["photo", "weight"], ["map"], auto_pad="SAME_UPPER", strides=[2, 2])
save("one.onnx", [shortcut], "map", one)
for size in (8, 7):
    pixels = np.arange(size * size, dtype=np.float32).reshape(1, 1, size, size)
    right, told = both("one.onnx", pixels)
    assert (right == pixels[:, :, ::2, ::2]).all() and told.shape == right.shape
    row, column = divmod(int(told[0, 0, 0, 0]), size)
    print(f"{size} pixels: onnxruntime begins with row 0 and column 0, tinygrad with row {row} and column {column}")
    assert (row, column) == ((1, 1) if size == 8 else (0, 0)), "the behaviour has changed"

# Four blocks, each a branch of 3 x 3 and a shortcut of 1 x 1, both with stride 2; then with the pads written out.
SETTINGS = {"same": ({"auto_pad": "SAME_UPPER"},) * 2, "written out": ({"pads": [0, 0, 1, 1]}, {"pads": [0, 0, 0, 0]})}
WIDTHS = (1, 4, 8, 8, 8)
tensors = {}
for i, (a, b) in enumerate(zip(WIDTHS, WIDTHS[1:])):
    tensors[f"branch{i}"] = (rng.normal(size=(b, a, 3, 3)) / np.sqrt(9 * a)).astype(np.float32)
    tensors[f"shortcut{i}"] = (rng.normal(size=(b, a, 1, 1)) / np.sqrt(a)).astype(np.float32)
photo = rng.normal(size=(1, 1, 32, 32)).astype(np.float32)
cosines, answers = {}, {}
for name, (branch, shortcut) in SETTINGS.items():
    nodes, last = [], "photo"
    for i in range(4):
        nodes += [
            helper.make_node("Conv", [last, f"branch{i}"], [f"b{i}"], strides=[2, 2], **branch),
            helper.make_node("Conv", [last, f"shortcut{i}"], [f"s{i}"], strides=[2, 2], **shortcut),
            helper.make_node("Add", [f"b{i}", f"s{i}"], [f"sum{i}"]),
            helper.make_node("Relu", [f"sum{i}"], [f"map{i}"]),
        ]
        last = f"map{i}"
    save("blocks.onnx", nodes, last, tensors)
    answers[name], told = both("blocks.onnx", photo)
    assert told.shape == answers[name].shape
    cosines[name] = float((told * answers[name]).sum() / np.linalg.norm(told) / np.linalg.norm(answers[name]))
    print(f"four blocks, padding {name}: cosine of tinygrad's embedding and onnxruntime's {cosines[name]:.4f}")
assert np.allclose(*answers.values(), atol=1e-5)
assert cosines["written out"] > 0.9999 and cosines["same"] < 0.95, "the behaviour has changed"
PY
