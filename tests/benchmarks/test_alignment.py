"""The benchmark of the alignment knows where its edits take a face, and measures movement as it says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.alignment.geometry import MOVING, TRIED, geometry
from tests.benchmarks.alignment.movement import FLIP, measure, movement, ratio


def spot(height: int, width: int, x: float, y: float) -> np.ndarray:
    """A bright, wide spot on black, its middle at (x, y)."""
    down, across = np.mgrid[:height, :width]
    bright = 255 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * 12.0**2))
    return np.repeat(bright.round().astype(np.uint8)[:, :, None], 3, 2)


@pytest.mark.parametrize("edit", MOVING)
def test_geometry_is_what_the_edit_does(edit: str) -> None:
    height, width = 200, 240
    for x, y in ((90.0, 80.0), (150.0, 110.0)):
        shown = TRIED[edit](spot(height, width, x, y)).astype(float)[:, :, 0]
        shown[shown < 12] = 0  # what a codec leaves on black
        rows, columns = np.indices(shown.shape)
        seen = np.array([(columns * shown).sum(), (rows * shown).sum()]) / shown.sum()
        expected = geometry(edit, height, width) @ [x, y, 1.0]
        assert np.abs(seen - expected[:2]).max() < 0.15, (edit, seen, expected)


def test_movement_of_known_transforms() -> None:
    before = np.array([[0.5, 0.0, 3.0], [0.0, 0.5, -4.0], [0.0, 0.0, 1.0]])
    step = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 4.0], [0.0, 0.0, 1.0]])
    assert movement(before, before, np.eye(3), mirrored=False) == pytest.approx(0)
    assert movement(before, step @ before, np.eye(3), mirrored=False) == pytest.approx(5)
    mirror = geometry("mirrored", 50, 70)
    assert movement(before, FLIP @ before @ np.linalg.inv(mirror), mirror, mirrored=True) == pytest.approx(0)
    # A turn about the middle moves each pixel by the angle times its distance.
    angle, middle = 1e-4, 55.5
    turn = np.array([[1, -angle, angle * middle], [angle, 1, -angle * middle], [0, 0, 1]])
    distances = [(x - middle) ** 2 + (y - middle) ** 2 for x in range(112) for y in range(112)]
    wanted = angle * np.sqrt(np.mean(distances))
    assert movement(before, turn @ before, np.eye(3), mirrored=False) == pytest.approx(wanted, rel=1e-6)


def test_ratio_of_medians() -> None:
    share, low, high = ratio([2.0, 4.0, 6.0], [1.0, 1.0, 3.0])
    assert share == 0.25
    assert low <= share <= high


def test_a_photo_without_a_face_is_counted_and_an_alignment_that_stays_moves_nothing(face_rgb: np.ndarray) -> None:
    blank = np.full((100, 100, 3), 90, np.uint8)
    found = measure([blank, face_rgb], ["an exact copy (PNG)"], {"old": None, "still": lambda rgb, seen: seen})
    assert (found.photos, found.without, found.faces) == (2, 1, 2)
    assert found.moved["an exact copy (PNG)"]["old"] == [pytest.approx(0, abs=1e-9)]
    assert found.lost == {"an exact copy (PNG)": 0}
