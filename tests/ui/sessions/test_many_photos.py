from __future__ import annotations

import csv
import hashlib
import io
import re

import pytest

from mint.i18n.translate import Say
from mint.report.answer_rows import COLUMNS
from mint.storage.paths import EXAMPLES
from mint.types import Look
from mint.ui.sessions import many_photos as many
from mint.ui.sessions.many_photos import LONGEST, MOST, PhotosSession
from mint.ui.sessions.photo import UNMOVED
from mint.vision.faces import find, fingerprint
from mint.vision.images import open_photo, to_png
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


GENERATED = (5, 6, 7, 8, 9, 10, 11, 12)  # of the examples


def different(n: int) -> list[tuple[bytes, str]]:
    """Photos of as many generated people."""
    return [((EXAMPLES / "faces" / f"{i:02}-gan.png").read_bytes(), f"{i}.png") for i in GENERATED[:n]]


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
    now = collected(test, *different(4), (empty_wall(), "wall.png"), (side_by_side(3), "b.png"))
    told = text(many.show_answers(test, now, 0.05, 0.5, to_come=2))  # type: ignore[arg-type]
    faces = sum(len(seen.faces) for _, seen in now.seen if isinstance(seen, Look))
    assert faces == 7
    assert f"Photos: 6 · faces: {faces}" in told
    assert f"Twin A: evidence of use for {faces} of {faces}" in told
    assert f"Twin B: evidence of use for 0 of {faces}" in told
    rate = now.judged(test, 0.05, 0.5)[0][0].faces[0].photo.false_positive_rate
    promised, measured = f"{0.05 * faces:.2g}", f"{rate.value * faces:.2g}"
    assert (
        f"chance alone calls about {promised} used at α = 0.05, as promised, and about {measured} at the rate" in told
    )
    assert "Still to be looked at: 2" in told
    assert "face 3 of 3" in told
    assert "No face was found" in told
    assert f"Gemela A: indicios de uso en {faces} de {faces}" in text(
        many.show_answers(test, now, 0.05, 0.5, Say("es", True))
    )  # type: ignore[arg-type]


def test_few_of_many_prove_nothing_and_most_of_them_do_not_say_so(test: FakeTest) -> None:
    """With one of eight chance may give as many at 5 %, with all of them not: each twin is told apart."""
    first = [fingerprint(a_face.crop) for a_face in find(open_photo(different(1)[0][0]))]
    test.who = lambda face: {"twin-a"} | ({"twin-b"} if fingerprint(face.crop) in first else set())
    now = collected(test, *different(8))
    told = re.findall(
        r"Twin [AB]: if it was.*?as measured\.(?: So few prove nothing\.)?",
        text(many.show_answers(test, now, 0.05, 0.5)),
    )  # type: ignore[arg-type]
    assert len(told) == 2
    assert ["So few prove nothing." in line for line in told] == [False, True]


def test_one_file_given_three_times_is_counted_once(test: FakeTest) -> None:
    """A file, its copy under another name, and the same pixels in a file of another kind."""
    again = to_png(open_photo(PHOTO))
    now = collected(test, (PHOTO, "a.jpg"), (PHOTO, "copy.jpg"), (again, "again.png"), *different(1))
    told = text(many.show_answers(test, now, 0.01, 0.5))  # type: ignore[arg-type]
    assert "Photos: 4 · faces: 2" in told
    assert "Twin A: evidence of use for 2 of 2" in told
    assert "count once: 2" in told
    assert told.count("the same face as in a.jpg: it counts once") == 2
    assert len(rows(test, now)) == 8, "the file keeps a row for each; photo_sha256 tells them apart, or not"


def test_faces_beyond_the_limit_are_told_in_table_and_file(test: FakeTest) -> None:
    now = collected(test, (side_by_side(4), "many.png"), (PHOTO, "a.jpg"))
    assert "not looked at" not in text(many.show_answers(test, now, 0.01, 0.5))  # type: ignore[arg-type]
    test.most = 2
    now = collected(test, (side_by_side(4), "many.png"), (PHOTO, "a.jpg"))
    told = text(many.show_answers(test, now, 0.01, 0.5))  # type: ignore[arg-type]
    assert "Smaller faces that were not looked at: 2" in told
    assert told.count("2 smaller faces were not looked at: only the 2 largest are.") == 1
    assert {(row["photo"], row["faces"], row["skipped"]) for row in rows(test, now)} == {
        ("many.png", "2", "2"),
        ("a.jpg", "1", "0"),
    }


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
