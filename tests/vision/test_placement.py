"""Transforms from photos to crops, and the pictures that are cut by them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mint.vision import placement
from mint.vision.faces import TEMPLATE, align
from tests.vision.placed_photos import MIRROR

TURNED = np.array([[1.02, -0.05, 3.0], [0.05, 1.02, -2.0], [0, 0, 1]])


def test_the_template_is_its_own_mirror_image() -> None:
    mirrored = placement.SYMMETRIC[MIRROR] * [-1, 1] + [111, 0]
    np.testing.assert_allclose(mirrored, placement.SYMMETRIC, atol=1e-12)
    assert np.abs(placement.SYMMETRIC - TEMPLATE).max() < 0.7


def test_movement_is_that_of_the_pixels() -> None:
    pixels = np.array([[x, y] for x in range(112) for y in range(112)], float)
    ends = pixels @ TURNED[:2, :2].T + TURNED[:2, 2]
    assert placement.movement(TURNED) == pytest.approx(np.sqrt(((ends - pixels) ** 2).sum(1).mean()))


def test_the_crop_is_cut_where_its_transform_says(face_rgb: np.ndarray) -> None:
    placed = np.array([[0.8, 0.1, -20.0], [-0.1, 0.8, -30.0], [0, 0, 1]])
    crop = align(face_rgb, placement.template_in(placed))
    wanted = cv2.warpAffine(face_rgb, placed[:2], (112, 112), flags=cv2.INTER_LINEAR)
    assert np.abs(crop.astype(int) - wanted).mean() < 1.5  # landmarks are rounded to a thirty-second of a pixel


def test_landmarks_at_the_template_leave_the_photo_as_it_is() -> None:
    np.testing.assert_allclose(placement.fitted(placement.SYMMETRIC), np.eye(3), atol=1e-9)
    np.testing.assert_allclose(placement.template_in(np.eye(3)), TEMPLATE, atol=2.0**-6)


def test_a_transform_moves_points_and_says_how_much_it_enlarges() -> None:
    points = np.array([[1.0, 2.0], [5.0, -3.0]])
    wanted = (np.hstack([points, np.ones((2, 1))]) @ TURNED.T)[:, :2]
    np.testing.assert_allclose(placement.moved(TURNED, points), wanted)
    ends = placement.moved(TURNED, points)
    assert placement.scale(TURNED) == pytest.approx(
        np.linalg.norm(ends[1] - ends[0]) / np.linalg.norm(points[1] - points[0])
    )


def test_a_shrunk_picture_holds_the_means_of_what_it_covers() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    quarter = np.array([[0.25, 0, -0.375], [0, 0.25, -0.375], [0, 0, 1]])
    found = placement.sampled(grey, quarter, 16)
    means = grey.reshape(16, 4, 16, 4).mean((1, 3))
    np.testing.assert_allclose(found, means, atol=1.0)


def test_the_surroundings_of_a_large_face_are_shrunk_and_say_where_they_lie() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), np.uint8)
    smooth = cv2.GaussianBlur(rgb, (0, 0), 12)
    placed = np.array([[0.125, 0, -20.0], [0, 0.125, -10.0], [0, 0, 1]])
    part, to_part = placement.surroundings(smooth, placed, np.array([55.5, 62.0]), 60.0)
    assert max(part.shape) < 400
    for x, y in ((600, 500), (700, 600)):
        across, down = placement.moved(to_part, np.array([[x, y]]))[0]
        assert np.abs(part[round(down), round(across)].astype(int) - smooth[y, x]).max() < 12
    small, same = placement.surroundings(rgb, np.eye(3), np.array([55.5, 62.0]), 60.0)
    assert small is rgb
    np.testing.assert_array_equal(same, np.eye(3))


def test_a_window_lies_in_the_photo_and_holds_a_pixel_wherever_the_face_lies() -> None:
    photo, centre = np.zeros((60, 90, 3), np.uint8), np.array([0.0, 0.0])
    for x, y, wanted in ((50, 30, (40, 20, 60, 40)), (5, 58, (0, 48, 15, 60)), (-99, 300, (0, 59, 1, 60))):
        placed = np.array([[1.0, 0, -x], [0, 1, -y], [0, 0, 1]])
        assert placement.window(photo, placed, centre, 10) == wanted
