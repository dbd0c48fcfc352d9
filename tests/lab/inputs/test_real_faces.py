import tarfile
from pathlib import Path

import numpy as np
import pytest

from mint.errors import BadInput, BadPool
from mint.lab.inputs.real_faces import for_calibration, real_crops


@pytest.fixture
def people(tmp_path: Path, face_path: Path) -> Path:
    for person in ("ann", "bob"):
        (tmp_path / "set" / person).mkdir(parents=True)
        (tmp_path / "set" / person / "1.jpg").write_bytes(face_path.read_bytes())
    (tmp_path / "set" / "bob" / "2.jpg").write_bytes(b"junk")
    return tmp_path / "set"


def test_folder_and_tar_give_the_same(people: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set.tar", "w") as archive:
        archive.add(people, "set")
    from_folder, from_tar = real_crops(people), real_crops(tmp_path / "set.tar")
    assert from_folder[1] == from_tar[1] == ["ann", "bob"]
    np.testing.assert_array_equal(from_folder[0], from_tar[0])
    assert from_folder[0].shape == (2, 112, 112, 3)


def test_two_folders_of_one_name_are_not_taken_for_one_person(people: Path, tmp_path: Path, face_path: Path) -> None:
    for around in ("first", "second"):
        (tmp_path / "clips" / around / "clip").mkdir(parents=True)
        (tmp_path / "clips" / around / "clip" / "1.jpg").write_bytes(face_path.read_bytes())
    with tarfile.open(tmp_path / "clips.tar", "w") as archive:
        archive.add(tmp_path / "clips", "clips")
    for place, around in (("clips", "first"), ("clips.tar", "clips/first")):
        with pytest.raises(BadInput, match=f"The folder clip lies in {around} and in .*second: one person or two"):
            real_crops(tmp_path / place)


def test_nothing_usable_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no photos"):
        real_crops(tmp_path / "empty")
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="is not a folder, a tar"):
        real_crops(tmp_path / "file")
    (tmp_path / "junk.jpg").write_bytes(b"junk")
    with pytest.raises(BadPool, match="no photo with a face"):
        real_crops(tmp_path / "junk.jpg")


def test_the_coin_depends_on_the_name_alone_and_is_fair() -> None:
    sides = [for_calibration(f"person {k}") for k in range(2000)]
    assert sides == [for_calibration(f"person {k}") for k in range(2000)]
    assert 900 < sum(sides) < 1100
