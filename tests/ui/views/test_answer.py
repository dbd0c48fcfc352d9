from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import shape
from mint.types import NOT_MEASURED, Rate, Verdict
from mint.ui.views.answer import agreement, answer
from mint.ui.views.details.layers import layers
from tests.ui.fakes import OTHER_TAPS, THIRD, face_audit

FLIP = {"twin-a": face_audit(True), "twin-b": face_audit(False)}


def test_both_networks_both_questions_and_every_figure_are_there() -> None:
    html = answer(FLIP)
    assert html.count("<article") == 2
    assert html.count("Was it trained on this photo?") == html.count("Was it trained on this person?") == 2
    for text in (
        "Evidence of use",
        "No sign of use",
        "0.0024",
        "n\u00a0=\u00a0940",
        "False alarms, measured",
        "Used ones found, measured",
    ):
        assert text in html


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_said_of_a_photo_of_one_s_own_fits_the_answers_above_it(language: str) -> None:
    say = Say(language, strict=True)
    no, yes = face_audit(False), face_audit(True)
    onward = {
        accused: answer(dict(zip(FLIP, faces, strict=True)), say=say, onward=True).partition('class="onward"')[2]
        for accused, faces in {
            "nobody": (no, no),
            "photo": (yes, no),
            "person": (no, replace(no, person=yes.person)),
        }.items()
    }
    right, alarm = ("it is right that nothing", "false alarm") if language == "en" else ("es correcto", "falsa alarma")
    for accused, told in onward.items():
        assert (right in told) == (accused == "nobody")
        assert (alarm in told) == (accused != "nobody")


def test_no_trace_is_not_said_above_evidence_about_the_person() -> None:
    no = face_audit(False)
    accused = replace(no, person=face_audit(True).person)
    assert "Neither finds a trace." in answer({"twin-a": no, "twin-b": no})
    assert "Neither finds a trace." not in answer({"twin-a": accused, "twin-b": no})
    assert "Neither shows evidence about this photo." in answer({"twin-a": accused, "twin-b": no})


def test_a_doubtful_accusation_is_called_so_under_the_headline() -> None:
    sure, unsure = face_audit(True), face_audit(True, prior=0.001)
    assert unsure.photo.right is not None
    assert unsure.photo.right < 0.5 <= (sure.photo.right or 0)
    told = answer({"twin-a": unsure, "twin-b": face_audit(False, prior=0.001)})
    assert told.count('class="doubtful"') == 1
    assert told.index("<h2") < told.index('class="doubtful"') < told.index("<article")
    assert "doubtful" not in answer(FLIP)
    assert "doubtful" not in answer({"twin-a": face_audit(False, prior=0.001)}), "without evidence nobody is accused"


def test_the_truth_stands_beside_the_answer_of_an_example() -> None:
    html = answer(FLIP, {"twin-a": True, "twin-b": False})
    assert "Truth:</b> twin A was trained on this picture; twin B was not." in html
    assert html.count("correct") == 2, "of the person nothing is known"
    assert "neither twin A nor twin B was trained on this picture." in answer(FLIP, {"twin-a": False, "twin-b": False})
    assert 'class="truth"' not in answer(FLIP)
    assert "correct" not in answer(FLIP)


def pills(html: str) -> list[str]:
    """What stands beside each question, in order; empty where nothing does."""
    return [re.sub(r"<[^>]*>", "", pill) for pill in re.findall(r'<div class="asked"><p.*?</p>(.*?)</div>', html)]


def test_each_question_has_a_badge_of_its_own() -> None:
    """A right answer about the photo says nothing of a wrong one about the person."""
    right = face_audit(False)
    wrong = replace(right, person=face_audit(True).person)
    truth, person = {"twin-a": True, "twin-b": False}, {"twin-a": True, "twin-b": False}
    html = answer({"twin-a": face_audit(True), "twin-b": wrong}, truth, ENGLISH, person)
    assert pills(html) == ["correct", "correct", "correct", "false alarm"]
    assert "checked" not in re.findall(r"<header>.*?</header>", html, re.S)[1]
    assert pills(answer({"twin-b": wrong}, truth)) == ["correct", ""], "whether the person was used is not known"
    assert pills(answer({"twin-b": wrong})) == ["", ""]


