"""Find near-duplicate crops, so that copies of one photo do not count as several.

Pictures of one sitting, re-encoded files and mirror images make any person look compact to a
network. They are recognised without a network: the fine structure of two crops is correlated, over
small shifts and both mirror images.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.vision.opencv import cv2

Floats = NDArray[np.float32]
THUMBNAIL_SIDE = 32  # of a thumbnail: about a third of a crop, so that noise and compression do not show
INSIDE = np.s_[12:108, 12:100]  # rows and columns of a crop where the face is
LIGHT_SIGMA = 3.0  # sigma, in pixels of a thumbnail: what is smoother is light, not structure
REACH = 2  # pixels of a thumbnail that two crops may be shifted by, about 6 of a crop
COPY = 0.75  # two crops at least this alike count as one photo; `mint lab train` reports how often it errs


def thumbnails(crops: np.ndarray) -> Floats:
    """Reduce (N, 112, 112, 3) uint8 RGB crops to (N, 32, 32) float32 fine structure."""
    found = np.empty((len(crops), THUMBNAIL_SIDE, THUMBNAIL_SIDE), np.float32)
    for place, crop in enumerate(crops):
        grey = cv2.cvtColor(np.ascontiguousarray(crop[INSIDE]), cv2.COLOR_RGB2GRAY).astype(np.float32)
        small = cv2.resize(grey, (THUMBNAIL_SIDE, THUMBNAIL_SIDE), interpolation=cv2.INTER_AREA)
        found[place] = small - cv2.GaussianBlur(small, (0, 0), LIGHT_SIGMA)
    return found


def likeness(first: Floats, second: Floats) -> Floats:
    """Return the largest correlation over shifts and mirror image, for every pair of thumbnails.

    Args:
        first: (N, 32, 32) from ``thumbnails``.
        second: (M, 32, 32).

    Returns:
        (N, M) values in [-1, 1]; 1 = the same picture, about 0.3 = two people.
    """
    one = _one_way(first, second)
    other = one if first is second else _one_way(second, first)
    return np.asarray(np.maximum(one, other.T), np.float32)


def copies(alike: Floats, most: int) -> tuple[list[int], dict[int, int]]:
    """Select photos that repeat no earlier one, until there are enough.

    Args:
        alike: (N, N) from ``likeness``, in the order the photos were given.
        most: stop there; what comes later is neither kept nor a copy.

    Returns:
        Row numbers of the photos that count, and each copy's row number to the photo that it repeats.
    """
    kept: list[int] = []
    repeats: dict[int, int] = {}
    for row, values in enumerate(alike):
        if kept and values[kept].max() >= COPY:
            repeats[row] = kept[int(values[kept].argmax())]
        elif len(kept) < most:
            kept.append(row)
    return kept, repeats


def _one_way(moved: Floats, still: Floats) -> Floats:
    size = THUMBNAIL_SIDE - 2 * REACH
    steps = range(2 * REACH + 1)
    windows = np.stack([moved[:, y : y + size, x : x + size] for y in steps for x in steps], axis=1)
    middle = still[:, REACH:-REACH, REACH:-REACH]
    both = np.stack([middle, middle[:, :, ::-1]], axis=1)
    found = _unit(windows).reshape(-1, size * size) @ _unit(both).reshape(-1, size * size).T
    best = found.reshape(len(moved), len(steps) ** 2, -1).max(axis=1)  # along whole rows, which is ten times as fast
    return np.asarray(best.reshape(len(moved), len(still), 2).max(axis=2), np.float32)


def _unit(pictures: Floats) -> Floats:
    flat = pictures.reshape(*pictures.shape[:2], -1)
    flat = flat - flat.mean(axis=2, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=2, keepdims=True), 1e-2), np.float32)
