"""By how much an edit of a photo moves the crop of its face, and what that costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mint.vision.faces import CROP_SIZE, TEMPLATE, Measure, detect, in_order, landmarks_of, similarity
from tests.benchmarks.alignment.geometry import TRIED, geometry

FLIP = np.array([[-1.0, 0.0, CROP_SIZE - 1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
DRAWS = 1000
GRID = np.stack(np.meshgrid(np.arange(CROP_SIZE), np.arange(CROP_SIZE)), -1).reshape(-1, 2).astype(float)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A face of a photo.

    Attributes:
        centre: of its box.
        to_crop: by alignment, the (3, 3) transform from the photo's pixels to the crop's.
        seconds: by alignment, of processor time beyond the detection.
        measured: by alignment, whether it did not fall back on the landmarks that the face was found by.
    """

    centre: np.ndarray
    to_crop: Mapping[str, np.ndarray]
    seconds: Mapping[str, float]
    measured: Mapping[str, bool]


@dataclass(slots=True)
class Movements:
    """What came out: edit to alignment to movements in pixels of the crop, and what was not compared."""

    moved: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)  # edits after which no face, or another one, was found
    fallen_back: dict[str, int] = field(default_factory=dict)  # faces of original and edited photos
    seconds: dict[str, list[float]] = field(default_factory=dict)
    photos: int = 0
    faces: int = 0
    without: int = 0


def place(rgb: np.ndarray, alignments: Mapping[str, Measure | None]) -> Placed | None:
    """Find and align the largest face of a photo."""
    rows = in_order(detect(rgb))
    if not len(rows):
        return None
    found = landmarks_of(rows[0])
    to_crop, seconds, measured = {}, {}, {}
    for name, measure in alignments.items():
        begin = time.thread_time()
        again = None if measure is None else measure(rgb, found)
        fit = similarity(found if again is None else again, TEMPLATE)
        seconds[name] = time.thread_time() - begin
        measured[name] = measure is None or again is not None
        to_crop[name] = np.vstack([fit, [0.0, 0.0, 1.0]])
    return Placed(rows[0, :2] + rows[0, 2:4] / 2, to_crop, seconds, measured)


def movement(before: np.ndarray, after: np.ndarray, edit: np.ndarray, mirrored: bool) -> float:
    """Return how far crops lie apart: root mean square over the pixels, in pixels of the crop.

    Args:
        before, after: (3, 3), from the photo's and from the edited photo's pixels to the crop's.
        edit: (3, 3), from the photo's pixels to the edited photo's.
        mirrored: the edit mirrors the photo, and its crop is compared with the mirrored crop.
    """
    onto = after @ edit @ np.linalg.inv(before)
    if mirrored:
        onto = FLIP @ onto
    ends = GRID @ onto[:2, :2].T + onto[:2, 2]
    return float(np.sqrt(((ends - GRID) ** 2).sum(1).mean()))


def measure(
    photos: Iterable[np.ndarray],
    edits: Sequence[str],
    alignments: Mapping[str, Measure | None],
    report: Callable[[Movements], None] = lambda found: None,
) -> Movements:
    """Edit photos and compare the crops of their largest faces."""
    found = Movements({edit: {name: [] for name in alignments} for edit in edits}, dict.fromkeys(edits, 0))
    found.fallen_back, found.seconds = dict.fromkeys(alignments, 0), {name: [] for name in alignments}
    for rgb in photos:
        before = place(rgb, alignments)
        found.photos += 1
        if before is None:
            found.without += 1
            continue
        _note(found, before)
        for edit in edits:
            onto = geometry(edit, *rgb.shape[:2])
            after = place(TRIED[edit](rgb), alignments)
            if after is None or _other(before, after, onto):
                found.lost[edit] += 1
                continue
            _note(found, after)
            for name in alignments:
                apart = movement(before.to_crop[name], after.to_crop[name], onto, edit == "mirrored")
                found.moved[edit][name].append(apart)
        report(found)
    return found


def ratio(old: Sequence[float], new: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Return the ratio of the medians, new to old, with its 95 % interval by drawing photos again."""
    pairs = np.array([old, new])
    drawn = np.random.default_rng(seed).integers(0, pairs.shape[1], (DRAWS, pairs.shape[1]))
    medians = np.median(pairs[:, drawn], axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.nanpercentile(medians[1] / medians[0], [2.5, 97.5])
        return float(np.median(new) / np.median(old)), float(low), float(high)


def _note(found: Movements, face: Placed) -> None:
    found.faces += 1
    for name, seconds in face.seconds.items():
        found.seconds[name].append(seconds)
        found.fallen_back[name] += not face.measured[name]


def _other(before: Placed, after: Placed, onto: np.ndarray) -> bool:
    """Return whether this is another face: its centre lies in another place of the crop, by a third of it or more."""
    first = next(iter(before.to_crop.values()))
    expected = onto @ np.array([*before.centre, 1.0])
    apart = np.linalg.inv(onto)[:2, :2] @ (after.centre - expected[:2])
    return bool(np.linalg.norm(first[:2, :2] @ apart) > CROP_SIZE / 3)
