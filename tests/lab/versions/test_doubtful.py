"""Photos of a list that contradict each other are found by their pictures, and no others are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mint.evidence.near_duplicates import thumbnails
from mint.lab.versions import doubtful as module
from mint.lab.versions.doubtful import ANOTHER_PERSON, ANOTHER_TIME, doubtful
from tests.lab.photos import crop


def faces(*seeds: int) -> np.ndarray:
    return np.stack([cv2.GaussianBlur(crop(seed), (0, 0), 3.0) for seed in seeds])


def files(folder: Path, *data: bytes) -> list[Path]:
    for k, one in enumerate(data):
        (folder / f"{k}.jpg").write_bytes(one)
    return [folder / f"{k}.jpg" for k in range(len(data))]


@pytest.mark.parametrize("block", [1, 3, 256])
def test_a_picture_under_two_people_is_found_however_it_was_saved(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    shown = faces(1, 2, 3, 1, 2, 4)
    shown[3] = shown[3][:, ::-1]  # mirrored
    shown[4] = cv2.imdecode(cv2.imencode(".jpg", shown[4], [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)
    people = ["anna", "berta", "carla", "dora", "elsa", "frida"]
    named = files(tmp_path, *(bytes([k]) for k in range(6)))
    found = doubtful(named, thumbnails(shown), people, [(0, 4)] * 6)
    assert found == {0: (3, ANOTHER_PERSON), 1: (4, ANOTHER_PERSON), 3: (0, ANOTHER_PERSON), 4: (1, ANOTHER_PERSON)}


def test_photos_of_one_person_may_be_alike_but_no_file_has_two_fates(tmp_path: Path) -> None:
    small = thumbnails(faces(1, 1, 1, 1))
    people = ["anna"] * 4
    fates = [(0, 4), (-1, 4), (0, 4), (0, 4)]
    assert doubtful(files(tmp_path, b"a", b"b", b"c", b"d"), small, people, fates) == {}
    assert doubtful(files(tmp_path, b"a", b"b", b"a", b"d"), small, people, fates) == {}, (
        "once more, and no more than that"
    )
    found = doubtful(files(tmp_path, b"a", b"a", b"c", b"a"), small, people, fates)
    assert found == {0: (1, ANOTHER_TIME), 1: (0, ANOTHER_TIME), 3: (1, ANOTHER_TIME)}
