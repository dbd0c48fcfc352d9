"""Face detectors. Each network has its own, so that it is shown crops as its makers cut them."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from mint.errors import BadInput
from mint.types import Face
from mint.vision import aligner, faces, still
from mint.vision.opencv import cv2


class Finder(Protocol):
    """Finds and aligns faces. One that has a method ``prepare`` is told by it to open what the first photo would wait for.

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
    """The shipped detector, aligning by the landmarks that it finds faces with; see ``mint.vision.faces.find``."""

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
STILL = still.StillYuNet()
LEARNED = aligner.LearnedAlignment()
CURRENT = LEARNED  # what new pools, stores and bundles are made with
ALIGNMENTS: dict[str, Finder] = {finder.name: finder for finder in (YUNET, STILL, LEARNED)}
# How each that measures the landmarks of a found face again does so, for other detectors.
MEASURES: dict[str, faces.Measure] = {STILL.name: still.measure_again, LEARNED.name: aligner.align_again}
# What a bundle that holds its network can record: an alignment of faces, or that no face is looked for.
RECORDED: dict[str, Finder] = {**ALIGNMENTS, WholePicture.name: WholePicture()}


def finder_named(name: str) -> Finder:
    """Return the shipped finder that aligns in this way.

    Raises:
        BadInput: there is none.
    """
    if name not in ALIGNMENTS:
        raise BadInput(f"There is no alignment {name[:100]!r}. Choose one of {', '.join(ALIGNMENTS)}.")
    return ALIGNMENTS[name]


def recorded_finder(name: str | None) -> Finder:
    """Return the finder that a bundle records for the network that it holds; the first where it records none.

    Raises:
        BadInput: there is none of this name.
    """
    return RECORDED[name] if name in RECORDED else finder_named(YUNET.name if name is None else name)


def alignment_of(finder: str) -> str:
    """Return the alignment that a finder's name tells: what stands behind its last ``+``, or ``yunet``, the first."""
    last = finder.rsplit("+", 1)[-1]
    return last if last in ALIGNMENTS else YUNET.name


def realigned(finder: Finder, alignment: str) -> Finder:
    """Return a detector that finds the same faces and aligns them in this way; the same one, if it knows one only.

    Raises as ``finder_named``.
    """
    shipped = finder_named(alignment)
    if finder.name in ALIGNMENTS:
        return shipped
    own = getattr(finder, "aligned", None)
    return finder if own is None else own(alignment)
