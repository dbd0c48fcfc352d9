from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from mint.i18n.sentences import Sentence
from mint.i18n.translate import Say
from mint.teaching.experiment import Comparison, Outcome
from mint.teaching.lesson import Step
from mint.teaching.trace import Standing, Trace
from mint.types import FaceAudit, Rate, Verdict
from mint.ui.views.nearest import Known
from mint.ui.views.play import lesson
from mint.ui.views.play.lesson import Chosen
from mint.ui.views.play.trace import Place, trace
from tests.ui import reading
from tests.ui.fakes import a_face, face_audit


def audit(verdict: Verdict) -> FaceAudit:
    return face_audit(verdict is Verdict.EVIDENCE, verdict=verdict)


def found(before: Verdict, after: Verdict, control: Verdict = Verdict.NO_SIGN) -> Outcome:
    same = Comparison(audit(control), audit(control))
    return Outcome(Comparison(audit(before), audit(after)), same, ())


KNOWN = Known(np.linspace(2, 4, 40), np.linspace(-4, 1, 400))
CHOSEN = Chosen(a_face(1), a_face(2), True)


@pytest.mark.parametrize(
    ("before", "after", "control", "words"),
    [
        (Verdict.NO_SIGN, Verdict.EVIDENCE, Verdict.NO_SIGN, "The test noticed: now there is evidence"),
        (Verdict.NO_SIGN, Verdict.EVIDENCE, Verdict.EVIDENCE, "accuses the control as well"),
        (Verdict.NO_SIGN, Verdict.INCONCLUSIVE, Verdict.NO_SIGN, "did not notice"),
        (Verdict.CANNOT_SAY, Verdict.CANNOT_SAY, Verdict.NO_SIGN, "cannot say"),
        (Verdict.EVIDENCE, Verdict.EVIDENCE, Verdict.NO_SIGN, "It says so after the lesson as well."),
        (Verdict.EVIDENCE, Verdict.EVIDENCE, Verdict.EVIDENCE, "and it accuses the control too"),
        (Verdict.EVIDENCE, Verdict.CANNOT_SAY, Verdict.NO_SIGN, "After the lesson the test cannot say."),
        (Verdict.EVIDENCE, Verdict.INCONCLUSIVE, Verdict.NO_SIGN, "After the lesson it says “inconclusive”."),
        (Verdict.EVIDENCE, Verdict.NO_SIGN, Verdict.EVIDENCE, "After the lesson it says “no sign of use”."),
    ],
)
def test_the_headline_tells_also_what_did_not_work(
    before: Verdict, after: Verdict, control: Verdict, words: str
) -> None:
    for language in ("en", "es"):
        html = lesson.outcome(found(before, after, control), CHOSEN, "twin-a", 3, Say(language, strict=True))
        assert html.count("<img") == 2
        assert html.count('class="cell ') == 4
    told = lesson.headline(found(before, after, control))
    assert words in told
    assert ("evidence” before" in told) == (before is Verdict.EVIDENCE)


