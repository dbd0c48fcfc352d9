"""The learned alignment: edits hardly move the crop, and it says where it sees no face. See ``test_still`` for what holds of both."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mint.errors import NoFace, WeightsCorrupt, WeightsMissing
from mint.vision import aligner, still
from mint.vision.detectors import LEARNED, YUNET
from mint.vision.images import open_photo
from mint.vision.placement import fitted
from tests.vision.placed_photos import EXAMPLES, PHOTOS, first_landmarks, moved, page

# Pixels of the crop that its corners move at most, which lie farther out than the face: measured, and half as much again.
MOST = {"cut": 0.3, "mirror": 0.4, "half": 0.5, "grey": 0.3, "contrast": 0.7, "jpeg": 0.5}


@pytest.mark.parametrize("edit", MOST)
def test_an_edit_hardly_moves_the_crop(edit: str) -> None:
    photos = [open_photo(path) for path in PHOTOS]
    new = [moved(rgb, edit, aligner.align_again) for rgb in photos]
    old = [moved(rgb, edit, None) for rgb in photos]
    assert np.median(new) < MOST[edit], (edit, old, new)
    assert np.mean(new) < np.mean(old) / 4, (edit, old, new)


def test_colour_and_contrast_move_it_less_than_the_landmarks_of_the_detector_measured_again() -> None:
    photos = [open_photo(path) for path in PHOTOS]
    for edit in ("grey", "contrast"):
        learned, measured = (
            np.mean([moved(rgb, edit, measure) for rgb in photos])
            for measure in (aligner.align_again, still.measure_again)
        )
        assert learned < measured / 2, edit


def test_of_a_large_photo_only_the_surroundings_of_the_face_are_converted(
    face_rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = np.pad(face_rgb, ((1200, 900), (1500, 800), (0, 0)), mode="edge")
    found = first_landmarks(face_rgb) + np.array([1500, 1200])
    monkeypatch.setattr(aligner, "_grey", lambda rgb, placed: cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    whole = aligner.align_again(wide, found)
    monkeypatch.undo()
    converted: list[int] = []
    convert = cv2.cvtColor
    monkeypatch.setattr(cv2, "cvtColor", lambda rgb, code: (converted.append(rgb.size), convert(rgb, code))[1])
    again = aligner.align_again(wide, found)
    assert whole is not None
    assert again is not None
    np.testing.assert_array_equal(again, whole)
    assert 0 < sum(converted) < wide.size / 5


def test_a_tiny_face_is_aligned(face_rgb: np.ndarray) -> None:
    (face,) = LEARNED(page((cv2.resize(face_rgb, (48, 48), interpolation=cv2.INTER_AREA), 200, 200)))
    assert face.upright
    assert face.crop.shape == (112, 112, 3)


def test_nothing_is_measured_where_there_is_no_face(face_rgb: np.ndarray) -> None:
    found = first_landmarks(face_rgb)
    assert aligner.align_again(np.full_like(face_rgb, 90), found) is None
    assert aligner.align_again(face_rgb, np.full((5, 2), 60.0)) is None
    eyes = float(np.linalg.norm(found[1] - found[0]))
    assert aligner.align_again(face_rgb, found + np.array([2.5 * eyes, 0])) is None


@pytest.mark.parametrize("answer", [[30.0, 0, 0, 0], [0, 0, 0, 60.0], [5.0, 0, 0, 0], [np.nan] * 4])
def test_a_network_that_comes_to_no_rest_leaves_the_landmarks_and_says_so(
    answer: list[float], face_rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aligner, "_answer", lambda shown: np.array(answer))
    (face,), (before,) = LEARNED(face_rgb), YUNET(face_rgb)
    assert not face.upright
    np.testing.assert_array_equal(face.crop, before.crop)


def test_a_face_that_is_hard_to_see_is_asked_of_until_the_crop_lies_still(
    face_rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    first = fitted(first_landmarks(face_rgb))

    def says_half(shown: np.ndarray) -> np.ndarray:  # of a way of twelve pixels to the right, what it still sees of it
        asked.append(12 * 0.5 ** len(asked))
        return np.array([asked[-1] / 2, 0, 0, 0])

    monkeypatch.setattr(aligner, "_answer", says_half)
    again = aligner.align_again(face_rgb, first_landmarks(face_rgb))
    assert again is not None
    placed = fitted(again) @ np.linalg.inv(first)
    assert placed[0, 2] == pytest.approx(12, abs=0.3)
    # The last move is the first of at most a twentieth of a pixel.
    assert [len(asked), asked[-1] / 2 <= 0.05 < asked[-2] / 2] == [8, True]


# ---- its parts


def test_steps_and_displacement_say_the_same() -> None:
    for steps in np.random.default_rng(0).normal(0, 6, (20, 4)):
        change = aligner.displacement(steps)
        np.testing.assert_allclose(aligner.steps_of(change), steps, atol=1e-9)
        # About the centre: to the right and down by the first two, larger by the exponential of the third, turned by the fourth.
        start, end = aligner.CENTRE @ [1, 1j], (change @ [*aligner.CENTRE, 1]) @ [1, 1j, 0]
        assert end - start == pytest.approx(steps[0] + 1j * steps[1])
        arm = (change @ [1.0, 0, 0]) @ [1, 1j, 0]
        assert np.log(arm) * aligner.RADIUS == pytest.approx(steps[2] + 1j * steps[3])


def test_the_mirror_image_takes_the_mirrored_steps() -> None:
    flip = np.array([[-1.0, 0, 111], [0, 1, 0], [0, 0, 1]])
    for steps in np.random.default_rng(1).normal(0, 6, (20, 4)):
        mirrored = flip @ aligner.displacement(steps) @ flip
        np.testing.assert_allclose(aligner.steps_of(mirrored), steps * aligner.MIRRORED_STEPS, atol=1e-9)


def test_a_frame_is_luminance_with_an_even_histogram(face_rgb: np.ndarray) -> None:
    placed = fitted(first_landmarks(face_rgb))
    grey = cv2.cvtColor(face_rgb, cv2.COLOR_RGB2GRAY)
    shown = aligner.frame(grey, placed)
    assert shown.shape == (aligner.FRAME_SIDE,) * 2
    assert np.abs(np.sort(shown.ravel()) - np.linspace(0, 255, shown.size)).max() < 12
    darker = aligner.frame((grey * 0.5).astype(np.uint8), placed)
    assert np.abs(darker.astype(int) - shown).mean() < 3


def test_the_frame_s_centre_is_the_crop_s() -> None:
    spot = np.zeros((112, 112), np.uint8)
    across, down = np.mgrid[:112, :112][::-1]
    spot[:] = 255 * np.exp(-((across - 75.5) ** 2 + (down - 62) ** 2) / 60)
    shown = aligner.frame(spot, np.eye(3)).astype(float)
    shown[shown < 250] = 0
    rows, columns = np.indices(shown.shape)
    found = np.array([(columns * shown).sum(), (rows * shown).sum()]) / shown.sum()
    middle = (aligner.FRAME_SIDE - 1) / 2
    np.testing.assert_allclose(found, [middle + aligner.ZOOM * 20, middle], atol=0.3)


@pytest.mark.parametrize("left", [None, 0, 1000])
def test_a_missing_or_damaged_file_says_what_to_do(
    left: int | None, face_rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "aligner.onnx"
    if left is not None:
        file.write_bytes(aligner.ALIGNER.read_bytes()[:left])
    monkeypatch.setattr(aligner, "ALIGNER", file)
    with pytest.raises(WeightsMissing if left is None else WeightsCorrupt, match=r"aligner\.onnx .*Restore it"):
        aligner.align_again(face_rgb, first_landmarks(face_rgb))


@pytest.mark.parametrize("side", [40, 36, 32])
def test_a_face_in_a_small_photo_is_searched_enlarged_and_lies_where_it_is(side: int) -> None:
    rgb = open_photo(EXAMPLES / "faces" / "12-gan.png")
    small = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA)
    with pytest.raises(NoFace):
        YUNET(small)
    (face,) = LEARNED(small)
    wanted = np.array(YUNET(rgb)[0].box) * side / len(rgb)
    assert np.abs(np.array(face.box) - wanted).max() < 5
    with pytest.raises(NoFace):
        LEARNED(np.full((side, side, 3), 90, np.uint8))
