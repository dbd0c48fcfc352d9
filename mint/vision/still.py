"""Alignment that stands still: measure a face's landmarks again where it always lies alike.

YuNet's landmarks hang on where the face lies in its grid of 32 pixels and on how large it is: a photo cut by one pixel, or
sent at half the size, gives another crop. So the face that was found is laid into a small frame, always upright, at one
size and one place, and measured there, in the frame and in its mirror image, by all cells of the network that see it.
The answer corrects the frame, and after a few rounds both agree: such a fixed point depends on the face, and hardly on
the photo around it or on where the search began.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mint.types import Face
from mint.vision.faces import CROP_SIZE, find
from mint.vision.opencv import cv2
from mint.vision.placement import (
    EYES,
    MIRRORED,
    SYMMETRIC,
    fitted,
    movement,
    sampled,
    square,
    surroundings,
    template_in,
)
from mint.vision.yunet_cells import open_cells, read_cells

SIDE = 128  # pixels of a frame
CENTRE = np.array([(CROP_SIZE - 1) / 2, 67.0])  # what of the crop lies in the frame's centre
ROUNDS: tuple[tuple[float, ...], ...] = ((24.0,), (22.0, 28.0), (22.0, 28.0))  # pixels between the eyes, by frame
BLUR = 1.5  # pixels of a frame: what a photo of half the size or a strong JPEG lacks is not looked at
TURN = 2.5  # YuNet turns its landmarks by only a third of the face's turn
SUREST = 0.3  # cells below this confidence see no face
NEAR = 0.9  # distances of the eyes: cells whose landmarks lie farther on average see another face
REACH = 4 * EYES  # pixels of the crop that the largest frame sees, turned, and moved as far as it may
FARTHEST = 28.0  # pixels of the crop: who moves farther has lost the face
LARGEST_TURN = 0.35  # radians a round


class StillYuNet:
    """The shipped detector, whose landmarks are measured again."""

    name = "yunet-still-1"  # belongs to the key of stores and bundles: whatever moves a crop gets another name
    prepare = staticmethod(open_cells)

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        return find(rgb, measure_again)


def measure_again(rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray | None:
    """Measure where a face lies.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) pixels, as a detector found them; see ``faces.align``.

    Returns:
        (5, 2) float64 pixels, which ``faces.align`` brings to the template exactly; None where no face is seen in
        the frame, or one that lies elsewhere. Depends on the photo and these landmarks alone.

    Raises:
        WeightsMissing: the detector's file is not in ``weights/``.
    """
    if not np.ptp(landmarks, axis=0).any():  # all on one spot: such a face has no size
        return None
    first = placed = fitted(landmarks)
    patch, to_patch = surroundings(rgb, first, CENTRE, REACH)
    for eyes in ROUNDS:
        seen = _look(patch, placed @ np.linalg.inv(to_patch), eyes)
        if seen is None:
            return None
        placed = _correction(seen) @ placed
        if not movement(placed @ np.linalg.inv(first)) <= FARTHEST:
            return None
    return template_in(placed)


def _look(patch: np.ndarray, placed: np.ndarray, eyes: Sequence[float]) -> np.ndarray | None:
    """Return the (5, 2) landmarks that YuNet sees, in pixels of the crop, or None."""
    frames = [_frame(patch, placed, size) for size in eyes]
    confidence, landmarks = read_cells(np.stack([side for frame in frames for side in (frame, frame[:, ::-1])]))
    answers = []
    for number, (sure, points) in enumerate(zip(confidence, landmarks, strict=True)):
        chosen = sure > SUREST
        seen = points[chosen].astype(np.float64) - (SIDE - 1) / 2
        if number % 2:
            seen = seen[:, MIRRORED] * [-1, 1]
        seen = seen * (EYES / eyes[number // 2]) + CENTRE
        # Squared, as sure cells are the more exact ones; no cell is left out at once as it gets less sure.
        weight = sure[chosen].astype(np.float64) ** 2
        weight[np.linalg.norm(seen - SYMMETRIC, axis=2).mean(1) > NEAR * EYES] = 0.0
        if weight.any():
            answers.append((weight[:, None, None] * seen).sum(0) / weight.sum())
    return np.asarray(np.mean(answers, 0)) if answers else None


def _correction(seen: np.ndarray) -> np.ndarray:
    """Return the (3, 3) transform of the crop that brings landmarks to the template, with the whole turn."""
    fit = fitted(seen)
    angle = float(np.arctan2(fit[1, 0], fit[0, 0]))
    more = float(np.clip((TURN - 1) * angle, -LARGEST_TURN, LARGEST_TURN))
    cosine, sine, centre = np.cos(more), np.sin(more), SYMMETRIC.mean(0)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.asarray(square(np.hstack([turn, (centre - turn @ centre)[:, None]])) @ fit)


def _frame(patch: np.ndarray, placed: np.ndarray, eyes: float) -> np.ndarray:
    """Return the (SIDE, SIDE, 3) float32 frame of a photo, whose pixels ``placed`` brings to the crop."""
    zoom, middle = eyes / EYES, (SIDE - 1) / 2
    to_frame = (
        np.array([[zoom, 0, middle - zoom * CENTRE[0]], [0, zoom, middle - zoom * CENTRE[1]], [0, 0, 1]]) @ placed
    )
    frame = sampled(patch, to_frame, SIDE).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), BLUR))
