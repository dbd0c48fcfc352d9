"""Faces that were found once are not looked for again, unless the photo or the way of finding them is another one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.lab.inputs.real_faces import KeptFaces, real_crops
from mint.vision.detectors import LEARNED, Finder
from tests.lab.inputs.sources import two_people


@pytest.fixture
def faces(tmp_path: Path, face_path: Path) -> Path:
    return two_people(tmp_path / "set", face_path.read_bytes())


class Counting:
    """A finder that counts the photos that it looks at."""

    def __init__(self, finder: Finder, name: str = "") -> None:
        self.name, self.looked, self._finder = name or finder.name, 0, finder

    def __call__(self, rgb: np.ndarray) -> object:
        self.looked += 1
        return self._finder(rgb)


def test_faces_are_found_once(faces: Path, tmp_path: Path) -> None:
    finder = Counting(LEARNED)
    alone = real_crops(faces)
    for _ in range(2):
        crops, who = real_crops(faces, finder, kept=tmp_path / "kept")
        np.testing.assert_array_equal(crops, alone[0])
        assert who == alone[1] == ["ann", "bob"]
    assert finder.looked == 1, "both show the same photo"


def test_another_way_of_finding_faces_looks_again(faces: Path, tmp_path: Path) -> None:
    real_crops(faces, kept=tmp_path)
    other = Counting(LEARNED, "another way")
    real_crops(faces, other, kept=tmp_path)
    assert other.looked == 1


@pytest.mark.parametrize("data", [b"", b"no such file", b"\x02\0\0\0\0\0\0\0{}"])
def test_a_file_that_cannot_be_read_is_written_anew(data: bytes, tmp_path: Path, face_path: Path) -> None:
    (tmp_path / f"faces-{LEARNED.name}.safetensors").write_bytes(data)
    for _ in range(2):
        kept = KeptFaces(tmp_path, LEARNED)
        assert kept(face_path.read_bytes()) is not None
        assert kept(b"junk") is None
        kept.save()
    finder = Counting(LEARNED)
    again = KeptFaces(tmp_path, finder)
    assert again(face_path.read_bytes()) is not None
    assert finder.looked == 0
