"""What a graph does with a few made-up pictures when it is opened: alone, together, and whether it tells them apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import torch

# These scale by the largest value of all that they are shown, so that answers depend on the pictures beside.
DYNAMIC = {
    "ConvInteger", "DynamicQuantizeLinear", "DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "MatMulInteger",
    "MatMulIntegerToFloat", "QAttention",
}  # fmt: skip
SAME_ANSWER = (
    0.01  # of a row's length: kernels for batches round otherwise; another person is as far as the row is long
)
# Cosine. Two patterns of a sound MobileFaceNet are at 0.66 to 0.93; scaled twice, all are above 0.995, faces as well.
ONE_EMBEDDING = 0.99
CELLS = 5  # of the patterns, a side: coarse, as a face's light and dark parts are


def patterns(count: int, side: int) -> np.ndarray:
    """Make (count, 3, side, side) float32 pictures in [0, 255], soft blots of colour, all different."""
    coarse = np.random.default_rng(0).uniform(0, 255, (count, 3, CELLS, CELLS)).astype(np.float32)
    soft = torch.nn.functional.interpolate(torch.from_numpy(coarse), (side, side), mode="bilinear")
    made: np.ndarray = soft.numpy()
    return made


def quantised_dynamically(model: onnx.ModelProto) -> str | None:
    """Return an operator that quantises by what it is shown, or None."""
    inside = [node.op_type for function in model.functions for node in function.node]
    return next((op for op in (*(node.op_type for node in model.graph.node), *inside) if op in DYNAMIC), None)


def answers_apart(together: Sequence[np.ndarray], alone: Sequence[Sequence[np.ndarray]]) -> bool:
    """Return whether pictures in one batch get the same answers as each alone.

    Args:
        together: of each output, for all pictures.
        alone: of each picture, of each output.
    """
    for both, ones in zip(together, zip(*alone, strict=True), strict=True):
        if both.ndim < 2 or len(both) != len(ones) or any(one.shape != (1, *both.shape[1:]) for one in ones):
            return False
        rows = both.reshape(len(both), -1).astype(np.float64)
        wanted = np.stack([one.ravel() for one in ones]).astype(np.float64)
        if not np.all(np.linalg.norm(rows - wanted, axis=1) <= SAME_ANSWER * np.linalg.norm(wanted, axis=1) + 1e-6):
            return False
    return True


def least_alike(embeddings: np.ndarray) -> float:
    """Return the smallest cosine between (N, E) embeddings of different pictures; 1 where one is all zeros."""
    rows = embeddings.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.maximum(lengths, 1e-12)
    return float((unit @ unit.T).min()) if lengths.min() > 0 else 1.0
