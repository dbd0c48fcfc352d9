"""Edits of training photos: the transform that an edit returns is what it does, and the steps lead back."""

from __future__ import annotations

import numpy as np
import pytest

from mint.lab.alignment.edits import edited, version
from mint.vision.aligner import FRAME_SIDE, MIRRORED_STEPS, displacement, frame, steps_of

PLACED = np.array([[0.9, 0.1, -50.0], [-0.1, 0.9, -30.0], [0, 0, 1]])


def spotted(at: np.ndarray) -> np.ndarray:
    """A (256, 256) picture with a wide bright spot where the crop's pixel ``at`` lies."""
    x, y = (np.linalg.inv(PLACED) @ [*at, 1.0])[:2]
    down, across = np.mgrid[:256, :256]
    return (20 + 220 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / 400)).astype(np.uint8)


def centre(grey: np.ndarray) -> np.ndarray:
    """Where the spot lies: the mean place of the brightest pixels of a smoothed picture."""
    values = grey.astype(float)
    values = np.where(values > np.percentile(values, 97), values - values.min(), 0.0)
    rows, columns = np.indices(grey.shape)
    return np.array([(columns * values).sum(), (rows * values).sum(), values.sum()])[:2] / values.sum()


def test_an_edit_returns_where_it_takes_the_crop() -> None:
    found = []
    for seed in range(60):
        grey, placed = edited(spotted(np.array([60.0, 70.0])), PLACED, np.random.default_rng(seed))
        assert grey.dtype == np.uint8
        found.append((placed @ [*centre(grey), 1.0])[:2])
    errors = np.linalg.norm(np.array(found) - [60.0, 70.0], axis=1)
    assert np.median(errors) < 1.0  # slopes of light and covered rectangles move a spot, sizes do not
    assert len({round(float(e), 3) for e in errors}) > 30


def test_what_is_drawn_depends_on_the_generator_alone() -> None:
    grey = spotted(np.array([50.0, 50.0]))
    one, again, other = (version(grey, PLACED, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one[0], again[0])
    np.testing.assert_array_equal(one[1], again[1])
    assert not np.array_equal(one[1], other[1])


def test_the_steps_lead_back_to_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.lab.alignment.edits.UNEDITED", 2.0)
    grey = spotted(np.array([60.0, 70.0]))
    seen = set()
    for seed in range(12):
        shown, steps, mirrored = version(grey, PLACED, np.random.default_rng(seed))
        assert shown.shape == (FRAME_SIDE, FRAME_SIDE)
        if mirrored:
            shown, steps = shown[:, ::-1], steps * MIRRORED_STEPS
        # The frame is that of the crop which the steps lead away from.
        away = np.linalg.inv(displacement(steps))
        np.testing.assert_array_equal(shown, frame(grey, away @ PLACED))
        np.testing.assert_allclose(displacement(steps_of(away)) @ displacement(steps), np.eye(3), atol=1e-9)
        seen.add(mirrored)
    assert seen == {False, True}
