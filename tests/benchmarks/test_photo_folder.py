"""The photos that folders are measured with: so many, no two alike, and the same every time."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import numpy as np
import pytest

from mint.vision.images import open_photo, to_png
from tests.benchmarks.photo_folder import LIGHTS, PICTURES, SIDES, drawn, spread, taken


def test_drawn_photos_are_as_many_as_wanted_and_no_two_alike(tmp_path: Path) -> None:
    assert len(PICTURES) == 72
    pictures = []
    for number in range(3):
        random = np.random.default_rng(number)
        picture = np.kron(random.integers(60, 200, (6, 5, 3)), np.ones((20, 20, 1))).astype(np.uint8)
        pictures.append(tmp_path / f"{number}.png")
        pictures[-1].write_bytes(to_png(picture))
    count = len(pictures) * len(SIDES) * 2 * len(LIGHTS) + 1  # and one more: that has another quality
    files = sorted(drawn(tmp_path / "drawn", count, pictures).iterdir())
    assert len(files) == count
    assert len({hashlib.sha256(file.read_bytes()).digest() for file in files}) == count
    assert [max(open_photo(files[number * len(pictures)]).shape) for number in range(4)] == list(SIDES)
    again = sorted(drawn(tmp_path / "again", 2, pictures).iterdir())
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in files[:2]]


def test_photos_are_taken_evenly_from_a_folder_or_a_tar(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "inner").mkdir(parents=True)
    for number in range(10):
        (source / "inner" / f"{number}.jpg").write_bytes(bytes([number]))
    (source / "note.txt").write_text("no photo")
    with tarfile.open(tmp_path / "source.tar", "w") as tar:
        tar.add(source, "source")
    for number, place in enumerate((source, tmp_path / "source.tar")):
        found = sorted(taken(place, tmp_path / f"taken{number}", 5).iterdir())
        assert [file.read_bytes()[0] for file in found] == [0, 2, 4, 6, 8]
        assert found[0].suffix == ".jpg"
    with pytest.raises(ValueError, match="there are 10 photos, not 11"):
        taken(source, tmp_path / "too many", 11)
    assert spread([1, 2, 3], 3) == [1, 2, 3]
