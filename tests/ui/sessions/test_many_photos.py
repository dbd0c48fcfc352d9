from __future__ import annotations

import csv
import hashlib
import io

import pytest

from mint.i18n.translate import Say
from mint.report.answer_rows import COLUMNS
from mint.ui.sessions import many_photos as many
from mint.ui.sessions.many_photos import LONGEST, MOST, PhotosSession
from mint.ui.sessions.photo import UNMOVED
from tests.ui.fakes import FakeTest
from tests.ui.reading import FACE, empty_wall, side_by_side, text

PHOTO = FACE.read_bytes()


@pytest.fixture
def test() -> FakeTest:
    return FakeTest(lambda face: {"twin-a"})


def collected(test: FakeTest, *photos: tuple[bytes, str]) -> PhotosSession:
    now = PhotosSession()
    for photo, name in photos:
        now = now.add(test, photo, name, UNMOVED)  # type: ignore[arg-type]
    return now


def rows(test: FakeTest, now: PhotosSession, alpha: float = 0.01) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(many.as_csv(test, now, alpha, 0.5).decode())))  # type: ignore[arg-type]


def test_each_photo_is_looked_at_once_and_judged_once(test: FakeTest) -> None:
    now = collected(test, (PHOTO, "a.jpg"), (side_by_side(2), "b.png"))
    assert (test.looks, test.judgements) == (2, 2)
    many.show_answers(test, now, 0.01, 0.5)  # type: ignore[arg-type]
    rows(test, now)
    assert (test.looks, test.judgements) == (2, 2), "neither table nor file judges again"
    rows(test, now, 0.05)
    assert (test.looks, test.judgements) == (2, 4), "a moved slider runs no network"


def test_the_file_is_that_of_the_shell(test: FakeTest) -> None:
    """A row a face and network, and one a network for a photo without an answer."""
    found = rows(test, collected(test, (PHOTO, "a.jpg"), (side_by_side(2), "b.png"), (b"a letter", "c.txt")))
    assert list(found[0]) == list(COLUMNS)
    assert [(r["photo"], r["face"], r["network"]) for r in found] == [
        ("a.jpg", "1", "twin-a"), ("a.jpg", "1", "twin-b"), ("b.png", "1", "twin-a"), ("b.png", "1", "twin-b"),
        ("b.png", "2", "twin-a"), ("b.png", "2", "twin-b"), ("c.txt", "", "twin-a"), ("c.txt", "", "twin-b"),
    ]  # fmt: skip
    assert [r["verdict"] for r in found[:2]] == ["evidence of use", "no sign of use"]
    assert [bool(r["error"]) for r in found] == [False] * 6 + [True] * 2
    assert found[-1]["verdict"] == ""


def test_the_table_counts_what_chance_would_call_used(test: FakeTest) -> None:
    now = collected(test, (PHOTO, "a.jpg"), (empty_wall(), "wall.png"), (side_by_side(3), "b.png"))
    told = text(many.show_answers(test, now, 0.05, 0.5, to_come=2))  # type: ignore[arg-type]
    assert "Photos: 3 · faces: 4" in told
    assert "Twin A: evidence of use for 4 of 4" in told
    assert "Twin B: evidence of use for 0 of 4" in told
    assert "At α = 0.05 chance alone calls up to 5 % of unused faces used, which would be 0.2 here." in told
    assert "Still to be looked at: 2" in told
    assert "face 3 of 3" in told
    assert "No face was found" in told
    assert "Gemela A: indicios de uso en 4 de 4" in text(many.show_answers(test, now, 0.05, 0.5, Say("es", True)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("me.jpg", "me.jpg"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("/home/somebody/me.jpg", "me.jpg"),
        ("=HYPERLINK(1).jpg", "'=HYPERLINK(1).jpg"),
        ("-1.jpg", "'-1.jpg"),
        ("+1.jpg", "'+1.jpg"),
        ("@me.jpg", "'@me.jpg"),
        ("\t\n=1.jpg", "'=1.jpg"),
        ("", "Photo 1"),
        ("é" * 500, "é" * LONGEST),
    ],
)
def test_a_photo_keeps_its_name_and_no_spreadsheet_runs_it(test: FakeTest, given: str, kept: str) -> None:
    assert rows(test, collected(test, (PHOTO, given)))[0]["photo"] == kept


def test_the_file_says_what_was_in_each_photo(test: FakeTest) -> None:
    two = side_by_side(2)
    found = rows(test, collected(test, (PHOTO, "a.jpg"), (two, "b.png"), (b"a letter", "c.txt")))
    wanted = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in (("a.jpg", PHOTO), ("b.png", two), ("c.txt", b"a letter"))
    }
    assert {row["photo"]: row["photo_sha256"] for row in found} == wanted


def test_two_photos_of_one_name_can_be_told_apart(test: FakeTest) -> None:
    now = collected(test, *[(PHOTO, name) for name in ("a.jpg", "a.jpg", "a.jpg", "b", "b", ".c", ".c")])
    assert [name for name, _ in now.seen] == ["a.jpg", "a (2).jpg", "a (3).jpg", "b", "b (2)", ".c", "c (2)"]


def test_a_name_is_text_and_no_markup(test: FakeTest) -> None:
    now = collected(test, (PHOTO, "<img src=x onerror=alert(1)>{{1}}.jpg"), (b"", "<b>.jpg"))
    shown = many.show_answers(test, now, 0.01, 0.5)  # type: ignore[arg-type]
    assert "<img src=x" not in shown
    assert "<b>.jpg" not in shown
    assert "{{" not in shown


def test_there_is_an_end_to_a_visit_s_photos(test: FakeTest) -> None:
    now = collected(test, *[(b"a letter", f"{n}.jpg") for n in range(MOST + 3)])
    assert (len(now.seen), now.left_out) == (MOST, 3)
    assert "too many: 3" in text(many.show_answers(test, now, 0.01, 0.5))  # type: ignore[arg-type]


def test_another_pair_is_asked_about_the_faces_that_are_there(test: FakeTest) -> None:
    other = FakeTest(lambda face: {"twin-a"}, networks=("augmented-a", "augmented-b"))
    now = collected(test, (PHOTO, "a.jpg"), (b"a letter", "c.txt"))
    asked = now.again(test, other, "augmented", UNMOVED)  # type: ignore[arg-type]
    assert [r["network"] for r in rows(other, asked)] == ["augmented-a", "augmented-b"] * 2
    assert asked.number != now.number
    assert test.looks == 1
