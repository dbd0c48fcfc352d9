"""SCRFD, the detector of InsightFace's packs. Nothing else imports ``insightface``.

Sample and computation redistribution (Guo et al. 2022, arXiv 2105.04714). Only ``model_zoo`` is used: its
``FaceAnalysis`` would fetch packs on its own, unchecked, and load models that nobody asked for.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from mint.errors import DeviceMissing, LibraryMissing, NoFace, WeightsCorrupt, brief
from mint.networks.onnx.checks import check_size
from mint.networks.onnx.failures import node_in
from mint.networks.onnx.file import read_onnx
from mint.networks.onnx.limits import check_versions, explained
from mint.networks.onnx.session import CUDA, REFUSED, providers, session_options
from mint.networks.onnx.stages import fixed_sides
from mint.networks.onnx.trial import patterns
from mint.types import Face
from mint.vision.detectors import MEASURES
from mint.vision.faces import MIN_FACE, Measure, largest_first
from mint.vision.opencv import cv2

try:
    from insightface import model_zoo
except ImportError as error:
    raise LibraryMissing(
        f"This network's detector needs the package insightface ({error}). Install it: pip install -r requirements.txt"
    ) from error

# What insightface's own reading of a graph raises beside the runtime's errors.
MISREAD: tuple[type[Exception], ...] = (*REFUSED, AssertionError, AttributeError, cv2.error, KeyError, TypeError)
SCRFD_CONFIDENCE = 0.5  # insightface's own threshold
SURE_OF_UPRIGHT = 0.78  # half the upright faces are above it, and none of 160 that lay turned was (det_500m)
WITH_LANDMARKS = (9, 15)  # outputs: scores, boxes and landmarks at three or five strides
COARSEST_STRIDE = 32  # pixels of the coarsest grid's cells
SMALL_SCALE, LARGEST_SCALE = 128, 640  # the scales that insightface searches at
FINEST_STRIDE = 8  # pixels of the finest grid's cells
BEYOND_ANY_PHOTO = 1e6  # pixels
SCORES = "scores"
VALUES = ((SCORES, 1), ("boxes", 4), ("landmarks", 10))  # of each cell, in the order of the outputs
LONGEST_STRIP = 64  # sides: of a longer strip nothing would be left at the detector's scale


class Scrfd:
    """Find faces as InsightFace does: SCRFD's landmarks on the ArcFace template.

    Photos are searched at the scales that insightface 2.1 chooses: 128 and 640 pixels, or the one of a graph that
    knows only one.

    Args:
        path: of the ONNX file.
        threads: of the runtime.
        device: ``cpu`` or ``cuda``; see ``mint.networks.onnx.session.providers``.

    Raises:
        DeviceMissing: CUDA was asked for, and the runtime has none.
        WeightsCorrupt: the file is not an SCRFD with landmarks, or cannot be run.
        WeightsMissing: there is no such file.
    """

    def __init__(self, path: Path, threads: int = 1, device: str = "cpu") -> None:
        model, digest = read_onnx(path)
        if len(model.graph.output) not in WITH_LANDMARKS:
            raise WeightsCorrupt(f"{path.name} is not an SCRFD with landmarks, which faces are aligned by.")
        check_versions(model, path.name)
        _check_side(model, path.name)
        self.name = f"scrfd:{digest}"
        self._measure: Measure | None = None
        with explained(model, path.name, device):
            found = _opened(path, threads, device)
        if device == "cuda" and found.session.get_providers()[0] != CUDA:
            raise DeviceMissing(f"{path.name} was to run on CUDA, but fell back to the processor. See `mint doctor`.")
        found.prepare(0, det_thresh=SCRFD_CONFIDENCE)
        self._detector, self._file = found, path.name
        with explained(model, path.name, device):  # a graph that does not run is told of now
            self._check_answers(max(fixed_sides(model), default=SMALL_SCALE))
            self._detect(np.zeros((SMALL_SCALE, SMALL_SCALE, 3), np.uint8))

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        height, width = rgb.shape[:2]
        if min(height, width) < MIN_FACE or max(height, width) > LONGEST_STRIP * min(height, width):
            raise NoFace("A picture of {width} × {height} pixels has no room for a face.", width=width, height=height)
        boxes, landmarks = self._detect(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        sizes = boxes[:, 2:4] - boxes[:, :2]
        rows = np.hstack([boxes[:, :2], sizes, landmarks.reshape(len(boxes), 10), boxes[:, 4:]])
        return largest_first(rgb, rows, self._measure, SURE_OF_UPRIGHT)

    def aligned(self, alignment: str) -> Scrfd:
        """Return the same detector, aligning by its own landmarks (``yunet``) or measuring them again."""
        other = copy(self)
        other._measure = MEASURES.get(alignment)
        other.name = self.name.partition("+")[0] + (f"+{alignment}" if other._measure else "")
        return other

    def _check_answers(self, side: int) -> None:
        """Refuse a graph whose outputs are not scores, boxes and landmarks, in this order, of every cell at every stride.

        insightface takes them by their places, whatever they are.

        Raises:
            WeightsCorrupt: naming the output.
        """
        found, says = self._detector, "of an SCRFD with landmarks. Export it anew, or take it out of the pack's folder"
        levels = len(found.output_names) // len(VALUES)
        blob = ((patterns(1, side) - 127.5) / 128).astype(getattr(found, "input_dtype", np.float32))
        try:
            answers = found.session.run(found.output_names, {found.input_name: blob})
        except MISREAD as error:
            raise self._is_none(error) from error
        for place, (name, answer) in enumerate(zip(found.output_names, answers, strict=True)):
            kind, wide = VALUES[place // levels]
            stride = FINEST_STRIDE << place % levels
            rows = (side // stride) ** 2 * (2 if levels == 3 else 1)
            shape = np.shape(answer)[1:] if np.ndim(answer) == 3 and len(answer) == 1 else np.shape(answer)
            if shape != (rows, wide):
                raise WeightsCorrupt(
                    f"{self._file} puts out {np.shape(answer)} at {name[:100]!r}, in the place of the {kind} at stride {stride} "
                    f"{says}: these are {(rows, wide)}."
                )
            if not np.isfinite(answer).all() or (kind == SCORES and (answer.min() < 0 or answer.max() > 1)):
                what = "that are none between 0 and 1" if kind == SCORES else "that are no finite numbers"
                raise WeightsCorrupt(
                    f"{self._file} puts out values {what} at {name[:100]!r}, in the place of the {kind} {says}."
                )

    def _is_none(self, error: Exception) -> WeightsCorrupt:
        which, why = node_in(error)
        at = f"{which}: " if which else ""
        return WeightsCorrupt(
            f"{self._file} does not answer as an SCRFD with landmarks does: {at}{brief(RuntimeError(why)).rstrip('.')}. Get it again, or "
            "take it out of the pack's folder: then the detector that ships finds the faces."
        )

    def _detect(self, bgr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        try:
            with np.errstate(all="ignore"):
                boxes, landmarks = self._detector.detect(bgr)
        except MISREAD as error:
            raise self._is_none(error) from error
        # Nothing compares as smaller than the bound where there is a NaN, so that it is refused as well.
        if not all((np.abs(found) < BEYOND_ANY_PHOTO).all() for found in (boxes, landmarks)):
            raise self._is_none(ValueError("it finds a face far outside of any picture"))
        if (np.ptp(landmarks.reshape(-1, 5, 2), axis=1).max(axis=1) < 1).any():  # pixels: no crop is cut by that
            raise self._is_none(ValueError("it finds a face whose landmarks are all in one place"))
        return boxes, landmarks


def _opened(path: Path, threads: int, device: str) -> Any:
    try:
        return model_zoo.get_model(str(path), providers=providers(device), sess_options=session_options(threads))
    except MISREAD as error:
        raise WeightsCorrupt(f"{path.name} cannot be run as an SCRFD: {brief(error)}. Get it again.") from error


def _check_side(model: onnx.ModelProto, name: str) -> None:
    """Refuse a detector whose input has a fixed size that its grids do not fit.

    Raises:
        WeightsCorrupt: it has.
    """
    sides = fixed_sides(model)
    side = max(sides, default=LARGEST_SCALE)
    if len(set(sides)) > 1 or side % COARSEST_STRIDE:
        raise WeightsCorrupt(
            f"{name} takes pictures of {' × '.join(map(str, sides))} pixels only. An SCRFD's grids have cells of {COARSEST_STRIDE} "
            f"pixels, so its input is square with a side that is a multiple of {COARSEST_STRIDE}, such as {LARGEST_SCALE}, or left open. "
            "Export it so."
        )
    check_size(model, name, side)
