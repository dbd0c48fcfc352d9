from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mint.i18n.sentences import Sentence
from mint.i18n.translate import Say
from mint.judging.person import PersonAudit, PersonLook
from mint.networks.match_faces import UNSEEN
from mint.storage.paths import EXAMPLES
from mint.types import NOT_MEASURED
from mint.ui.sessions import downloads
from mint.ui.sessions import person as person_session
from mint.ui.sessions.person import PersonSession
from mint.ui.sessions.photo import AnswerSettings
from mint.ui.views.person_answer import person_answer
from mint.vision.images import to_png
from tests.hostile.crowd import unnumbered
from tests.tiny_bundles import made_up_people
from tests.ui.fakes import NETWORKS, THIRD, FakeTest


@pytest.fixture(scope="module")
def photos() -> list[bytes]:
    """Different pictures of one fictional person."""
    return [(EXAMPLES / "people" / f"01-{i}-gan.png").read_bytes() for i in (1, 2, 3, 4)]


@pytest.fixture
def test() -> FakeTest:
    return FakeTest(lambda face: {"twin-a"})


def collected(test: FakeTest, photos: list[bytes]) -> PersonSession:
    now = person_session.begin()
    for photo in photos:
        now = now.add(test, photo)  # type: ignore[arg-type]
    return now


def test_the_answer_grows_photo_by_photo(test: FakeTest, photos: list[bytes]) -> None:
    now = person_session.begin()
    said = []
    for photo in photos[:3]:
        now = now.add(test, photo)  # type: ignore[arg-type]
        said.append(person_session.show_answer(test, now, 0.01, 0.5))  # type: ignore[arg-type]
    assert "Nothing found with one photo" in said[0]
    assert "Evidence that twin A was trained on this person, and only twin A." in said[2]
    assert [html.count('r="4.5"') for html in said] == [2, 4, 6], "one dot a photo and network"


def test_from_three_photos_on_the_page_says_how_many_were_used(test: FakeTest, photos: list[bytes]) -> None:
    told = "How many of these photos were used cannot be said"
    shown = [
        person_session.show_answer(test, collected(test, photos[:n]), 0.01, 0.5)  # type: ignore[arg-type]
        for n in (2, 3)
    ]
    assert [html.count(told) for html in shown] == [0, len(NETWORKS)]


def test_a_removed_photo_is_gone_and_the_others_keep_their_names(test: FakeTest, photos: list[bytes]) -> None:
    now = collected(test, photos[:3])
    names = [look.photo for look in now.look.looks]
    fewer = now.remove(1)
    assert [look.photo for look in fewer.look.looks] == names[1:]
    assert fewer.number != now.number
    assert [look.photo for look in fewer.remove(3).look.looks] == names[1:2], (
        "by the number that the page shows no more"
    )
    assert fewer.remove(1) is fewer, "clicked twice"
    for number in (-1, 0, 4, 99):
        assert now.remove(number) is now


def test_no_photo_can_be_removed_while_others_are_added(test: FakeTest, photos: list[bytes]) -> None:
    now = collected(test, photos[:2])
    assert person_session.show_photos(now).count("data-pick") == 2
    assert "data-pick" not in person_session.show_photos(now, adding=True)
    assert person_session.show_photos(now, adding=True).count("<img") == 2


def test_the_same_photo_counts_once_and_both_are_named(test: FakeTest, photos: list[bytes]) -> None:
    now = collected(test, [photos[0], photos[0]])
    html = person_session.show_photos(now)
    assert "Photo 2 repeats Photo 1: they are taken as one." in html
    assert html.count("<img") == 1


