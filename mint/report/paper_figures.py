"""The papers' figures: balanced accuracy by layer (arXiv 2503.08332, Tables 1 and 2)."""

from __future__ import annotations

from collections.abc import Mapping

SIZES = ("1K", "50K", "100K")  # training samples
ACCURACY: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    "vanilla": {
        "stage1": (0.62, 0.80, 0.80), "stage2": (0.56, 0.67, 0.68), "stage3": (0.56, 0.58, 0.59),
        "stage4": (0.73, 0.76, 0.76), "embedding": (0.67, 0.78, 0.78), "all": (0.76, 0.82, 0.84),
    },
    "cnn": {
        "stage1": (0.88, 0.89, 0.89), "stage2": (0.85, 0.86, 0.86), "stage3": (0.68, 0.71, 0.75),
        "stage4": (0.68, 0.70, 0.74),
    },
}  # fmt: skip
