"""The plainest auditor: keep a perceptual hash of every photo of the list, and look a photo up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.lab.twins.pool import perceptual_hash

BITS = 64
HASHES_AT_A_TIME = 256


def hashes(crops: np.ndarray) -> NDArray[np.uint64]:
    """Return the (N,) 64-bit hashes of (N, H, W, 3) uint8 crops."""
    return np.array([perceptual_hash(crop) for crop in crops], np.uint64)


def ledger_scores(listed: NDArray[np.uint64], shown: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return (M,) scores of photos: less the bits by which the nearest of the (N,) listed hashes differs, 0 to -64."""
    parts = [shown[k : k + HASHES_AT_A_TIME] for k in range(0, len(shown), HASHES_AT_A_TIME)]
    nearest = [np.bitwise_count(part[:, None] ^ listed[None]).min(1) for part in parts]
    return -np.concatenate(nearest).astype(np.float64)
