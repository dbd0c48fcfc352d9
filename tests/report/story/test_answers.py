"""What is said of an answer: no more than the verdicts, in every number of networks."""

from __future__ import annotations

import re
from itertools import product

import pytest

from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.labels import PAIRS, Pair
from mint.i18n.sentences import Sentence
from mint.i18n.translate import ENGLISH, Say
from mint.report.story.answers import (
    HEADLINES,
    caveat,
    certainty,
    doubtful,
    flip,
    headline,
    left_out,
    person_truth,
    reason,
    truth,
)
from mint.report.story.phrases import answer_facts, listed
from mint.types import FULL, REFERENCE, Verdict

THIRD = "somebody-elses"
EVIDENCE, NO_SIGN, OPEN, SILENT = Verdict.EVIDENCE, Verdict.NO_SIGN, Verdict.INCONCLUSIVE, Verdict.CANNOT_SAY
FOUND = {True: EVIDENCE, False: NO_SIGN}


@pytest.mark.parametrize("question", [PHOTO, PERSON])
@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ({"twin-a": EVIDENCE, "twin-b": NO_SIGN}, "Evidence that twin A was trained on this {q}, and only twin A."),
        ({"twin-a": OPEN, "twin-b": EVIDENCE}, "Evidence that twin B was trained on this {q}, and only twin B."),
        ({"twin-a": NO_SIGN, "twin-b": NO_SIGN}, "No sign that any of these networks was trained on this {q}."),
        ({"twin-a": OPEN, "twin-b": NO_SIGN}, "No evidence that any of these networks was trained on this {q}."),
        ({"twin-a": SILENT, "twin-b": NO_SIGN}, "No evidence that any of these networks was trained on this {q}."),
        ({"twin-a": EVIDENCE, "twin-b": SILENT}, "Evidence that twin A was trained on this {q}."),
        ({"mine": SILENT, "twin-a": OPEN, "twin-b": EVIDENCE}, "Evidence that twin B was trained on this {q}."),
        ({"mine": EVIDENCE}, "Evidence that mine was trained on this {q}."),
        ({"mine": NO_SIGN}, "No evidence that mine was trained on this {q}."),
        (
            {THIRD: EVIDENCE, "twin-a": OPEN, "twin-b": OPEN},
            "Evidence that somebody-elses was trained on this {q}, and",
        ),
        (
            {"twin-a": EVIDENCE, THIRD: EVIDENCE, "twin-b": OPEN},
            "several networks were trained on this {q}: twin A and",
        ),
        ({"twin-a": EVIDENCE, "twin-b": EVIDENCE}, "Evidence against twin A and twin B."),
        ({"twin-a": EVIDENCE, "twin-b": EVIDENCE, THIRD: EVIDENCE}, "Evidence against twin A and twin B."),
    ],
)
def test_the_headline_says_what_the_verdicts_say(question: str, verdicts: dict[str, Verdict], words: str) -> None:
    assert words.format(q=question) in headline(question, {n: str(v) for n, v in verdicts.items()}, ENGLISH)


@pytest.mark.parametrize("language", ["en", "es"])
def test_there_is_a_headline_for_every_set_of_verdicts(language: str) -> None:
    say = Say(language, strict=True)
    for question, verdicts in product(HEADLINES, product(Verdict, repeat=3)):
        for names in (*(names for p in PAIRS.values() for names in (p.networks, (*p.networks, THIRD))), ("mine",)):
            said = dict(zip(names, map(str, verdicts), strict=False))
            told = headline(question, said, say)
            assert "{" not in told
            evidence = {Verdict(v) for v in said.values()} & {EVIDENCE}
            assert told.startswith(("Evidence", "Indicios")) == bool(evidence), told


def test_one_photo_of_a_person_asks_for_more() -> None:
    said = {"twin-a": NO_SIGN, "twin-b": NO_SIGN}
    assert "Add more photos" in headline(PERSON, said, ENGLISH, 1)
    assert "No sign" in headline(PERSON, said, ENGLISH, 2)
    assert "cannot say" in headline(PERSON, dict.fromkeys(said, SILENT), ENGLISH, 1)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_the_flip_is_about_both_networks_of_a_pair(pair: Pair) -> None:
    one, other = pair.networks
    for first, second in product((True, False), repeat=2):
        told = flip({one: FOUND[first], other: FOUND[second], THIRD: EVIDENCE}, ENGLISH)
        assert told is not None
        assert told.differ == (first != second)
        assert told.networks == pair.networks
    assert flip({one: EVIDENCE, THIRD: NO_SIGN}, ENGLISH) is None


