"""Alignment that stands still, learned: a small network sees where in its crop a face lies, and the crop follows.

The face that YuNet found is cut out upright, in luminance with an even histogram, and shown to the network with its mirror
image. The network answers by how much the crop lies beside where it should, is moved there and asked again. It was
trained on photos of fictional people (``mint lab aligner``) to answer alike for every edit of a photo, however the crop
was laid at first: colour, light, size, compression and the detector's grid hardly move a crop any more.
"""

from __future__ import annotations

import numpy as np

from mint.storage.paths import WEIGHTS
from mint.types import Face
from mint.vision.faces import CROP_SIZE, find
from mint.vision.opencv import cv2
from mint.vision.placement import fitted, movement, sampled, scale, surroundings, template_in, window
from mint.vision.shipped_graph import open_graph, run_graph

ALIGNER = WEIGHTS / "aligner.onnx"
SHA256 = "1cfd5f4626283dd5f7764aa99787ce26fcd08e511cf2dd8aebde4f62fe8cc8db"
FRAME_SIDE = 80  # pixels of a frame
ZOOM = 0.72  # pixels of a frame for one of the crop
CENTRE = np.array([(CROP_SIZE - 1) / 2, 62.0])  # of the crop: the frame's centre, about which it is turned and enlarged
SMOOTHING = 1.0  # pixels of a frame: what a photo of half the size or a strong JPEG lacks is not looked at
# Pixels: the crop's lie so far from its centre, root mean square; turning by a radian moves them by so much.
RADIUS = 45.7
SEEN_AROUND = 130.0  # pixels of the crop that a frame sees, turned, and moved as far as it may
MOST_MOVES = 10  # each leaves about a tenth of the way, and a third with faces that are hard to see
AT_REST = 0.05  # pixels: a move by less is the last one
ANOTHER_PLACE = 36.0  # pixels of the crop: a face turned by 45° lies so far; who moves farther has lost it
STILL_MOVING = 1.0  # pixels in the last round: no face that the network knows lies there


class LearnedAlignment:
    """The shipped detector, whose crops the shipped aligner lays anew."""

    name = "yunet-learned-1"  # belongs to the key of stores and bundles: whatever moves a crop gets another name

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        return find(rgb, align_again, enlarge=True)

    @staticmethod
    def prepare() -> None:
        """Open the aligner's file, so that the first photo does not wait for it. Raises as ``align_again``."""
        open_graph(ALIGNER, SHA256)


def align_again(rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray | None:
    """Measure where a face lies.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) pixels, as a detector found them; see ``faces.align``.

    Returns:
        (5, 2) float64 pixels, which ``faces.align`` brings to the template exactly; None where the network comes to no
        rest, or far away: it sees no face there. Depends on the photo and these landmarks alone.

    Raises:
        WeightsMissing: the aligner's file is not in ``weights/``.
        WeightsCorrupt: it is another file.
    """
    if not np.ptp(landmarks, axis=0).any():  # all on one spot: such a face has no size
        return None
    first = placed = fitted(landmarks)
    part, to_part = surroundings(rgb, first, CENTRE, SEEN_AROUND)
    grey, from_part = _grey(part, first @ np.linalg.inv(to_part)), np.linalg.inv(to_part)
    step = np.eye(3)
    for _ in range(MOST_MOVES):
        shown = frame(grey, placed @ from_part)
        if not np.ptp(shown):  # a plain surface, of which the network would say that it lies right
            return None
        step = displacement(_answer(shown))
        placed = step @ placed
        if not movement(placed @ np.linalg.inv(first)) <= ANOTHER_PLACE:
            return None
        if movement(step) <= AT_REST:
            break
    return template_in(placed) if movement(step) <= STILL_MOVING else None


def frame(grey: np.ndarray, placed: np.ndarray) -> np.ndarray:
    """Return what the network is shown of a photo.

    Args:
        grey: (H, W) uint8 luminance.
        placed: (3, 3), from its pixels to the crop's.

    Returns:
        (FRAME_SIDE, FRAME_SIDE) uint8, its values spread evenly over [0, 255].
    """
    middle = (FRAME_SIDE - 1) / 2
    to_frame = np.array([[ZOOM, 0, middle - ZOOM * CENTRE[0]], [0, ZOOM, middle - ZOOM * CENTRE[1]], [0, 0, 1]])
    smooth = cv2.GaussianBlur(sampled(grey, to_frame @ placed, FRAME_SIDE), (0, 0), SMOOTHING)
    return np.asarray(cv2.equalizeHist(smooth))


def _grey(rgb: np.ndarray, placed: np.ndarray) -> np.ndarray:
    """Return the luminance of a photo, black far from the face: each small face of a large photo would else convert all of it."""
    left, top, right, bottom = window(rgb, placed, CENTRE, 2 * SEEN_AROUND)
    # As large as the photo: moved to another corner, the same place would be sampled a rounding beside itself.
    grey = np.zeros(rgb.shape[:2], np.uint8)
    grey[top:bottom, left:right] = cv2.cvtColor(rgb[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    return grey


def displacement(steps: np.ndarray) -> np.ndarray:
    """Return a change of a crop as (3, 3) transform of its pixels.

    Args:
        steps: (4,) to the right, down, the logarithm of the scale, and the turn in radians, clockwise as seen; the last
            two times ``RADIUS``, so that all are pixels. Scale and turn are about ``CENTRE``.
    """
    size, turn = np.exp(steps[2] / RADIUS), steps[3] / RADIUS
    linear = size * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    found = np.eye(3)
    found[:2, :2], found[:2, 2] = linear, CENTRE - linear @ CENTRE + steps[:2]
    return found


def steps_of(change: np.ndarray) -> np.ndarray:
    """Return the (4,) steps whose ``displacement`` a (3, 3) similarity is."""
    shift = change[:2, :2] @ CENTRE + change[:2, 2] - CENTRE
    turn = np.arctan2(change[1, 0], change[0, 0])
    return np.array([*shift, RADIUS * np.log(scale(change)), RADIUS * turn])


MIRRORED_STEPS = np.array([-1.0, 1.0, 1.0, -1.0])  # what steps are times this in the mirror image


def _answer(shown: np.ndarray) -> np.ndarray:
    """Return the (4,) steps that a frame and its mirror image agree on."""
    pair = np.stack([shown, shown[:, ::-1]])[:, None].astype(np.float32)
    ahead, mirrored = np.asarray(run_graph(ALIGNER, SHA256, None, {"frames": pair})[0], np.float64)
    return np.asarray((ahead + mirrored * MIRRORED_STEPS) / 2)
