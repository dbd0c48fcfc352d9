import tarfile
from pathlib import Path

import numpy as np
import pytest

from mint.errors import BadInput, BadPool
from mint.lab.inputs.real_faces import for_calibration, real_crops
from tests.lab.inputs.sources import tar, two_people, write


@pytest.fixture
def people(tmp_path: Path, face_path: Path) -> Path:
    return two_people(tmp_path / "set", face_path.read_bytes())


def test_folder_and_tar_give_the_same(people: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set.tar", "w") as archive:
        archive.add(people, "set")
    from_folder, from_tar = real_crops(people), real_crops(tmp_path / "set.tar")
    assert from_folder[1] == from_tar[1] == ["ann", "bob"]
    np.testing.assert_array_equal(from_folder[0], from_tar[0])
    assert from_folder[0].shape == (2, 112, 112, 3)


def test_how_people_were_told_apart_is_said(people: Path, tmp_path: Path, face_path: Path) -> None:
    lines: list[str] = []
    real_crops(people, report=lines.append)
    assert lines == ["real faces: 3 photos of 2 people: the folder that a photo lies in is the person"]
    (tmp_path / "list.csv").write_text("path;subject\nset/ann/1.jpg;a\nset/bob/1.jpg;a\nset/bob/2.jpg;\n")
    assert real_crops(tmp_path / "list.csv", report=lines.append)[1] == ["a", "a"]
    assert lines[1] == (
        "real faces: 3 photos of 2 people (1 of the photos name nobody: each is a person of its own): the column subject names the person"
    )


def test_files_of_samples_and_metadata_say_who_is_who_before_the_folder_does(tmp_path: Path, face_path: Path) -> None:
    face = face_path.read_bytes()
    samples_of = tar(tmp_path / "s.tar", {f"w/{k}.{end}": data for k, person in enumerate(("ann", "bo"))
                                          for end, data in (("jpg", face), ("cls", person))})  # fmt: skip
    assert real_crops(samples_of)[1] == ["ann", "bo"]
    rows = "file_name,identity\n0.jpg,ann\n1.jpg,bo\n"
    assert real_crops(write(tmp_path / "set", {"w/metadata.csv": rows, "w/0.jpg": face, "w/1.jpg": face}))[1] == [
        "ann",
        "bo",
    ]


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
