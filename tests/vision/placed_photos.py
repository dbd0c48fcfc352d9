"""Photos and their edits, for the tests of how crops are laid."""

from __future__ import annotations

import cv2
import numpy as np

from mint.storage.paths import EXAMPLES
from mint.vision import faces
from mint.vision.faces import TEMPLATE, detect, in_order, landmarks_of

PHOTOS = [EXAMPLES / "faces" / name for name in ("02-openpeople.png", "10-gan.png", "16-openpeople.png", "22-gan.png")]
MIRROR = [1, 0, 2, 4, 3]
# Corners of the crop: the transform between two crops is told by where these go.
SQUARE = np.array([[0.0, 0.0], [111.0, 0.0], [0.0, 111.0], [111.0, 111.0]])
STAYS = np.array([[1.0, 0, 0], [0, 1, 0]])


def first_landmarks(rgb: np.ndarray) -> np.ndarray:
    return landmarks_of(in_order(detect(rgb))[0])


def corners(landmarks: np.ndarray) -> np.ndarray:
    """Where the crop's corners lie in the photo, by a least-squares fit of complex numbers instead of ``similarity``."""
    source, target = (points @ [1, 1j] for points in (TEMPLATE, landmarks))
    one = np.stack([source, np.ones(5)], 1)
    turn, shift = np.linalg.lstsq(one, target, rcond=None)[0]
    there = turn * (SQUARE @ [1, 1j]) + shift
    return np.stack([there.real, there.imag], 1)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square of the distance of corners, in pixels of a crop as large as the first."""
    return float(np.sqrt(((one - other) ** 2).sum(1).mean()) * 111 / np.linalg.norm(one[1] - one[0]))


def edited(rgb: np.ndarray, edit: str) -> tuple[np.ndarray, np.ndarray]:
    """A photo after an edit, and where the (5, 2) landmarks' corners are expected: a function of the corners before."""
    height, width = rgb.shape[:2]
    if edit == "cut":
        return np.ascontiguousarray(rgb[1:, 1:]), np.array([[1.0, 0, -1], [0, 1, -1]])
    if edit == "mirror":
        return np.ascontiguousarray(rgb[:, ::-1]), np.array([[-1.0, 0, width - 1], [0, 1, 0]])
    if edit == "grey":
        return cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), STAYS
    if edit == "contrast":
        return np.clip(127.5 + 1.3 * (rgb.astype(float) - 127.5), 0, 255).astype(np.uint8), STAYS
    if edit == "jpeg":
        return np.ascontiguousarray(
            cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], 1)
        ), STAYS
    half = cv2.resize(rgb, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    across, down = half.shape[1] / width, half.shape[0] / height
    return half, np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5]])


def moved(rgb: np.ndarray, edit: str, measure: faces.Measure | None) -> float:
    """By how much an edit moves the crop, in pixels of the crop."""
    changed, where = edited(rgb, edit)
    before, after = first_landmarks(rgb), first_landmarks(changed)
    if measure is not None:
        again = measure(rgb, before), measure(changed, after)
        assert again[0] is not None
        assert again[1] is not None
        before, after = again
    expected = corners(before) @ where[:, :2].T + where[:, 2]
    if edit == "mirror":
        expected = expected[[1, 0, 3, 2]]
    return apart(corners(after), expected)


def page(*placed: tuple[np.ndarray, int, int]) -> np.ndarray:
    """A grey page with pictures on it: picture, top, left."""
    sheet = np.full((480, 900, 3), 128, np.uint8)
    for picture, top, left in placed:
        sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return sheet
