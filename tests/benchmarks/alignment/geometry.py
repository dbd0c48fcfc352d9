"""Where each edit of the attacks card takes a pixel of the photo: a (3, 3) transform of pixel coordinates."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.benchmarks.attacks.edits import EDITS, Edit

Geometry = Callable[[int, int], np.ndarray]  # of a photo's height and width
CUT = "cut by one pixel"
TRIED: dict[str, Edit] = {CUT: lambda rgb: np.ascontiguousarray(rgb[1:, 1:]), **EDITS}


def moved(x: float, y: float) -> np.ndarray:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def resized(factor: float) -> Geometry:
    """Pixels have their middle at whole numbers, and a picture begins half a pixel before."""
    back = 0.5 * factor - 0.5
    return lambda height, width: np.array([[factor, 0.0, back], [0.0, factor, back], [0.0, 0.0, 1.0]])


def rotated(degrees: float) -> Geometry:
    return lambda height, width: np.vstack(
        [cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), [0.0, 0.0, 1.0]]
    )


def unmoved(height: int, width: int) -> np.ndarray:
    return np.eye(3)


MOVING: dict[str, Geometry] = {
    CUT: lambda height, width: moved(-1, -1),
    **{f"resized to {percent} %": resized(percent / 100) for percent in (200, 75, 50, 30, 20)},
    "mirrored": lambda height, width: np.array([[-1.0, 0.0, width - 1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    "cut at the edges by 8 %": lambda height, width: moved(-round(0.08 * width), -round(0.08 * height)),
    "shifted by 4 %": lambda height, width: moved(0.04 * width, -0.04 * width),
    "rotated by 3°": rotated(3),
    "rotated by 10°": rotated(10),
    "through a messenger (60 %, JPEG 70)": resized(0.6),
    "through a messenger, twice, then enlarged": lambda height, width: (
        resized(2.5)(0, 0) @ resized(0.6)(0, 0) @ resized(0.6)(0, 0)
    ),
}
CODECS = tuple(name for name in EDITS if name.startswith("JPEG"))
GEOMETRIC_AND_CODECS = (*MOVING, *CODECS)


def geometry(edit: str, height: int, width: int) -> np.ndarray:
    """Return the transform from a photo's pixels to the edited photo's."""
    return MOVING.get(edit, unmoved)(height, width)
