from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.errors import BadPhoto, NoFace
from mint.judging.photo import false_alarms
from mint.types import Face
from mint.ui.sessions import downloads
from mint.ui.sessions import photo as photo_session
from mint.ui.sessions.photo import AnswerSettings, Decoded, PhotoSession
from mint.ui.views.details.saliency import _jpeg, over
from mint.vision.images import open_photo, to_png
from tests.ui.fakes import FakeTest, a_face


class Crowded(FakeTest):
    """Finds five faces in every photo, and looks at three."""

    def find(self, photo: object) -> tuple[np.ndarray, tuple[Face, ...]]:
        return np.asarray(photo), tuple(a_face(i) for i in range(5))


@pytest.fixture
def test(monkeypatch: pytest.MonkeyPatch) -> FakeTest:
    monkeypatch.setattr("mint.membership.MAX_FACES", 3)
    return Crowded(most=3)


@pytest.fixture
def photo() -> Decoded:
    return Decoded(np.full((120, 300, 3), 90, np.uint8), "0" * 64)


@pytest.fixture
def first(test: FakeTest, photo: Decoded) -> PhotoSession:
    """The largest face is judged."""
    return photo_session.begin(test, photo, {"twin-a": True, "twin-b": False})  # type: ignore[arg-type]


@pytest.fixture
def now(test: FakeTest, photo: Decoded, first: PhotoSession) -> PhotoSession:
    """All are; counted from here."""
    found = first.complete(test, photo)  # type: ignore[arg-type]
    test.looks, test.judgements = 1, 1
    return found


def test_the_largest_face_is_judged_first_and_the_others_follow(
    test: FakeTest, photo: Decoded, first: PhotoSession
) -> None:
    assert first.waiting
    assert [len(audit.faces) for audit in first.audits] == [1, 1]
    assert first.choose(1).chosen == 0, "it was not judged yet"
    shown = photo_session.show_faces(first)
    assert shown.count('class="box') == len(re.findall('class="thumb[ "]', shown)) == 3, "all are in sight"
    assert shown.count(" disabled") == 2 * 2
    assert "The largest face is judged first" in shown
    assert "2 smaller faces were not looked at" in shown
    alone = photo_session.show_answer(test, first, 0.01, 0.5)  # type: ignore[arg-type]
    whole = first.complete(test, photo)  # type: ignore[arg-type]
    assert not whole.waiting
    assert photo_session.show_answer(test, whole, 0.01, 0.5) == alone, "it stays as it is"  # type: ignore[arg-type]
    assert "disabled" not in photo_session.show_faces(whole)
    assert whole.choose(2).chosen == 2
    together = test.look_at(test.find(photo.rgb)[1][:3], saliency=True)
    assert whole.look.faces[0] is first.look.faces[0]
    for network in test.bundles:
        np.testing.assert_array_equal(whole.look.scores[network]["used"], together.scores[network]["used"])
        assert [maps.shape for maps in whole.look.saliency[network].values()] == [
            maps.shape for maps in together.saliency[network].values()
        ]


def test_what_stays_in_sight_leads_on(test: FakeTest, now: PhotoSession) -> None:
    own = photo_session.show_details(test, now, 0.01, 0.5)  # type: ignore[arg-type]
    assert 'data-skip="photo">Another photo' in own
    example = photo_session.show_details(test, replace(now, following=7), 0.01, 0.5)  # type: ignore[arg-type]
    assert 'data-pick="7">Next example' in example
    assert 'data-skip="answer"' in example


def test_all_that_is_shown_of_a_photo_was_looked_at_and_judged_once(test: FakeTest, now: PhotoSession) -> None:
    for _ in range(2):
        photo_session.show_faces(now)
        photo_session.show_answer(test, now, 0.01, 0.5)  # type: ignore[arg-type]
        photo_session.show_details(test, now, 0.01, 0.5)  # type: ignore[arg-type]
        photo_session.show_answer(test, now.choose(1), 0.01, 0.5)  # type: ignore[arg-type]
        photo_session.show_details(test, now.choose(1), 0.01, 0.5)  # type: ignore[arg-type]
        downloads.of_photo(test, now, 0.01, 0.5, True)  # type: ignore[arg-type]
    assert (test.looks, test.judgements) == (1, 1)


def test_a_moved_slider_judges_and_does_not_look(test: FakeTest, now: PhotoSession) -> None:
    before = photo_session.show_answer(test, now, 0.01, 0.5)  # type: ignore[arg-type]
    after = photo_session.show_answer(test, now, 0.001, 0.9)  # type: ignore[arg-type]
    assert (test.looks, test.judgements) == (1, 2)
    assert before != after
    elsewhere = photo_session.begin(
        test, Decoded(np.zeros((9, 9, 3), np.uint8), ""), None, AnswerSettings(0.001, 0.9, "en")
    )  # type: ignore[arg-type]
    for alpha, prior in ((0.001, 0.5), (0.01, 0.9)):
        photo_session.show_answer(test, elsewhere, alpha, prior)  # type: ignore[arg-type]
    assert (test.looks, test.judgements) == (2, 5)


