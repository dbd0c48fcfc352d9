"""What happens to photos before the aligner sees them in training: drawn light, size, codec, noise, and a crop laid beside its place."""

from __future__ import annotations

import numpy as np

from mint.vision.aligner import MIRRORED_STEPS, displacement, frame, steps_of
from mint.vision.opencv import cv2

SIZES = (0.2, 2.2)  # times, drawn evenly in the logarithm
FAR, NEAR = (
    np.array([4.0, 4.0, 3.0, 5.0]),
    np.array([1.2, 1.2, 1.0, 1.0]),
)  # pixels: the detector's error, and what one step leaves
WAYS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
UNEDITED = 0.15  # of the versions


def version(grey: np.ndarray, placed: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, bool]:
    """Draw a version of a photo, and a crop that lies beside its place.

    Args:
        grey: (H, W) uint8.
        placed: (3, 3), from its pixels to the crop's.
        random: draws everything.

    Returns:
        The (FRAME_SIDE, FRAME_SIDE) uint8 frame; the (4,) steps that lead back; whether the frame was mirrored, and the steps with it.
    """
    if random.random() >= UNEDITED:
        grey, placed = edited(grey, placed, random)
    away = displacement(random.standard_normal(4) * (FAR if random.random() < 0.5 else NEAR))
    shown, steps = frame(grey, away @ placed), steps_of(np.linalg.inv(away))
    mirrored = bool(random.random() < 0.5)
    return (shown[:, ::-1], steps * MIRRORED_STEPS, True) if mirrored else (shown, steps, False)


def edited(grey: np.ndarray, placed: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a drawn edit of a photo, and its transform to the crop; see ``version``."""
    if random.random() < 0.4:
        grey = _in_other_light(grey, random)
    if random.random() < 0.5:
        grey, placed = _resized(grey, placed, random)
    kind = random.random()
    if kind < 0.12:
        grey = cv2.GaussianBlur(grey, (0, 0), random.uniform(0.5, 2.5) * max(1.0, len(grey) / 256))
    elif kind < 0.24:
        grey = _bytes(grey + random.uniform(2, 18) * random.standard_normal(grey.shape))
    elif kind < 0.34:
        grey = cv2.addWeighted(grey, 1.7, cv2.GaussianBlur(grey, (0, 0), 1.5), -0.7, 0)
    elif kind < 0.42:
        grey = _covered(grey, random)
    if random.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(15, 95))]
        grey = np.asarray(cv2.imdecode(cv2.imencode(".jpg", grey, quality)[1], cv2.IMREAD_GRAYSCALE))
    return grey, placed


def _in_other_light(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    kind, values = random.random(), grey.astype(np.float32)
    if kind < 0.2:
        return _bytes(values * random.uniform(0.6, 1.4))
    if kind < 0.5:
        return _bytes(127.5 + random.uniform(0.6, 1.5) * (values - 127.5) + random.uniform(-20, 20))
    if kind < 0.8:
        return _bytes(255 * (values / 255) ** random.uniform(0.6, 1.6))
    across, down = random.uniform(-0.5, 0.5, 2)  # from one side
    height, width = grey.shape
    slope = 1 + across * np.linspace(-1, 1, width) + down * np.linspace(-1, 1, height)[:, None]
    return _bytes(values * slope)


def _resized(grey: np.ndarray, placed: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    height, width = grey.shape
    factor = float(np.exp(random.uniform(*np.log(SIZES))))
    way = WAYS[random.integers(0 if factor < 1 else 1, len(WAYS))]
    small = cv2.resize(grey, (round(width * factor), round(height * factor)), interpolation=way)
    across, down = small.shape[1] / width, small.shape[0] / height
    to_small = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])
    return small, placed @ np.linalg.inv(to_small)


def _covered(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a photo with a rectangle of one grey over a sixteenth of it."""
    height, width = grey.shape
    top, left = random.integers(0, height // 2), random.integers(0, width // 2)
    grey = grey.copy()
    grey[top : top + height // 4, left : left + width // 4] = random.integers(256)
    return grey


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
