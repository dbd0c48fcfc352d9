"""The photos that folders are measured with: so many, no two alike, and the same every time."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from mint.vision.images import open_photo
from tests.benchmarks.photo_folder import drawn, spread, taken


def test_drawn_photos_are_as_many_as_wanted_and_no_two_alike(tmp_path: Path) -> None:
    files = sorted(drawn(tmp_path / "drawn", 80).iterdir())  # more than there are examples
    assert len(files) == 80
    assert len({hashlib.sha256(file.read_bytes()).digest() for file in files}) == 80
    assert max(open_photo(files[0]).shape) == 512
    assert max(open_photo(files[-1]).shape) == 384
    again = sorted(drawn(tmp_path / "again", 2).iterdir())
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
