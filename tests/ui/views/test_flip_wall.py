"""The first screen's HTML, held against the examples that it is drawn from."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mint.i18n.translate import Say
from mint.report.story.phrases import p_word
from mint.types import Verdict
from mint.ui.examples import load_examples
from mint.ui.portraits import Portrait, portraits
from mint.ui.views.play.flip_wall import NETWORKS, flip_wall
from tests.ui.fakes import write_examples
from tests.ui.reading import Elements, text

WORDS = {
    Verdict.EVIDENCE: "Evidence of use",
    Verdict.INCONCLUSIVE: "Inconclusive",
    Verdict.NO_SIGN: "No sign of use",
    Verdict.CANNOT_SAY: "Cannot say",
}


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> tuple[Portrait, ...]:
    face = Path(__file__).parents[2] / "data" / "face.jpg"
    return portraits(load_examples(write_examples(tmp_path_factory.mktemp("examples"), face) / "faces"), NETWORKS)


def trials(html: str) -> list[str]:
    """What is said of each face, in the order of the faces."""
    return re.findall(
        r'<div class="trial".*?(?=<div class="trial"|<div class="invitation"|<div class="others")', html, re.S
    )


def told(faces: tuple[Portrait, ...], **verdicts: Verdict) -> str:
    """The first face's part of the wall, with other answers."""
    said = {name.replace("_", "-"): verdict for name, verdict in verdicts.items()}
    example = replace(faces[0].example, verdicts=said)
    return trials(flip_wall([replace(faces[0], example=example)]))[0]


def test_every_face_has_the_answers_and_the_truth_of_its_example(faces: tuple[Portrait, ...]) -> None:
    drawn = trials(flip_wall(faces))
    assert len(drawn) == len(faces) == 7
    for face, html in zip(faces, drawn, strict=True):
        assert re.findall(r'<p class="word">(.*?)</p>', html) == [WORDS[face.example.verdicts[n]] for n in NETWORKS]
        used = [letter for letter, n in zip("AB", NETWORKS, strict=True) if face.example.truth[n]]
        truth = f"Truth: twin {used[0]} was trained" if used else "Truth: neither twin A nor twin B was trained"
        assert truth in text(html)
        assert (f"Used by twin {used[0]}" if used else "Used by neither") in text(html)
        assert f'data-pick="{face.index}"' in html, "asked now, it is the same picture"


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_answer_stands_without_its_p_value_and_its_false_alarms(faces: tuple[Portrait, ...], language: str) -> None:
    stored = json.loads((faces[0].example.path.parent / "verdicts.json").read_text("utf-8"))
    for face, html in zip(faces, trials(flip_wall(faces, Say(language, strict=True))), strict=True):
        said = {one["network"]: one["faces"][0] for one in stored[face.example.path.name]}
        assert re.findall(r'<p class="p">(.*?)</p>', html) == [p_word(said[n]["combined"]["p_value"]) for n in NETWORKS]
        told = text(html.partition('class="fine rates"')[2])
        for letter, network in zip("AB", NETWORKS, strict=True):
            rate = said[network]["false_positive_rate"]
            assert f"{letter} {100 * rate['value']:.1f} % (" in told.replace("\u202f", " ")
            assert f"n = {rate['n']}" in told.replace("\u202f", "")
        assert f"α = {said[NETWORKS[0]]['alpha']:g}" in told
    other = replace(faces[0].example.answered_by({NETWORKS[0]: "another bundle"}), verdicts=faces[0].example.verdicts)
    html = trials(flip_wall([replace(faces[0], example=other)]))[0]
    assert "measured:" not in html, "of a bundle that is not here nothing is told"


def test_one_face_is_answered_before_anybody_presses_anything(faces: tuple[Portrait, ...]) -> None:
    html = flip_wall(faces)
    shown = [found for found in Elements(html).found if found[1].get("class") == "trial"]
    assert [("hidden" in attributes) for _, attributes in shown] == [False, *[True] * 6]
    pressed = [a["aria-pressed"] for tag, a in Elements(html).found if "data-flip" in a and tag == "button"]
    assert pressed == ["true", *["false"] * 6]
    assert Elements(html).values("src")[0] == faces[0].picture
    assert "Stored answers" in text(trials(html)[0]), "it is no answer of this moment, and says so"


def test_a_wrong_answer_is_shown_as_one(faces: tuple[Portrait, ...]) -> None:
    assert faces[0].example.truth == {"twin-a": True, "twin-b": False}
    html = told(faces, twin_a=Verdict.NO_SIGN, twin_b=Verdict.EVIDENCE)
    assert re.findall(r'class="checked \w+">(.*?)<', html) == ["missed", "false alarm"]
    assert "Truth: twin A was trained on this picture; twin B was not." in text(html)
    assert "Used by twin A" in text(html)


@pytest.mark.parametrize(
    ("verdicts", "side"),
    [
        ((Verdict.EVIDENCE, Verdict.NO_SIGN), "a"),
        ((Verdict.INCONCLUSIVE, Verdict.EVIDENCE), "b"),
        ((Verdict.EVIDENCE, Verdict.EVIDENCE), ""),
        ((Verdict.CANNOT_SAY, Verdict.NO_SIGN), ""),
    ],
)
def test_a_face_goes_over_to_the_only_one_that_shows_evidence(
    faces: tuple[Portrait, ...], verdicts: tuple[Verdict, Verdict], side: str
) -> None:
    html = told(faces, twin_a=verdicts[0], twin_b=verdicts[1])
    assert f'data-to="{side}"' in html
    assert ("The answer flips" in text(html)) == (side != "")


def test_whoever_does_not_see_it_hears_answers_and_truth(faces: tuple[Portrait, ...]) -> None:
    html = flip_wall(faces)
    heard = Elements(html).values("data-told")
    assert heard[0] == (
        "Face 1. Twin A: evidence of use; twin B: no sign of use. Truth: twin A was trained on this picture; twin B was not."
    )
    assert len(set(heard)) == 7
    assert '<p class="hidden" role="status"></p>' in html, "there is nothing to hear before somebody asks"
    buttons = re.findall(r'<button type="button" class="face" .*?</button>', html, re.S)
    assert [Elements(button).values("alt") for button in buttons] == [[f"Face {n}"] for n in range(1, 8)]


def test_only_a_kiosk_has_a_mirror(faces: tuple[Portrait, ...]) -> None:
    assert "<video" not in flip_wall(faces)
    kiosk = flip_wall(faces, kiosk=True)
    assert kiosk.count("<video") == 1
    assert '<div class="invitation" hidden>' in kiosk


def test_without_faces_there_is_no_wall() -> None:
    assert flip_wall(()) == ""
