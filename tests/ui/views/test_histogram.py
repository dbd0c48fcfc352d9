"""Histograms: every score is counted once, and the outline has the heights of its bars."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mint.ui.views.histogram import binned, outline

NUMBER = r"-?[\d.]+(?:e-?\d+)?"


def test_every_score_is_counted_once_and_the_far_ones_at_the_ends() -> None:
    scores = np.array([-9.0, 0.0, 0.1, 0.3, 0.5, 0.99, 7.0])
    assert binned(scores, 0.0, 1.0, 4).tolist() == [3, 1, 1, 2]


@pytest.mark.parametrize("above", [True, False])
def test_the_outline_has_the_heights_of_its_bars(above: bool) -> None:
    heights = np.sqrt(np.array([0.0, 1.0, 4.0, 9.0, 2.0, 0.0, 5.0]))
    path = outline(heights, 56, 20, above)
    assert path.startswith("M0 20V")
    assert path.endswith("V20Z")
    tops, steps = zip(*re.findall(rf"V({NUMBER})h({NUMBER})", path), strict=True)
    assert set(steps) == {"8"}
    sign = -1 if above else 1
    assert [float(y) for y in tops] == pytest.approx([20 + sign * 20 * h / 3 for h in heights], abs=0.01)


def test_nobody_at_all_is_a_line() -> None:
    assert outline(np.zeros(3, np.int64), 30, 5, above=True) == "M0 5V5h10V5h10V5h10V5Z"
