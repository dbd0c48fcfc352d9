"""Pictures that are no photographs: drawings made of photos, and faces drawn from nothing."""

from __future__ import annotations

import cv2
import numpy as np

from tests.benchmarks.attacks.edits import Edit


def _cartoon(rgb: np.ndarray) -> np.ndarray:
    """Flat colours with dark outlines."""
    flat = rgb
    for _ in range(4):
        flat = cv2.bilateralFilter(flat, 7, 50, 7)
    grey = cv2.medianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 5)
    lines = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 9, 4)
    return cv2.bitwise_and(_levels(flat, 8), flat, mask=lines)


def _pencil(rgb: np.ndarray) -> np.ndarray:
    """Grey divided by its blurred self: the classical sketch."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    blurred = cv2.GaussianBlur(grey, (0, 0), 6)
    return cv2.cvtColor(cv2.divide(grey, np.maximum(blurred, 1), scale=256), cv2.COLOR_GRAY2RGB)


def _edges(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(255 - cv2.Canny(rgb, 60, 140), cv2.COLOR_GRAY2RGB)


def _levels(rgb: np.ndarray, levels: int) -> np.ndarray:
    step = 256 // levels
    return (rgb // step * step + step // 2).astype(np.uint8)


def _few_colours(rgb: np.ndarray) -> np.ndarray:
    """Six colours, found by k-means from a fixed start."""
    values = rgb.reshape(-1, 3).astype(np.float32)
    order = np.argsort(values.sum(1), kind="stable")
    start = np.empty((len(values), 1), np.int32)
    start[order, 0] = np.arange(len(values)) * 6 // len(values)
    criteria = (cv2.TERM_CRITERIA_MAX_ITER, 10, 0)
    _, labels, centres = cv2.kmeans(values, 6, start, criteria, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return np.rint(centres[labels[:, 0]]).astype(np.uint8).reshape(rgb.shape)


def _embossed(rgb: np.ndarray) -> np.ndarray:
    """Shaded as a grey relief lit from the upper left: a render of the photo's surface."""
    kernel = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], np.float32)
    return cv2.cvtColor(cv2.cvtColor(cv2.filter2D(rgb, -1, kernel), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


DRAWINGS: dict[str, Edit] = {
    "cartoon": _cartoon,
    "pencil sketch": _pencil,
    "edges": _edges,
    "posterised to 4 levels": lambda rgb: _levels(rgb, 4),
    "six colours": _few_colours,
    "relief": _embossed,
}


def oval_face(number: int) -> np.ndarray:
    """A flat face of ovals, (256, 256, 3) uint8, another one for every number."""
    random = np.random.default_rng([number, 7])
    picture = np.full((256, 256, 3), random.integers(90, 240, 3), np.uint8)
    skin = random.uniform(0.5, 1.0) * np.array([235, 190, 160]) * random.uniform(0.9, 1.1, 3)
    width, height = int(random.integers(56, 72)), int(random.integers(76, 92))

    def oval(x: float, y: float, w: float, h: float, colour: object) -> None:
        cv2.ellipse(
            picture, (round(x), round(y)), (max(1, round(w)), max(1, round(h))), 0, 0, 360,
            [float(c) for c in np.clip(np.asarray(colour, float), 0, 255)], -1, cv2.LINE_AA,
        )  # fmt: skip

    hair = random.integers(10, 130, 3)
    oval(128, 116, width * 1.15, height * 1.15, hair)
    oval(128, 132, width, height, skin)
    gap, eyes = width * random.uniform(0.38, 0.48), 112 + random.uniform(-4, 4)
    for side in (-1, 1):
        x = 128 + side * gap
        oval(x, eyes, 11, 6.5, (245, 245, 245))
        oval(x, eyes, 5, 5.5, random.integers(20, 110, 3))
        oval(x, eyes - 14, 14, 2.5, hair)
    nose, mouth = eyes + 34, eyes + random.uniform(56, 64)
    oval(128, nose, 7, 11, skin * 0.88)
    oval(128, mouth, random.uniform(17, 25), random.uniform(4, 8), (170, 60, 70))
    return cv2.GaussianBlur(picture, (0, 0), random.uniform(0.4, 2.5))