@pytest.mark.parametrize("found", [EVIDENCE, NO_SIGN, OPEN, SILENT])
def test_who_cannot_say_neither_flips_an_answer_nor_finds_nothing(found: str) -> None:
    for said in ((found, SILENT), (SILENT, found)):
        told = flip(dict(zip(("twin-a", "twin-b"), said, strict=True)), ENGLISH)
        assert told is not None
        assert not told.differ
        assert told.words == ("Neither can say." if found == SILENT else "One of them cannot say.")


def test_no_trace_is_said_only_where_neither_question_leaves_one() -> None:
    networks = ("twin-a", "twin-b")
    for photo in product((NO_SIGN, OPEN), repeat=2):
        for person in product((EVIDENCE, NO_SIGN, OPEN, SILENT), repeat=2):
            told = flip(*(dict(zip(networks, photo, strict=True)), ENGLISH, dict(zip(networks, person, strict=True))))
            assert told is not None
            assert (told.words == "Neither finds a trace.") == ({*photo, *person} == {NO_SIGN})
    untold = flip(dict.fromkeys(networks, NO_SIGN), ENGLISH)
    assert untold is not None
    assert untold.words == "Neither shows evidence about this photo.", "of the person nobody was asked"


def test_networks_of_two_pairs_are_no_pair() -> None:
    """They may have used the same picture: both may be right."""
    said = {"twin-a": EVIDENCE, "augmented-a": EVIDENCE}
    assert flip(said, ENGLISH) is None
    assert flip({"twin-a": EVIDENCE, "augmented-b": NO_SIGN}, ENGLISH) is None
    told = headline(PHOTO, {n: str(v) for n, v in said.items()}, ENGLISH)
    assert told == "Evidence that several networks were trained on this photo: twin A and augmented A."


def test_the_truth_names_the_networks_that_were_asked() -> None:
    for one, other, names in (("twin-a", "twin-b", "twin {}"), ("augmented-a", "augmented-b", "augmented {}")):
        a, b = names.format("A"), names.format("B")
        for known, told in (
            ({one: True, other: False}, f"{a} was trained on this picture; {b} was not"),
            ({one: False, other: True}, f"{b} was trained on this picture; {a} was not"),
            ({one: True, other: True}, f"{a} and {b} were trained on this picture"),
            ({one: False, other: False}, f"neither {a} nor {b} was trained on this picture"),
            ({one: True}, f"{a} was trained on this picture"),
            ({other: False}, f"{b} was not trained on this picture"),
        ):
            assert truth(known, ENGLISH) == told
            assert truth(known, Say("es", strict=True)) != told
        for known, told in (
            ({one: True, other: False}, f"{a} was trained on pictures of this person"),
            ({one: False, other: False}, f"neither {a} nor {b} was trained on this person"),
            ({other: False}, f"{b} was not trained on this person"),
        ):
            assert person_truth(known, ENGLISH) == told
            assert person_truth(known, Say("es", strict=True)) != told


def test_networks_are_named_as_in_a_sentence() -> None:
    assert listed(["twin-a"], ENGLISH) == "twin A"
    assert listed(["twin-a", "twin-b", "x"], ENGLISH) == "twin A, twin B and x"
    assert listed(["twin-a", "<x>"], Say("es")) == "la gemela A y <x>"
    assert truth({"twin-a": True, "twin-b": False}, ENGLISH) == "twin A was trained on this picture; twin B was not"


def test_why_is_a_sentence_and_an_error_comes_first() -> None:
    why = Sentence("used and unused alike score like this")
    assert reason(PHOTO, {"reason": why}, ENGLISH) == "Used and unused alike score like this."
    assert reason(PHOTO, {"reason": "", "error": Sentence("The file is empty.")}, Say("es")) == "El archivo está vacío."
    assert caveat(FULL, ENGLISH) is None
    assert caveat(REFERENCE, ENGLISH) is not None


