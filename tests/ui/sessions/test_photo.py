from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.errors import BadPhoto
from mint.ui.sessions import photo as photo_session
from mint.ui.sessions.photo import PhotoSession
from mint.vision.images import to_png
from tests.ui.fakes import FakeTest, a_face


@pytest.fixture
def test() -> FakeTest:
    return FakeTest(most=3)


@pytest.fixture
def now(test: FakeTest) -> PhotoSession:
    rgb = np.full((120, 300, 3), 90, np.uint8)
    return photo_session.begin(test, rgb, tuple(a_face(i) for i in range(5)), {"twin-a": True, "twin-b": False})  # type: ignore[arg-type]


def test_a_moved_slider_judges_and_does_not_look(test: FakeTest, now: PhotoSession) -> None:
    before = photo_session.show_answer(test, now, 0.01, 0.5)  # type: ignore[arg-type]
    after = photo_session.show_answer(test, now, 0.001, 0.9)  # type: ignore[arg-type]
    assert (test.looks, test.judgements) == (1, 2)
    assert before != after


def test_choosing_a_face_runs_nothing_and_changes_no_other_visit(test: FakeTest, now: PhotoSession) -> None:
    other = now.choose(2)
    assert (now.chosen, other.chosen, test.looks) == (0, 2, 1)
    assert other.choose(-1).chosen == other.choose(99).chosen == 2


def test_faces_beyond_the_limit_are_admitted(now: PhotoSession) -> None:
    assert "2 smaller faces were not looked at" in photo_session.show_faces(now)


def test_a_photo_is_read_and_its_face_found(face_path: Path) -> None:
    rgb, faces = photo_session.read(face_path.read_bytes())
    assert len(faces) == 1
    assert rgb.dtype == np.uint8


def test_no_face_is_no_error_yet_and_no_photo_is(tmp_path: Path) -> None:
    assert photo_session.read(to_png(np.full((200, 200, 3), 128, np.uint8)))[1] == ()
    with pytest.raises(BadPhoto):
        photo_session.read(b"nonsense")


def test_the_answer_carries_no_name_and_no_path(test: FakeTest, now: PhotoSession, tmp_path: Path) -> None:
    assert now.look.photo == "photo"
    assert str(tmp_path) not in photo_session.show_faces(now) + photo_session.show_answer(
        test, now, 0.01, 0.5
    ) + photo_session.show_details(test, now, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "wanted"), [((1600, 1200), (800, 600)), ((300, 200), (300, 200)), ((3, 4000), (1, 800)), ((1, 1), (1, 1))]
)
def test_a_preview_is_small_of_the_same_proportions_and_colours(size, wanted):
    left = np.linspace(0, 250, size[0])[None, :, None] * np.ones((size[1], 1, 3)) * [1, 0.5, 0]
    picture = photo_session.preview(left.round().astype(np.uint8))
    assert (picture.width, picture.height) == size
    shown = Image.open(io.BytesIO(base64.b64decode(picture.uri.partition(",")[2])))
    assert shown.size == wanted
    other = Image.fromarray(left.round().astype(np.uint8)).resize(wanted, Image.Resampling.BOX)
    assert np.abs(np.asarray(shown, float) - np.asarray(other, float)).mean() < 4