def test_a_false_alarm_says_how_many_to_expect() -> None:
    face = face_audit(True)
    told = {"twin-a": False}
    photo = replace(face.photo, false_positive_rate=Rate(0.02099, 0.013, 0.031, 1143))
    person = replace(face.person, false_positive_rate=Rate(0.0, 0.0, 0.0031, 1173))
    html = answer({"twin-a": replace(face, photo=photo, person=person)}, told, ENGLISH, told)
    assert "False alarm, expected about 2.1 in 100." in html
    assert "False alarm, expected in fewer than 0.3 of 100." in html
    assert "False alarm" not in answer({"twin-a": face}, {"twin-a": True}, ENGLISH, {"twin-a": True}).replace(
        "False alarms", ""
    )
    unmeasured = replace(face, photo=replace(photo, false_positive_rate=NOT_MEASURED))
    assert "how many to expect was not measured" in answer({"twin-a": unmeasured}, told)
    assert "cabe esperar alrededor de 2.1 de cada 100" in answer(
        {"twin-a": replace(face, photo=photo)}, told, Say("es", strict=True)
    )


def test_the_person_s_answer_carries_its_error_rate() -> None:
    face = face_audit(True)
    person = replace(face.person, false_positive_rate=Rate(0.0123, 0.006, 0.02, 1173))
    _, _, below = answer({"twin-a": replace(face, person=person)}).partition('<div class="person')
    assert "False alarms, measured" in below
    assert "1.2\u202f%" in below
    assert "n\u00a0=\u00a01\u202f173" in below


def test_of_a_real_face_the_rate_of_real_faces_is_told() -> None:
    face = face_audit(False)
    photo = replace(face.photo, false_positive_rate=Rate(0.02099, 0.013, 0.031, 1143))
    face = replace(face, photo=photo)
    real = {PHOTO: Rate(2 / 5447, 0.0, 0.0013, 5447), PERSON: Rate(0.0, 0.0, 0.00068, 5447)}
    html = answer({"twin-a": face}, real={"twin-a": real})
    assert "2 of 5\u202f447" in html
    assert "0 of 5\u202f447" in html
    assert "at most 0.068\u202f% at 95\u202f% confidence" in html
    assert "worst kind of face: 2.1\u202f%" in html
    assert "False alarms, measured" not in html
    assert "0 de 5\u202f447" in answer({"twin-a": face}, say=Say("es", strict=True), real={"twin-a": real})
    assert "real faces" not in answer({"twin-a": face})


@pytest.mark.parametrize(("worst", "told"), [(0.0, False), (2 / 5447, False), (0.001, True)])
def test_a_worst_kind_that_is_no_worse_than_real_faces_is_not_told_of(worst: float, told: bool) -> None:
    face = face_audit(False)
    face = replace(face, photo=replace(face.photo, false_positive_rate=Rate(worst, 0.0, 0.03, 105)))
    real = {PHOTO: Rate(2 / 5447, 0.0, 0.0013, 5447)}
    photo, _, _ = answer({"twin-a": face}, real={"twin-a": real}).partition('<div class="person')
    assert ("worst kind of face" in photo) == told


def test_inconclusive_is_not_maybe_you() -> None:
    face = face_audit(False)
    photo, person = (replace(said, verdict=Verdict.INCONCLUSIVE, p_value=0.4) for said in (face.photo, face.person))
    html = answer({"twin-a": replace(face, photo=photo, person=person)})
    assert "Nothing points to this photo; the test cannot rule it out." in html
    assert "Nothing points to you; one photo cannot rule it out." in html


def test_a_person_of_whom_other_pictures_were_used_is_told_of() -> None:
    html = answer(FLIP, {"twin-a": False, "twin-b": False}, ENGLISH, {"twin-a": True, "twin-b": False})
    assert "nor twin B was trained on this picture; twin A was trained on pictures of this person." in html


