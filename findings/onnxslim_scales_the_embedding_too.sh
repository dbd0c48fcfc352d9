#!/usr/bin/env bash
# onnxslim 0.1.98: where a recogniser's file also gives scaled features, slimming it scales the embedding as well.
#
# onnxslim folds a constant factor into the weights of the fully connected layer before it (Gemm, Reshape, Mul). It does not
# ask who else reads that layer. A recogniser reads it twice: once for the embedding and its length, which quality scores
# and membership tests read, and once scaled, for its classes. After slimming, the scaled output is right and the others
# are not: one factor for all 64 numbers multiplies every length by it, and a factor for each number turns the embedding's
# direction, so that photos no longer match those of the file before. The file is valid, nothing is printed, and it runs.
# onnxruntime's own optimisations keep all outputs. onnxslim.slim(..., skip_fusion_patterns=["FusionGemmMul"]) does, too.
#
# Seen with onnxslim 0.1.98, onnx 1.23.2 and onnxruntime 1.32.0, a network of one layer, 64 numbers, eight noise pictures:
#   one factor, 64: mean length 10.608 before, 678.936 after; cosine of the embedding before and after 1.0000
#   a factor each: mean length 10.608 before, 18.492 after; cosine of the embedding before and after 0.9014
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check onnxslim==0.1.98 onnx==1.23.2 onnxruntime==1.32.0 \
  numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
import onnxslim
from onnx import TensorProto, helper, numpy_helper

assert version("onnxslim") == "0.1.98"
rng = np.random.default_rng(0)
WIDTH, PIXELS = 64, 3 * 16 * 16
weights = (rng.normal(size=(WIDTH, PIXELS)) / 20).astype(np.float32)
bias = rng.normal(size=WIDTH).astype(np.float32) / 10
photos = rng.normal(size=(8, 3, 16, 16)).astype(np.float32)


def outputs(model):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return dict(zip((o.name for o in session.get_outputs()), session.run(None, {"data": photos})))


def recogniser(factor):
    """Return a recogniser that gives unit embeddings, their lengths, and the features times the factor."""
    nodes = [
        helper.make_node("Flatten", ["data"], ["flat"], axis=1),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["features"], transB=1),
        helper.make_node("LpNormalization", ["features"], ["embedding"], axis=1),
        helper.make_node("ReduceL2", ["features"], ["length"], axes=[1], keepdims=0),
        helper.make_node("Reshape", ["features", "shape"], ["rows"]),
        helper.make_node("Mul", ["rows", "factor"], ["scaled"]),
    ]
    tensors = {"weights": weights, "bias": bias, "shape": np.array([-1, WIDTH]), "factor": factor}
    sizes = {"embedding": ["n", WIDTH], "length": ["n"], "scaled": ["n", WIDTH]}
    graph = helper.make_graph(
        nodes,
        "recogniser",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["n", 3, 16, 16])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in sizes.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


plain = photos.reshape(8, -1) @ weights.T + bias
FACTORS = {"one factor, 64": np.float32(64), "a factor each": rng.uniform(0.1, 3, WIDTH).astype(np.float32)}
for name, factor in FACTORS.items():
    model = recogniser(factor)
    before = outputs(model)
    assert np.allclose(before["length"], np.linalg.norm(plain, axis=1), rtol=1e-4)
    kept = outputs(onnxslim.slim(recogniser(factor), skip_fusion_patterns=["FusionGemmMul"]))
    after = outputs(onnxslim.slim(model))
    cosine = float((before["embedding"] * after["embedding"]).sum(1).mean())
    print(f"{name}: mean length {before['length'].mean():.3f} before, {after['length'].mean():.3f} after;", end=" ")
    print(f"cosine of the embedding before and after {cosine:.4f}")
    assert np.allclose(before["scaled"], after["scaled"], rtol=1e-3, atol=1e-3), "the scaled output has changed"
    same = all(np.allclose(before[k], kept[k], rtol=1e-3, atol=1e-3) for k in before)
    assert same, "leaving the fusion out no longer helps"
    assert not np.allclose(before["length"], after["length"], rtol=0.1), "the behaviour has changed"
    assert (cosine > 0.999) == (factor.size == 1), "the behaviour has changed"
PY