def test_what_is_no_photo_says_so_and_takes_no_place(test: FakeTest, photos: list[bytes]) -> None:
    now = collected(test, [b"nonsense"])
    assert "cannot be read" in person_session.show_answer(test, now, 0.01, 0.5)  # type: ignore[arg-type]
    now = now.add(test, photos[0])  # type: ignore[arg-type]
    assert "Photo 1: This is not a JPEG" in person_session.show_photos(now)
    assert 'aria-label="Remove Photo 2"' in person_session.show_photos(now)
    plain = to_png(np.full((200, 200, 3), 120, np.uint8))
    assert "No face was found" in person_session.show_answer(test, collected(test, [plain]), 0.01, 0.5)  # type: ignore[arg-type]


def test_a_moved_slider_looks_at_nothing(test: FakeTest, photos: list[bytes]) -> None:
    now = collected(test, photos[:2])
    looks = test.looks
    assert person_session.show_answer(test, now, 0.05, 0.5) != person_session.show_answer(test, now, 0.001, 0.9)  # type: ignore[arg-type]
    assert test.looks == looks


def test_where_no_rate_of_sets_was_measured_none_of_real_people_is_told(
    test: FakeTest, photos: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {name: replace(bundle, people=made_up_people(0)) for name, bundle in test.bundles.items()}
    monkeypatch.setattr(test, "bundles", known)
    now = collected(test, photos[:1])
    judge = test.judge_person
    for rates, told in (({}, True), ({"false_positive_rate": NOT_MEASURED, "true_positive_rate": NOT_MEASURED}, False)):
        monkeypatch.setattr(
            test, "judge_person", lambda *args, rates=rates: tuple(replace(a, **rates) for a in judge(*args))
        )
        html = person_session.show_answer(test, replace(now, history=()), 0.01, 0.5)  # type: ignore[arg-type]
        assert ("of 250" in html) == told


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_repeat_of_a_photo_that_a_network_leaves_out_does_not_count_there(test: FakeTest, language: str) -> None:
    say = Say(language, strict=True)
    copy = PersonAudit("p", "twin-a", "b", "0" * 64, 0.01, 0.5, judged=("a",), copies=(("b", "a"), ("d", "c")))
    told = person_answer([[replace(copy, left_out=(("c", UNSEEN),), reason=UNSEEN)]], None, say)
    assert say("{photo} repeats {of}: neither is judged.", photo="d", of="c") in told
    assert say("{photo} repeats {of}: neither is judged.", photo="b", of="a") not in told


@pytest.mark.parametrize("language", ["en", "es"])
def test_one_word_for_usable_photos_and_another_for_those_that_were_judged(
    test: FakeTest, photos: list[bytes], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The second photo is left out, the fourth one too many."""
    judge, say = test.judge_person, Say(language, strict=True)

    def two(look: PersonLook, *asked: Any) -> tuple[PersonAudit, ...]:
        names = [seen.photo for seen in look.looks]
        judged, skipped = tuple(names[:1] + names[2:3]), tuple(names[3:])
        return tuple(
            replace(a, judged=judged, p_value=0.1 ** len(judged), skipped=skipped) for a in judge(look, *asked)
        )

    monkeypatch.setattr(test, "judge_person", two)
    four = [*photos[:3], (EXAMPLES / "people" / "02-1-gan.png").read_bytes()]
    now = collected(test, four)
    assert say("{n} usable photos", n=4) in person_session.show_photos(now, say)
    html = person_session.show_answer(test, now, 0.01, 0.5, say)  # type: ignore[arg-type]
    assert html.count(f"<dt>{say('Photos judged together')}</dt><dd>2 {say('of')} 4<") == len(NETWORKS)
    photo = say.name(Sentence("Photo {n}", n=4))
    assert html.count(
        say("Not judged: {photos}. Too few people with that many photos are known to compare with.", photos=photo)
    ) == len(NETWORKS)
    told = re.findall(r'<svg viewBox[^>]* aria-label="([^"]*)"', html)
    assert [re.findall(r"(\d) (?:photos|fotos): p", line) for line in told] == [["1", "2"]] * len(NETWORKS)
    document = downloads.of_person(test, now, 0.01, 0.5, False)  # type: ignore[arg-type]
    hashes = {photo["name"]: photo["sha256"] for photo in document["person"]["photos"]}
    assert hashes["Photo 4"] == hashlib.sha256(four[3]).hexdigest()


def test_each_photo_is_judged_once_however_often_the_answer_is_shown(test: FakeTest, photos: list[bytes]) -> None:
    now, asked = person_session.begin(), AnswerSettings(0.01, 0.5, "en")
    for number, photo in enumerate(photos[:3], 1):
        now = now.add(test, photo, asked)  # type: ignore[arg-type]
        html = person_session.show_answer(test, now, 0.01, 0.5)  # type: ignore[arg-type]
        assert person_session.show_answer(test, now, 0.01, 0.5, Say("es")) != html  # type: ignore[arg-type]
        downloads.of_person(test, now, 0.01, 0.5, False)  # type: ignore[arg-type]
        assert test.judgements == number
    anew = person_session.begin()
    for photo in photos[:3]:
        anew = anew.add(test, photo)  # type: ignore[arg-type]
    whole = person_session.show_answer(test, anew, 0.01, 0.5)  # type: ignore[arg-type]
    assert unnumbered(html) == unnumbered(whole), "as if all of it were judged now"


def test_what_is_kept_is_judged_anew_where_it_no_longer_holds(test: FakeTest, photos: list[bytes]) -> None:
    now = person_session.begin()
    for photo in photos[:2]:
        now = now.add(test, photo, AnswerSettings(0.01, 0.5, "en"))  # type: ignore[arg-type]
    test.judgements = 0
    person_session.show_answer(test, now, 0.05, 0.5)  # type: ignore[arg-type]
    assert test.judgements == 2, "a slider was moved"
    person_session.show_answer(test, now.remove(1), 0.01, 0.5)  # type: ignore[arg-type]
    assert test.judgements == 3, "a photo was removed"
    person_session.show_answer(test, now.add(test, photos[2], AnswerSettings(0.05, 0.5, "en")), 0.05, 0.5)  # type: ignore[arg-type]
    assert test.judgements == 6, "a slider was moved, and a photo added"
    more = now.add(test, photos[0], AnswerSettings(0.01, 0.5, "en"))  # type: ignore[arg-type]
    assert test.judgements == 7, "a copy: all together are judged again"
    assert [audit.given for audit in more.history[-1]] == [3, 3]
    assert len(more.history) == 2


def test_a_report_where_no_photo_counts_says_so(test: FakeTest, photos: list[bytes]) -> None:
    asked = AnswerSettings(0.01, 0.5, "en")
    broken = person_session.begin().add(test, b"nonsense", asked)  # type: ignore[arg-type]
    removed = person_session.begin().add(test, photos[0], asked).remove(1)  # type: ignore[arg-type]
    for now, given in ((broken, 1), (removed, 0)):
        (audits,) = now.judged(test, 0.01, 0.5)  # type: ignore[arg-type]
        assert [audit.error for audit in audits] == [f"None of the {given} photos could be used."] * 2
        document = downloads.of_person(test, now, 0.01, 0.5, False)  # type: ignore[arg-type]
        assert document["person"]["answers"][0]["error"] == audits[0].error


def test_the_truth_stands_beside_an_example(test: FakeTest, photos: list[bytes]) -> None:
    now = person_session.begin(("twin-a",)).add(test, photos[0])  # type: ignore[arg-type]
    html = person_session.show_answer(test, now, 0.5, 0.5)  # type: ignore[arg-type]
    assert "twin A was trained on pictures of this person" in html
    assert html.count("correct") == 2
    assert "neither twin A nor twin B" in person_session.show_answer(
        test, person_session.begin(()).add(test, photos[0]), 0.01, 0.5
    )  # type: ignore[arg-type]


def test_all_of_it_is_told_in_spanish(test: FakeTest, photos: list[bytes]) -> None:
    say = Say("es", strict=True)
    now = collected(test, [photos[0], photos[0], b"nonsense", photos[1]])
    html = (
        person_session.show_photos(now, say)
        + person_session.show_answer(test, now, 0.01, 0.5, say)
        + person_session.empty(say)
    )  # type: ignore[arg-type]
    assert "Foto 1" in html
    assert "photo" not in re.sub(r'(class|src|data-\w+)="[^"]*"', "", html)


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (NETWORKS, "Evidence against twin A and twin B. No person was used by both"),
        ((*NETWORKS, THIRD), "Evidence against twin A and twin B. No person was used by both"),
        (("twin-b", THIRD), "several networks were trained on this person: twin B and"),
        ((THIRD,), f"and only {THIRD}"),
        ((), "No sign that any of these networks was trained on this person."),
    ],
)
def test_only_the_twins_share_nobody(used: tuple[str, ...], words: str, photos: list[bytes]) -> None:
    test = FakeTest(lambda face: used, networks=(*NETWORKS, THIRD))
    for language in ("en", "es"):
        html = person_session.show_answer(test, collected(test, photos[:3]), 0.01, 0.5, Say(language, strict=True))  # type: ignore[arg-type]
        assert html.count("<article") == 3
        assert language != "en" or words in html


@pytest.mark.parametrize("who", [("mine",), ()])
def test_one_network_alone_is_named(who: tuple[str, ...], photos: list[bytes]) -> None:
    test = FakeTest(lambda face: who, networks=("mine",))
    html = person_session.show_answer(test, collected(test, photos[:3]), 0.01, 0.5)  # type: ignore[arg-type]
    assert "vidence that mine was trained on this person." in html
    assert ("No evidence" in html) == (not who)


def test_what_a_third_network_was_trained_on_is_not_known(photos: list[bytes]) -> None:
    test = FakeTest(lambda face: {"twin-a"}, networks=(*NETWORKS, THIRD))
    now = person_session.begin(("twin-a",)).add(test, photos[0])  # type: ignore[arg-type]
    html = person_session.show_answer(test, now, 0.5, 0.5)  # type: ignore[arg-type]
    assert html.count('class="checked') == 2


class Doubting(FakeTest):
    """Doubts the photos of these numbers, as far as they are there."""

    doubts: tuple[int, ...] = ()

    def judge_person(self, look: PersonLook, *settings: Any) -> tuple[PersonAudit, ...]:
        there = [seen.photo for seen in look.looks]
        doubtful = tuple(name for name in (Sentence(person_session.NAME, n=n) for n in self.doubts) if name in there)
        return tuple(replace(audit, doubtful=doubtful) for audit in super().judge_person(look, *settings))


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_is_asked_whether_a_photo_of_somebody_else_is_left_out(photos: list[bytes], language: str) -> None:
    test, say = Doubting(lambda face: {"twin-a"}), Say(language, strict=True)
    now = collected(test, photos[:3])
    assert 'class="doubt"' not in person_session.show_answer(test, now, 0.01, 0.5, say)  # type: ignore[arg-type]
    test.doubts = (3,)
    html = person_session.show_answer(test, now, 0.01, 0.5, say)  # type: ignore[arg-type]
    assert html.count('class="doubt"') == 1, "once, whoever doubts"
    assert re.findall(r'data-pick="(\d+)"', html) == ["3"]
    assert {"en": "Leave Photo 3 out", "es": "Dejar fuera"}[language] in html
    busy = person_session.show_answer(test, now, 0.01, 0.5, say, adding=True)  # type: ignore[arg-type]
    assert 'class="doubt"' not in busy, "what is being added would come back"
    fewer = now.remove(3)
    assert 'class="doubt"' not in person_session.show_answer(test, fewer, 0.01, 0.5, say)  # type: ignore[arg-type]
    test.doubts = (1, 2)
    both = person_session.show_answer(test, fewer, 0.01, 0.5, say)  # type: ignore[arg-type]
    assert re.findall(r'data-pick="(\d+)"', both) == ["1", "2"], "nobody knows which of two"