@pytest.mark.parametrize(
    ("verdict", "member", "words"),
    [
        (Verdict.EVIDENCE, True, "correct"),
        (Verdict.EVIDENCE, False, "false alarm"),
        (Verdict.NO_SIGN, False, "correct"),
        (Verdict.NO_SIGN, True, "missed"),
        (Verdict.INCONCLUSIVE, True, "undecided"),
        (Verdict.CANNOT_SAY, False, "undecided"),
    ],
)
def test_an_answer_that_contradicts_the_truth_is_called_so(verdict: Verdict, member: bool, words: str) -> None:
    assert agreement(verdict, member)[1] == words


def test_every_verdict_has_a_shape_of_its_own() -> None:
    assert len({shape(verdict).split(">", 1)[1] for verdict in Verdict}) == len(Verdict)


def test_a_chance_that_nobody_measured_is_not_invented() -> None:
    face = face_audit(True)
    assert "not measured" in answer({"twin-a": replace(face, photo=replace(face.photo, right=None))})


def test_a_limit_that_no_p_value_reaches_is_not_called_wrong_at_all_times() -> None:
    photo = replace(face_audit(True).photo, true_positive_rate=Rate(0.0, 0.0, 0.005, 699), right=0.0)
    html = answer({"twin-a": replace(face_audit(True), photo=photo)})
    assert "at this limit it never says so" in html


def test_a_hostile_network_name_is_escaped() -> None:
    html = answer({"<img src=x>": face_audit(True)}) + layers({"<img src=x>": face_audit(True)})
    assert "<img" not in html


def test_every_layer_is_in_the_chart_for_both_networks() -> None:
    html = layers(FLIP)
    for label in (
        "Stage 1",
        "Stage 2",
        "Stage 3",
        "Stage 4",
        "Embedding",
        "All layers",
        "Consistency",
        "Prototype",
        "Combined",
    ):
        assert f">{label}<" in html, label
    assert html.count('class="track"') == 2 * len(FLIP["twin-a"].layers) + 2
    silent = 2 * sum(not layer.speaks for layer in FLIP["twin-a"].layers)
    assert silent > 0
    assert html.count('class="line silent"') == html.count("cannot say</span>") == silent
    with_interval = sum(layer.membership_low is not None for layer in FLIP["twin-a"].layers)
    assert html.count('class="whisker"') == 2 * with_interval > 0


def test_a_bar_grows_from_the_middle() -> None:
    html = layers(FLIP)
    assert 'class="fill used" style="left:50.00%;width:49.50%"' in html  # prototype, 0.995
    assert 'class="fill unused" style="left:3.00%;width:47.00%"' in html  # prototype, 0.03


def test_the_reference_tier_stands_on_the_card() -> None:
    face = face_audit(True)
    photo = replace(face.photo, verdict=Verdict.CANNOT_SAY, true_positive_rate=NOT_MEASURED, right=None)
    text = answer({"mine": replace(face, photo=photo, tier="reference")})
    assert "Reference tier." in text
    assert text.count("not measured") == 2  # members found, and when it is right
    assert "Reference tier" not in answer({"mine": face})


def test_a_third_network_leaves_the_twins_their_flip() -> None:
    for third in (True, False):
        html = answer({THIRD: face_audit(third, stages=OTHER_TAPS), **FLIP})
        assert html.count("<article") == 3
        assert "The answer flips: the two networks differ only in the pictures that they learnt from." in html
        assert html.count('class="end ') == 2
    assert 'class="flip' not in answer({"twin-a": FLIP["twin-a"], THIRD: face_audit(True)}), "these are no twins"


def test_every_tap_of_every_network_has_its_row() -> None:
    html = layers({**FLIP, THIRD: face_audit(True, stages=OTHER_TAPS)})
    for label in ("Stage 1", "Stage 4", *OTHER_TAPS):
        assert f">{label}<" in html, label
    bars = sum(len(face.layers) + 1 for face in FLIP.values()) + len(face_audit(True, stages=OTHER_TAPS).layers) + 1
    assert html.count('class="track"') == bars
    assert html.count("not in this network") == 4 + 2 * len(OTHER_TAPS)
    assert html.count('<th scope="rowgroup"') == 3, "each group once"
    Say("es", strict=True)("not in this network")
