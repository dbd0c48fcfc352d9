"""The values passed along the corridor. Frozen: a stage returns a new value and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face of a photo.

    Attributes:
        box: x, y, width, height in pixels of the photo.
        confidence: the detector's, in [0, 1].
        crop: (112, 112, 3) uint8 RGB, aligned to the ArcFace template, read-only.
        sharpness: variance of the crop's Laplacian.
    """

    box: tuple[float, float, float, float]
    confidence: float
    crop: np.ndarray
    sharpness: float
