"""Alignment that stands still: edits hardly move the crop, and nothing around a face does; what holds of the learned one as well."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from mint.errors import BadInput, WeightsCorrupt, WeightsMissing
from mint.types import Face
from mint.vision import faces, still, yunet_cells
from mint.vision.detectors import (
    LEARNED,
    MEASURES,
    STILL,
    YUNET,
    Finder,
    WholePicture,
    finder_named,
    recorded_finder,
)
from mint.vision.faces import TEMPLATE, align, detect, in_order, landmarks_of, similarity
from mint.vision.images import open_photo
from tests.vision.placed_photos import PHOTOS, apart, corners, first_landmarks, moved, page

both = pytest.mark.parametrize("finder", [STILL, LEARNED], ids=lambda finder: finder.name)


@pytest.mark.parametrize("edit", ["cut", "mirror", "half"])
def test_an_edit_hardly_moves_the_crop(edit: str) -> None:
    photos = [open_photo(path) for path in PHOTOS]
    new = [moved(rgb, edit, still.measure_again) for rgb in photos]
    old = [moved(rgb, edit, None) for rgb in photos]
    assert np.median(new) < MOST[edit], (edit, old, new)
    assert max(new) < max(old) / 2, (edit, old, new)
    assert np.mean(new) < np.mean(old) / 4, (edit, old, new)


# Pixels of the crop that the corners may move, which lie farther out than the face.
MOST = {"cut": 0.3, "mirror": 0.4, "half": 0.4}


@both
def test_the_answer_is_where_the_detector_would_put_it(finder: Finder, face_rgb: np.ndarray) -> None:
    found = first_landmarks(face_rgb)
    again = MEASURES[finder.name](face_rgb, found)
    assert again is not None
    assert apart(corners(found), corners(again)) < 12
    # As the template, turned, moved and enlarged only: the fit leaves nothing.
    fit = similarity(again, TEMPLATE)
    assert np.abs(again @ fit[:, :2].T + fit[:, 2] - TEMPLATE).max() < 0.05


@both
def test_it_does_not_matter_where_the_search_began(finder: Finder, face_rgb: np.ndarray) -> None:
    found = first_landmarks(face_rgb)
    ends = [MEASURES[finder.name](face_rgb, found + step) for step in ([0, 0], [3, -2], [-3, 3])]
    turned = (found - found.mean(0)) @ np.array([[0.995, 0.0998], [-0.0998, 0.995]]) * 1.05 + found.mean(0)
    ends.append(MEASURES[finder.name](face_rgb, turned))
    assert all(end is not None for end in ends)
    assert max(apart(corners(ends[0]), corners(end)) for end in ends) < 0.8


@both
def test_mirroring_again_and_again_drifts_nowhere(finder: Finder, face_rgb: np.ndarray) -> None:
    turns = [face_rgb, np.ascontiguousarray(face_rgb[:, ::-1])] * 2
    ends = [corners(again) for rgb in turns if (again := MEASURES[finder.name](rgb, first_landmarks(rgb))) is not None]
    np.testing.assert_array_equal(ends[0], ends[2])
    np.testing.assert_array_equal(ends[1], ends[3])


# ---- the same every time


@both
def test_equal_results_run_to_run_and_on_every_thread(finder: Finder, face_rgb: np.ndarray) -> None:
    found = first_landmarks(face_rgb)
    wanted = MEASURES[finder.name](face_rgb, found)
    seen: list[np.ndarray | None] = []
    before = cv2.getNumThreads()
    try:
        for count in (1, 4):
            cv2.setNumThreads(count)
            threads = [
                threading.Thread(target=lambda: seen.append(MEASURES[finder.name](face_rgb, found))) for _ in range(3)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        cv2.setNumThreads(before)
    assert len(seen) == 6
    for one in seen:
        np.testing.assert_array_equal(one, wanted)


@both
def test_another_face_in_the_photo_changes_nothing(finder: Finder, face_rgb: np.ndarray) -> None:
    other = cv2.resize(face_rgb, (200, 200), interpolation=cv2.INTER_AREA)
    alone, both = page((face_rgb, 40, 20)), page((face_rgb, 40, 20), (other, 60, 660))
    found = first_landmarks(alone)
    np.testing.assert_array_equal(MEASURES[finder.name](alone, found), MEASURES[finder.name](both, found))


@both
def test_of_two_faces_close_together_each_keeps_its_own(finder: Finder, face_rgb: np.ndarray) -> None:
    x, y, w, h = (int(v) for v in faces.find(face_rgb)[0].box)
    head = face_rgb[y - 10 : y + h + 10, x - 4 : x + w + 4]
    sheet = page((head, 100, 100), (head, 100, 100 + head.shape[1]))
    found = finder(sheet)
    assert len(found) == 2
    assert all(face.upright for face in found)
    first, second = (MEASURES[finder.name](sheet, landmarks_of(row)) for row in in_order(detect(sheet)))
    assert first is not None
    assert second is not None
    gap = np.abs(first - second)
    np.testing.assert_allclose(gap[:, 0], head.shape[1], atol=4)
    np.testing.assert_allclose(gap[:, 1], 0, atol=4)


# ---- where it is hard


def test_a_face_at_the_border_is_measured_inside_the_photo(face_rgb: np.ndarray) -> None:
    x, y, w, h = faces.find(face_rgb)[0].box
    cut = np.ascontiguousarray(face_rgb[int(y) : int(y + h), int(x) : int(x + w)])
    (face,) = STILL(cut)
    assert face.upright
    whole, part = (
        still.measure_again(face_rgb, first_landmarks(face_rgb)),
        still.measure_again(cut, first_landmarks(cut)),
    )
    assert whole is not None
    assert part is not None
    assert apart(corners(whole), corners(part) + np.array([int(x), int(y)])) < 6


def test_a_tiny_face_is_found_and_aligned(face_rgb: np.ndarray) -> None:
    sheet = page((cv2.resize(face_rgb, (48, 48), interpolation=cv2.INTER_AREA), 200, 200))
    (face,) = STILL(sheet)
    assert 16 <= min(face.box[2:]) < 24
    assert face.upright
    assert face.crop.shape == (112, 112, 3)


@both
def test_a_huge_face_is_the_same_face(finder: Finder, face_rgb: np.ndarray) -> None:
    large = cv2.resize(face_rgb, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    small, big = (MEASURES[finder.name](rgb, first_landmarks(rgb)) for rgb in (face_rgb, large))
    assert small is not None
    assert big is not None
    assert apart(corners(small) * 4 + 1.5, corners(big)) < 1


def test_a_face_that_is_lost_keeps_the_first_landmarks_and_says_so(
    face_rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((len(pictures), 256), np.float32), np.zeros((len(pictures), 256, 5, 2), np.float32)

    monkeypatch.setattr(still, "read_cells", blind)
    (face,), (before,) = STILL(face_rgb), YUNET(face_rgb)
    assert not face.upright
    assert before.upright
    np.testing.assert_array_equal(face.crop, before.crop)


def test_nothing_is_measured_where_there_is_no_face_or_one_far_away(face_rgb: np.ndarray) -> None:
    found = first_landmarks(face_rgb)
    eyes = float(np.linalg.norm(found[1] - found[0]))
    assert still.measure_again(np.full_like(face_rgb, 90), found) is None
    assert still.measure_again(face_rgb, found + np.array([1.6 * eyes, 0])) is None
    assert still.measure_again(face_rgb, np.full((5, 2), 60.0)) is None


@both
def test_the_crop_is_cut_where_the_measure_says(finder: Finder, face_rgb: np.ndarray) -> None:
    (face,) = finder(face_rgb)
    again = MEASURES[finder.name](face_rgb, first_landmarks(face_rgb))
    assert again is not None
    np.testing.assert_array_equal(face.crop, align(face_rgb, again))
    assert isinstance(face, Face)


# ---- the network


def test_the_cells_hold_what_opencv_chooses_from(face_rgb: np.ndarray) -> None:
    picture = cv2.resize(face_rgb, (64, 64), interpolation=cv2.INTER_AREA)
    framed = np.full((128, 128, 3), 100, np.uint8)
    framed[32:96, 32:96] = picture
    confidence, landmarks = yunet_cells.read_cells(framed[None].astype(np.float32))
    detector = cv2.FaceDetectorYN.create(str(faces.DETECTOR), "", (128, 128), 0.5)
    _, rows = detector.detect(np.ascontiguousarray(framed[:, :, ::-1]))
    best = int(confidence[0].argmax())
    assert confidence[0, best] == pytest.approx(rows[0, 14], abs=1e-4)
    np.testing.assert_allclose(landmarks[0, best].reshape(10), rows[0, 4:14], atol=1e-2)


def test_a_missing_file_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(yunet_cells, "CELLS", tmp_path / "yunet.onnx")
    with pytest.raises(WeightsMissing, match=r"yunet\.onnx"):
        yunet_cells.read_cells(np.zeros((1, 64, 64, 3), np.float32))


@pytest.mark.parametrize("left", [0, 1, 1000])
def test_a_damaged_file_says_what_to_do(left: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "yunet.onnx"
    file.write_bytes(yunet_cells.CELLS.read_bytes()[:left])
    monkeypatch.setattr(yunet_cells, "CELLS", file)
    with pytest.raises(WeightsCorrupt, match=r"yunet\.onnx is damaged\. Restore it"):
        yunet_cells.read_cells(np.zeros((1, 64, 64, 3), np.float32))


def test_alignments_go_by_name() -> None:
    assert finder_named("yunet") is YUNET
    assert finder_named("yunet-still-1") is STILL
    with pytest.raises(BadInput, match="yunet-still-1"):
        finder_named("yunet-still-0")


def test_a_bundle_may_record_that_no_face_is_looked_for_and_an_alignment_may_not_be_that() -> None:
    assert recorded_finder(None) is YUNET
    assert recorded_finder(STILL.name) is STILL
    assert isinstance(recorded_finder("whole picture"), WholePicture)
    for found in (finder_named, recorded_finder):
        with pytest.raises(BadInput, match="There is no alignment"):
            found("a picture")
    with pytest.raises(BadInput):
        finder_named("whole picture")
