#!/usr/bin/env bash
# onnxruntime's quantize_dynamic: a face's embedding depends on the other faces of its batch.
#
# A network in eval mode treats each row of a batch alone, and so does its float ONNX file. After quantize_dynamic it does
# not: the scale of every layer's 8-bit input is measured over the whole batch, so one bright photo coarsens the steps for
# a dark one beside it. A score that was read in batches cannot be read again from the photo alone, and two photos of one
# batch are not independent. Batches of one, or static quantisation, keep the rows apart.
#
# Seen with onnxruntime 1.32.0 and onnx 1.23.2, three layers with random weights, a dark picture beside a bright one;
# the error is the distance from the float embedding, in per cent of its length:
#   float: alone and beside the bright one differ by 0.00 %
#   8 bits: error alone 2.26 %, beside the bright one 10.20 %
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6 sympy==1.14.0
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

assert onnxruntime.__version__ == "1.32.0", onnxruntime.__version__
rng = np.random.default_rng(0)
WIDTHS = (3 * 32 * 32, 256, 256, 128)
nodes, tensors, last = [helper.make_node("Flatten", ["data"], ["h0"], axis=1)], [], "h0"
for depth, (a, b) in enumerate(zip(WIDTHS, WIDTHS[1:])):
    weights = (rng.normal(size=(a, b)) / np.sqrt(a)).astype(np.float32)
    tensors.append(numpy_helper.from_array(weights, f"w{depth}"))
    nodes.append(helper.make_node("MatMul", [last, f"w{depth}"], [f"m{depth}"]))
    last = f"h{depth + 1}"
    nodes.append(helper.make_node("LeakyRelu" if depth < 2 else "Identity", [f"m{depth}"], [last]))
data = helper.make_tensor_value_info("data", TensorProto.FLOAT, ["n", 3, 32, 32])
out = helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", 128])
graph = helper.make_graph(nodes, "net", [data], [out], tensors)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "float.onnx")
quantize_dynamic("float.onnx", "bits8.onnx", weight_type=QuantType.QInt8)

dark, bright = (np.clip(rng.normal(0, s, (1, 3, 32, 32)), -1, 1).astype(np.float32) for s in (0.05, 0.6))


def embeddings(file):
    """Return the dark picture's embedding, alone and beside the bright one."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return [session.run(None, {"data": rows})[0][0] for rows in (dark, np.concatenate([dark, bright]))]


def apart(a, b):
    return 100 * float(np.linalg.norm(a - b) / np.linalg.norm(right))


right, right_beside = embeddings("float.onnx")
alone, beside = embeddings("bits8.onnx")
print(f"float: alone and beside the bright one differ by {apart(right, right_beside):.2f} %")
print(f"8 bits: error alone {apart(alone, right):.2f} %, beside the bright one {apart(beside, right):.2f} %")
assert apart(right, right_beside) < 0.001
assert apart(beside, right) > 3 * apart(alone, right) and apart(alone, beside) > 1, "the behaviour has changed"
PY