@pytest.mark.parametrize(
    ("question", "photos", "yours", "told"),
    [
        (PHOTO, 1, True, "Nothing points to this photo; the test cannot rule it out."),
        (PERSON, 1, True, "Nothing points to you; one photo cannot rule it out."),
        (PERSON, 1, False, "Nothing points to this person; one photo cannot rule it out."),
        (PERSON, 3, True, "Nothing points to you; 3 photos cannot rule it out."),
        (PERSON, 3, False, "Nothing points to this person; 3 photos cannot rule it out."),
    ],
)
def test_inconclusive_says_what_it_is(question: str, photos: int, yours: bool, told: str) -> None:
    """People who were never used mostly hear it, and it is no "maybe"."""
    said = {"verdict": str(OPEN), "p_value": 0.4, "reason": "used and unused alike score like this"}
    if question == PERSON:
        said |= {"photos": {"judged": ["p"] * photos}}
    assert reason(question, said, ENGLISH, yours) == told
    assert reason(question, said, Say("es", strict=True), yours).startswith("Nada apunta a ")
    near = reason(question, said | {"p_value": 0.02}, ENGLISH, yours)
    assert near == "Too little to count as evidence, and not enough to rule it out."


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_accusation_that_is_wrong_more_often_than_right_is_called_so(language: str) -> None:
    say = Say(language, strict=True)
    said = {"twin-a": (EVIDENCE, 0.331), "twin-b": (EVIDENCE, 0.5), "mine": (OPEN, 0.1), THIRD: (EVIDENCE, None)}
    (told,) = doubtful(said, 0.5, say)
    assert ("twin A" if language == "en" else "gemela A") in told
    assert re.findall(r"[\d.,]+(?=\u202f%)", told) == ["33.1", "50"]
    as_json = {"twin-a": {"verdict": "evidence of use", "right_at_prior": 0.331}}
    assert doubtful(certainty(as_json), 0.5, say) == [told]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("real", [None, {"value": 0.0, "low": 0.0, "high": 0.01, "n": 378}])
def test_a_rate_of_few_people_says_how_many_and_whom(real: dict[str, float] | None, language: str) -> None:
    say = Say(language, strict=True)
    worst = {"value": 0.069, "low": 0.00008, "high": 0.477, "n": 102, "people": 5, "kind": "openpeople"}
    said = {"p_value": 0.01, "false_positive_rate": worst, "true_positive_rate": None, "right_at_prior": None}

    def small(**other: object) -> str:
        return answer_facts({**said, "false_positive_rate": {**worst, **other}}, 0.05, 0.5, say, real)[1].small

    whose = say("of {n} people: {kind}", n=5, kind=say("Photographic fictional people (few)").lower())
    assert whose in small()
    assert "5" in whose
    assert whose not in small(people=240), "of many people the number of photos says enough"
    assert (
        small(kind="somebody")
        == answer_facts(
            {**said, "false_positive_rate": {key: worst[key] for key in ("value", "low", "high", "n")}},
            0.05,
            0.5,
            say,
            real,
        )[1].small
    ), "as of reports of before"


def test_what_no_rate_was_measured_for_is_not_said_to_have_no_member() -> None:
    said = {"p_value": 0.4, "false_positive_rate": None, "true_positive_rate": None, "right_at_prior": None}
    _, alarms, found, right = answer_facts(said, 0.01, 0.5, ENGLISH)
    assert [fact.value for fact in (alarms, found, right)] == ["not measured"] * 3
    assert "known to be used" not in right.small
    alarm = {"value": 0.0, "low": 0.0, "high": 0.01, "n": 300}
    assert (
        answer_facts({**said, "false_positive_rate": alarm}, 0.01, 0.5, ENGLISH)[3].small == "none is known to be used"
    )


def test_a_name_with_braces_stays_as_it_is() -> None:
    odd = "{reason} {} 100%.jpg"
    assert left_out(odd, Sentence("sharpness"), Say("es")) == f"{odd} se deja fuera: nitidez."
    assert left_out(Sentence("Photo {n}", n=2), "unheard of", Say("es")) == "Foto 2 se deja fuera: unheard of."


@pytest.mark.parametrize("real", [None, {"value": 0.0, "low": 0.0, "high": 0.01, "n": 378}])
@pytest.mark.parametrize(("low", "above"), [(0.23, True), (0.011, True), (0.01, False), (0.0, False)])
def test_a_rate_that_breaks_the_limit_says_so_beside_it(real: dict[str, float] | None, low: float, above: bool) -> None:
    worst = {"value": 0.31, "low": low, "high": 0.41, "n": 105}
    said = {"p_value": 0.005, "false_positive_rate": worst, "true_positive_rate": None, "right_at_prior": None}
    for say, words in ((ENGLISH, "above the limit"), (Say("es", strict=True), "por encima del límite")):
        _, alarms, *_ = answer_facts(said, 0.01, 0.5, say, real)
        assert (words in alarms.small) == above
