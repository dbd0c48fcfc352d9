"""Where a face lies in a photo, as the transform that brings its pixels to the crop, and pictures of its surroundings."""

from __future__ import annotations

import numpy as np

from mint.vision.faces import CROP_SIZE, TEMPLATE, similarity
from mint.vision.opencv import cv2

MIRRORED = [1, 0, 2, 4, 3]  # a landmark's number in the mirror image
# The template and its mirror image are not quite the same, so that a mirrored photo would give another crop.
SYMMETRIC = (TEMPLATE + np.array([CROP_SIZE - 1, 0]) + TEMPLATE[MIRRORED] * [-1, 1]) / 2
EYES = float(SYMMETRIC[1, 0] - SYMMETRIC[0, 0])  # pixels between the eyes, in the crop
GRAIN = 5  # binary digits behind the point of the crop's pixels that landmarks are rounded to


def fitted(landmarks: np.ndarray) -> np.ndarray:
    """Return the (3, 3) transform of a photo that brings (5, 2) landmarks nearest to the template."""
    return square(similarity(landmarks, SYMMETRIC))


def template_in(placed: np.ndarray) -> np.ndarray:
    """Return the (5, 2) landmarks that ``faces.align`` cuts this crop by.

    They are rounded to a fraction of the crop's pixels, so that the last bits of another processor's arithmetic do not show.

    Args:
        placed: (3, 3), from the photo's pixels to the crop's.
    """
    grain = 2.0 ** (round(np.log2(1 / scale(placed))) - GRAIN)
    return np.asarray(np.round(moved(np.linalg.inv(placed), TEMPLATE) / grain) * grain)


def movement(matrix: np.ndarray) -> float:
    """Return by how much a (3, 3) transform of crops moves their pixels: root mean square, in pixels of the crop."""
    centre, spread = (CROP_SIZE - 1) / 2, (CROP_SIZE**2 - 1) / 12
    change = matrix[:2, :2] - np.eye(2)
    shift = change @ [centre, centre] + matrix[:2, 2]
    return float(np.sqrt((shift**2).sum() + spread * (change**2).sum()))


def sampled(picture: np.ndarray, matrix: np.ndarray, side: int) -> np.ndarray:
    """Return the (side, side[, 3]) picture that a (3, 3) transform brings a uint8 picture's pixels to; edges go on outside."""
    finer = int(np.clip(np.ceil(1 / scale(matrix) - 0.25), 1, 8))  # so that no pixel of the picture is passed over
    zoomed = np.array([[finer, 0, (finer - 1) / 2], [0, finer, (finer - 1) / 2], [0, 0, 1]]) @ matrix
    found = cv2.warpAffine(
        picture, zoomed[:2], (side * finer, side * finer), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cv2.resize(found, (side, side), interpolation=cv2.INTER_AREA) if finer > 1 else found


def surroundings(
    rgb: np.ndarray, placed: np.ndarray, centre: np.ndarray, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """Shrink the surroundings of a large face, so that looking at it costs the same at every size.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        placed: (3, 3), from its pixels to the crop's.
        centre: (2,), in pixels of the crop.
        reach: pixels of the crop around the centre that are kept, where the photo has them.

    Returns:
        A part of the photo, and the (3, 3) transform from the photo's pixels to its.
    """
    shrink = int(1 / scale(placed) * EYES / 64)
    if shrink < 2:
        return rgb, np.eye(3)
    left, top, right, bottom = window(rgb, placed, centre, reach)
    across, down = (right - left) // shrink, (bottom - top) // shrink
    if across < 1 or down < 1:
        return rgb, np.eye(3)
    part = rgb[top : top + down * shrink, left : left + across * shrink]
    small = cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA)
    into = np.array([[1, 0, 0.5 - left], [0, 1, 0.5 - top], [0, 0, shrink]]) / shrink
    into[:2, 2] -= 0.5
    return small, into


def window(rgb: np.ndarray, placed: np.ndarray, centre: np.ndarray, reach: float) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom, in pixels of a photo, of what ``surroundings`` keeps: one pixel at least."""
    height, width = rgb.shape[:2]
    middle = moved(np.linalg.inv(placed), centre[None])[0]
    reach = reach / scale(placed)
    left, top = (
        int(np.clip(np.floor(at - reach), 0, size - 1)) for at, size in zip(middle, (width, height), strict=True)
    )
    right, bottom = (int(np.clip(at + reach, 1, size)) for at, size in zip(middle, (width, height), strict=True))
    return left, top, right, bottom


def square(matrix: np.ndarray) -> np.ndarray:
    """Return a (2, 3) transform as (3, 3)."""
    return np.vstack([matrix, [0.0, 0.0, 1.0]])


def scale(matrix: np.ndarray) -> float:
    """Return how much a similarity enlarges."""
    return float(np.hypot(matrix[0, 0], matrix[1, 0]))


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return where a transform brings (N, 2) points."""
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])