def test_what_is_drawn_of_a_face_is_its_own_crop_and_its_own_maps(test: FakeTest, now: PhotoSession) -> None:
    network, tap = "twin-b", "stage2"
    drawn = over(now.look.faces[2].crop, now.look.saliency[network][tap][2])
    assert _jpeg(drawn) in photo_session.show_details(test, now.choose(2), 0.01, 0.5)  # type: ignore[arg-type]
    assert _jpeg(drawn) not in photo_session.show_details(test, now, 0.01, 0.5)  # type: ignore[arg-type]


def test_choosing_a_face_runs_nothing_and_changes_no_other_visit(test: FakeTest, now: PhotoSession) -> None:
    other = now.choose(2)
    assert (now.chosen, other.chosen, test.looks) == (0, 2, 1)
    assert other.choose(-1).chosen == other.choose(99).chosen == 2


def test_faces_beyond_the_limit_are_admitted(now: PhotoSession) -> None:
    assert "2 smaller faces were not looked at" in photo_session.show_faces(now)


def test_a_photo_is_read_before_any_network_is_needed(face_path: Path) -> None:
    data = face_path.read_bytes()
    read = photo_session.read(data)
    np.testing.assert_array_equal(read.rgb, open_photo(face_path))
    assert read.sha256 == hashlib.sha256(data).hexdigest()
    with pytest.raises(BadPhoto):
        photo_session.read(b"nonsense")


def test_a_photo_without_a_face_begins_nothing() -> None:
    test = FakeTest()
    with pytest.raises(NoFace):
        photo_session.begin(test, photo_session.read(to_png(np.full((200, 200, 3), 128, np.uint8))))  # type: ignore[arg-type]
    assert (test.looks, test.judgements) == (0, 0)


def test_the_answer_carries_no_name_and_no_path(test: FakeTest, now: PhotoSession, tmp_path: Path) -> None:
    assert now.look.photo == "photo"
    assert str(tmp_path) not in photo_session.show_faces(now) + photo_session.show_answer(
        test, now, 0.01, 0.5
    ) + photo_session.show_details(test, now, 0.01, 0.5)  # type: ignore[arg-type]


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


def test_of_one_s_own_photo_the_rate_of_real_faces_is_told(test: FakeTest, now: PhotoSession) -> None:
    """Counted here anew: real test faces whose score so few of any kind of calibration non-members reach."""
    own = replace(now, truth=None)
    tables = test.bundles["twin-a"].test
    kinds = [tables[s]["photo"] for s in ("siblings", "outsiders", "openpeople", "real")]
    alarms = round(false_alarms(test.bundles["twin-a"], "photo", "real", 0.02).value * 900)
    strict = sum(
        all((1 + np.sum(k >= s)) / (1 + len(k)) <= 0.02 for k in kinds if len(k) > 100) for s in tables["real"]["photo"]
    )
    assert alarms <= strict, "nobody is accused whom a count alone would not accuse"
    html = photo_session.show_answer(test, own, 0.02, 0.5)  # type: ignore[arg-type]
    assert "of 900" not in html, "of whom else a network was calibrated on is known of a pool of MINT's alone"
    test.bundles = {name: replace(bundle, facts={"pool": {}}) for name, bundle in test.bundles.items()}
    html = photo_session.show_answer(test, own, 0.02, 0.5)  # type: ignore[arg-type]
    assert f"{alarms} of 900" in html
    assert "of 900" not in photo_session.show_answer(test, now, 0.02, 0.5), "an example is no real face"  # type: ignore[arg-type]


def test_one_s_own_photo_leads_on_to_where_a_network_learns_it(test: FakeTest, now: PhotoSession) -> None:
    """Where the networks are known to have learnt from fictional people alone, and nowhere else."""
    own, on = replace(now, truth=None), 'data-skip="#tab-teach"'
    made = test.bundles
    pooled = {name: replace(bundle, facts={"pool": {"seed": 1}}) for name, bundle in made.items()}
    one = {**pooled, "twin-b": replace(made["twin-b"], facts={})}
    for bundles, session, leads in (
        (pooled, own, True),
        (pooled, now, False),
        (pooled, replace(own, pair="their own"), False),
        (one, own, False),
    ):
        test.bundles = bundles
        assert (on in photo_session.show_answer(test, session, 0.01, 0.5)) is leads  # type: ignore[arg-type]
