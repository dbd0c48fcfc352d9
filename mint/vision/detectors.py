"""Face detectors. Each network has its own, so that it is shown crops as its makers cut them."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from mint.types import Face
from mint.vision import faces
from mint.vision.opencv import cv2


class Finder(Protocol):
    """Finds and aligns faces.

    Attributes:
        name: which detector with which weights; two finders of one name find the same.
    """

    @property
    def name(self) -> str: ...

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        """Find the faces of a (H, W, 3) uint8 RGB photo, at least one, the largest first.

        Raises:
            NoFace: there is none.
        """
        ...


class YuNet:
    """The shipped detector; see ``mint.vision.faces.find``."""

    name = "yunet"
    __call__ = staticmethod(faces.find)


class WholePicture:
    """Take the whole picture as the crop, for networks that know other things than faces."""

    name = "whole picture"

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        height, width = rgb.shape[:2]
        way = cv2.INTER_AREA if max(height, width) > faces.CROP_SIZE else cv2.INTER_LINEAR
        crop = cv2.resize(rgb, (faces.CROP_SIZE, faces.CROP_SIZE), interpolation=way)
        crop.setflags(write=False)
        return (Face((0.0, 0.0, float(width), float(height)), 1.0, crop, faces.sharpness(crop)),)


YUNET = YuNet()