@pytest.mark.parametrize(
    ("member", "ready", "before"),
    [
        (True, "was trained on this very photo", "and was right"),
        (False, "was not trained on this photo", "a false alarm."),
        (None, "was not trained on photos of visitors", "a false alarm, unless"),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_nothing_is_claimed_of_a_photo_that_nobody_knows(
    member: bool | None, ready: str, before: str, own: bool
) -> None:
    chosen, one = replace(CHOSEN, own=own, member=member), found(Verdict.EVIDENCE, Verdict.EVIDENCE)
    html = lesson.outcome(one, chosen, "twin-a", 3)
    assert ready in lesson.ready(chosen, "twin-a")
    assert before in html
    assert "never seen" not in html + lesson.ready(chosen, "twin-a")
    say = Say("es", strict=True)
    assert "gemela A" in lesson.ready(chosen, "twin-a", say)
    assert "antes de la lección" in lesson.headline(one, say, member)


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_verdict_of_a_lesson_stands_without_its_false_alarms_and_its_prior(language: str) -> None:
    say, rate = Say(language, strict=True), Rate(0.069, 0.0123, 0.184, 102)
    answered = {v: audit(v) for v in (Verdict.NO_SIGN, Verdict.EVIDENCE)}
    before, after = (
        replace(a, alpha=0.05, photo=replace(a.photo, false_positive_rate=rate)) for a in answered.values()
    )
    outcome = Outcome(Comparison(before, after), Comparison(before, before), ())
    cells = [
        reading.text(cell) for cell in lesson.outcome(outcome, CHOSEN, "twin-a", 3, say).split('class="cell ')[1:5]
    ]
    name, half = say("False alarms, measured"), say("if {prior} likely before", prior="50\u202f%")
    for cell in cells:
        assert f"{name.lower()}: 6.9 %" in cell.replace("\u202f", " ").lower()
        assert "n = 102" in cell.replace("\xa0", " ")
        assert half.replace("\u202f", " ") in cell.replace("\u202f", " ")


@pytest.mark.parametrize(
    "why",
    [
        Sentence("{people} people are too few to compare with: with so many, nothing below {share}% can be promised", people=45, share="2.2"),
        Sentence("{quality} is lower than in nearly all the photos this test was calibrated on", quality=Sentence("sharpness")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "es"])
def test_who_cannot_say_tells_why_and_names_no_chance(why: Sentence, language: str) -> None:
    say, silent = Say(language, strict=True), audit(Verdict.CANNOT_SAY)
    silent = replace(silent, photo=replace(silent.photo, reason=why))
    same = Comparison(audit(Verdict.NO_SIGN), audit(Verdict.NO_SIGN))
    outcome = Outcome(Comparison(audit(Verdict.NO_SIGN), silent), same, ())
    html = lesson.outcome(outcome, CHOSEN, "twin-a", 3, say)
    cells = html.split('<div class="cell ')[1:]
    chance = say("chance that it was used:")
    assert [chance in cell for cell in cells] == [True, False, True, True]
    assert [say(why)[1:] + "." in cell for cell in cells] == [False, True, False, False]


def test_a_forgotten_face_leaves_an_empty_frame_with_its_name_beside_it() -> None:
    drawn = trace(KNOWN, 0.5, Place(None, -2.0, 3.0), None, Say("es", strict=True))
    frame = re.search(r"<rect ([^>]*)/><text", drawn)
    assert frame, "an unquoted value would take the slash, and the frame the words"
    assert 'class="empty"' in frame[1]
    assert "enseñada</text>" in drawn


def test_both_photos_stand_beside_each_other_before_and_after() -> None:
    html = lesson.outcome(found(Verdict.NO_SIGN, Verdict.EVIDENCE), CHOSEN, "twin-a", 3)
    words = [part.split("</span>")[0] for part in html.split("</svg><span>")[1:]]
    assert words == ["No sign of use", "Evidence of use", "No sign of use", "No sign of use"]


def test_progress_never_claims_more_than_was_done() -> None:
    assert 'aria-valuenow="0"' in lesson.progress(None)
    early = Trace(Standing(-1.0, 0.4)), Trace(Standing(-1.0, 0.4), Standing(-2.0, 0.6))
    for found in early:
        assert 'aria-valuenow="0"' in lesson.progress(found, Say("es", strict=True))
    html = lesson.progress(replace(early[1], step=Step(12, 0.41, 0.9, 0.25)), Say("es", strict=True))
    assert 'aria-valuenow="25"' in html
    assert "width:25.0%" in html


@pytest.mark.parametrize(
    ("cosine", "words"),
    [
        (-0.1, "still a stranger"),
        (0.15, "still a stranger"),
        (0.2, "begins to recognise"),
        (0.45, "less firmly"),
        (0.75, "almost as firmly"),
        (0.9, "as firmly as"),
        (1.0, "as firmly as"),
    ],
)
def test_how_well_the_copy_knows_the_face_is_told_in_words(cosine: float, words: str) -> None:
    standing = Standing(-1.0, 0.4)
    html = lesson.progress(Trace(standing, standing, Step(3, cosine, 0.9, 0.5)))
    assert words in html
    assert "0.9" not in html
    assert f"{cosine:.2f}" not in html


def test_consent_is_asked_of_a_visitor_and_not_of_an_example() -> None:
    assert "Tick the box" in lesson.ready(CHOSEN, "twin-a")
    assert "Tick the box" not in lesson.ready(replace(CHOSEN, own=False), "twin-a")
    assert 'class="pair own"' in lesson.chosen_panel(CHOSEN)
    assert "own" not in lesson.chosen_panel(replace(CHOSEN, own=False)).split('"')[1]


@pytest.mark.parametrize(("language", "told"), [("en", "Other faces in it: 13."), ("es", "Otras caras en ella: 13.")])
def test_faces_that_are_not_taught_are_told(language: str, told: str) -> None:
    say = Say(language, strict=True)
    assert told in lesson.ready(replace(CHOSEN, others=13), "twin-a", say)
    assert told[:10] not in lesson.ready(CHOSEN, "twin-a", say)


def test_what_many_lessons_did_stands_below_one_s() -> None:
    measured = {
        "alpha": 0.02,
        "taught": {
            "generated": {
                "flipped": {"value": 0.9, "low": 0.55, "high": 0.99, "n": 10},
                "controls": {"value": 0.2, "low": 0.02, "high": 0.5, "n": 10},
            }
        },
    }
    one = found(Verdict.NO_SIGN, Verdict.EVIDENCE)
    html = lesson.outcome(one, CHOSEN, "twin-a", 3, measured=measured)
    assert "Measured at α = 0.02: 10 fictional people were taught to twin A" in html, "wherever the sliders stand"
    assert "noticed 9 of them" in html
    assert "of the controls, 2 got another verdict" in html
    assert (
        "la prueba notó 9".lower() in lesson.outcome(one, CHOSEN, "twin-a", 3, Say("es", strict=True), measured).lower()
    )
    for none in (None, {"taught": {}}, {"taught": {"generated": {"flipped": {"n": 0}, "controls": {"n": 3}}}}):
        assert "Measured" not in lesson.outcome(one, CHOSEN, "twin-a", 3, measured=none)


def test_what_else_the_lesson_changed_is_told_later() -> None:
    same = found(Verdict.NO_SIGN, Verdict.EVIDENCE)
    for language, awaited, told in (("en", "are looked at now", "of 2 other"), ("es", "Ahora se miran", "en otras 2")):
        say = Say(language, strict=True)
        pending = lesson.outcome(replace(same, witnesses=None), CHOSEN, "twin-a", 3, say)
        assert awaited in pending
        witnesses = ((None, True, same.taught), (None, False, same.control))
        done = lesson.outcome(replace(same, witnesses=witnesses), CHOSEN, "twin-a", 3, say)  # type: ignore[arg-type]
        assert told in done
        assert awaited not in done
