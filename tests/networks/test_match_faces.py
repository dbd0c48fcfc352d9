"""Faces of two detectors go together by overlap; what the second one does not find is None."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.errors import NoFace
from mint.networks.match_faces import matched, overlap, own_faces
from mint.networks.torch_network import TorchNetwork
from mint.types import Face

CROP = np.zeros((112, 112, 3), np.uint8)
SIDES = st.integers(0, 30)
BOXES = st.tuples(SIDES, SIDES, st.integers(1, 30), st.integers(1, 30))


def face(*box: float) -> Face:
    return Face(tuple(map(float, box)), 1.0, CROP, 0.0)  # type: ignore[arg-type]


class Finder:
    def __init__(self, name: str, *faces: Face) -> None:
        self.name, self.faces, self.asked = name, faces, 0

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        self.asked += 1
        if not self.faces:
            raise NoFace("none")
        return self.faces


@given(BOXES, BOXES)
def test_the_overlap_is_the_share_of_cells(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    cells = []
    for x, y, w, h in (one, other):
        grid = np.zeros((64, 64), bool)
        grid[y : y + h, x : x + w] = True
        cells.append(grid)
    wanted = (cells[0] & cells[1]).sum() / (cells[0] | cells[1]).sum()
    assert overlap(one, other) == pytest.approx(wanted)  # type: ignore[arg-type]


def test_nobody_is_given_twice_and_the_closest_wins() -> None:
    mine = (face(0, 0, 100, 100), face(10, 0, 100, 100), face(500, 0, 50, 50))
    theirs = (face(9, 0, 100, 100), face(0, 900, 30, 30))
    assert matched(mine, theirs) == (None, theirs[0], None)
    assert matched(mine[:1], theirs) == (theirs[0],)


def test_half_is_enough_and_less_is_not() -> None:
    one = face(0, 0, 100, 100)
    assert matched((one,), (face(0, 0, 50, 100),)) != (None,)
    assert matched((one,), (face(0, 0, 49, 100),)) == (None,)
    assert matched((one,), ()) == (None,)


def test_each_detector_looks_once(network: TorchNetwork) -> None:
    found = (face(0, 0, 100, 100), face(200, 0, 40, 40))
    scrfd, blind = Finder("scrfd", face(2, 0, 100, 100)), Finder("blind")

    def with_finder(finder: object) -> TorchNetwork:
        other = TorchNetwork("x", network.model, network.taps, network.input_size)
        other.finder = finder  # type: ignore[assignment]
        return other

    networks = {"b": with_finder(scrfd), "c": with_finder(scrfd), "d": with_finder(blind)}
    seen = own_faces(np.zeros((300, 300, 3), np.uint8), found, networks)
    assert seen == {"b": (scrfd.faces[0], None), "c": (scrfd.faces[0], None), "d": (None, None)}
    assert (scrfd.asked, blind.asked) == (1, 1)
