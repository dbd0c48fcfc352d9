"""Draw how scores are spread: one side of a line, as the outline of a histogram."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def binned(scores: NDArray[np.floating], low: float, high: float, bins: int) -> NDArray[np.int64]:
    """Count scores in equal bins from low to high; whoever lies beyond stands in the last one of that side."""
    return np.histogram(np.clip(scores, low, high), bins, (low, high))[0]


def outline(heights: NDArray[np.number[Any]], width: float, half: float, above: bool) -> str:
    """Return a side of a histogram as a closed path of an SVG.

    Args:
        heights: (bins,) of the bars; the highest one fills the side.
        width: of all bars together.
        half: height of a side; the line lies so far below the top.
        above: whether the bars stand on the line, or hang from it.
    """
    drawn = (-half if above else half) * (heights / max(1.0, float(heights.max())))
    step = f"{width / len(heights):g}"
    return f"M0 {half}{''.join(f'V{half + height:.4g}h{step}' for height in drawn)}V{half}Z"
