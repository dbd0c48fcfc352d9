"""A canonical form of light for arrays: ``light.equalise`` in a third of its time, where nothing has to be traced."""

from __future__ import annotations

import numpy as np

from mint.networks.modules.light import BINOMIAL, KNOTS, LEAST_STEP, LUMA, TARGETS, middle_of, places_of_knots
from mint.vision.opencv import cv2

WEIGHTS = np.array(BINOMIAL, np.float32)


def equalised(crops: np.ndarray) -> np.ndarray:
    """Smooth the luminance of each crop and bring its values to a normal distribution, as ``light.equalise`` does.

    Numpy sorts with the processor's vectors, and interpolates in one pass instead of one for each pair of knots.

    Args:
        crops: (N, 3, H, W) float32 RGB in [0, 255].

    Returns:
        (N, H, W) float32 in [-1, 1], the same for all channels.
    """
    red, green, blue = (np.float32(share) for share in LUMA)
    grey = crops[:, 0] * red
    grey += crops[:, 1] * green
    grey += crops[:, 2] * blue
    found = np.empty_like(grey)
    for picture, into in zip(grey, found, strict=True):
        smooth = cv2.sepFilter2D(picture, -1, WEIGHTS, WEIGHTS, borderType=cv2.BORDER_REPLICATE)
        ordered = np.sort(middle_of(smooth), axis=None)
        into[:] = np.interp(smooth, _knots(ordered[places_of_knots(ordered.size)]), TARGETS)
    return found


def _knots(values: np.ndarray) -> np.ndarray:
    """Return where the interpolation bends: quantiles, pushed away from the median where they lie too close."""
    steps = np.maximum(np.diff(values), np.float32(LEAST_STEP))
    half = KNOTS // 2
    first = values[half] - steps[:half].sum()
    return np.cumsum(np.concatenate([[first], steps]), dtype=np.float32)
