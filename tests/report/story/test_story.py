from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import mint.report
from mint.bundles.bundle import UNKNOWN_COMMAND, on_record
from mint.i18n import labels
from mint.i18n.figures import percent
from mint.i18n.translate import Say, table, unbroken
from mint.membership import MembershipTest
from mint.report import sentences
from mint.report.document import Document
from mint.report.render.blocks import Bar, Cards, Heading, Table, Text
from mint.report.story import answers, checks, error_rates, letters, photos, summary
from mint.report.story.checks import LEVEL_SENTENCES, SHORT
from mint.report.story.story import MEANINGS, story
from mint.types import Verdict
from tests.report import papers

FOLDER = Path(mint.report.__file__).parent
KINDS = ("one", "many", "person")


def written() -> set[str]:
    """Every English sentence that a report can say: what goes into ``say(...)``, and the tables that do."""
    found: set[str] = {*LEVEL_SENTENCES.values(), *SHORT.values(), *MEANINGS.values(), *sentences.LIMITS, *Verdict}
    found |= {checks.HOW, checks.FIGURES, checks.NOT_EVALUATED, photos.BARS, *answers.QUESTIONS.values()}
    found |= {
        *(text for told in answers.HEADLINES.values() for text in told),
        *labels.PLACES.values(),
        *labels.SOURCE_NAMES.values(),
        *labels.POOL_NAMES.values(),
    }
    found |= {text for entry in (*labels.OWN.values(), *labels.CONTROLS.values()) for text in entry[:2]}
    found |= {*error_rates.ASKED.values(), *summary.FIELDS.values(), *summary.STEPS.values(), *summary.NEXT}
    found |= {summary.PRECISION, summary.BOLD, *(text for one in sentences.NOT_TESTED for text in one.values())}
    found |= {letters.TEMPLATE, *letters.FINDINGS.values(), letters.ERRS, letters.NO_FINDING, letters.ACCESS}
    found |= {*letters.ACCESS_WANTED, letters.LOOK_UP, letters.ERASURE, *letters.GROUNDS, letters.TRACES}
    found |= {letters.RESTRICT, letters.ANSWER}
    for file in (*FOLDER.rglob("*.py"), Path(labels.__file__)):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                parts = list(ast.walk(node.args[0]))
                keys = {id(part.slice) for part in parts if isinstance(part, ast.Subscript)}
                found |= {
                    part.value
                    for part in parts
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in keys
                }
    return found


@pytest.mark.parametrize("language", ["es"])
def test_every_sentence_is_told_in_every_language(language: str) -> None:
    missing = {unbroken(sentence) for sentence in written()} - set(table(language))
    assert not missing


def texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from texts(inner)
    elif is_dataclass(part):
        for place in fields(part):
            yield from texts(getattr(part, place.name))


@pytest.mark.parametrize("kind", KINDS)
def test_a_spanish_report_has_no_gap(documents: dict[str, Document], kind: str) -> None:
    told = story(documents[kind], Say("es", strict=True))  # KeyError where a sentence is missing
    english = story(documents[kind], Say())
    assert told.language == "es"
    for here, there in zip(told.blocks, english.blocks, strict=True):
        if isinstance(there, Text | Heading) and there.text not in set(papers.texts(documents[kind])):
            assert here.text != there.text or there.text.startswith("Twin"), there.text  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_place_is_left_open(documents: dict[str, Document], language: str) -> None:
    for kind in KINDS:
        told = story(documents[kind], Say(language))
        for text in texts(told):
            if text not in (told.page, told.unshown):
                assert not re.search(r"\{\w+\}", text.replace("{7*7}", "")), text


def told_of(document: Document, **facts: Any) -> str:
    """The report's text with other facts of its networks."""
    changed = copy.deepcopy(document)
    for network in changed["networks"]:
        network.update(facts)
        network.pop("pool") if network["pool"] is None else None
    return " ".join(texts(story(changed, Say())))


def test_what_only_a_pool_of_mint_s_making_allows_is_said_of_nothing_else(documents: dict[str, Document]) -> None:
    of_pool, word = ("a coin toss decided", "Generated people", "Real faces"), "is the word of whoever made the test"
    for pool, tier in ((True, "full"), (False, "full"), (None, "full"), (False, "reference")):
        told = told_of(documents["one"], pool=pool, tier=tier, real_faces=None)
        assert [part in told for part in of_pool] == [pool is True] * 3, (pool, tier)
        assert (word in told) == (pool is not True and tier == "full")
        assert ("No member is known: all photos" in told) == (tier == "reference")


def test_it_is_told_how_many_test_photos_lie_outside_the_range(documents: dict[str, Document]) -> None:
    others = {"photos": 40, "outside": 5}
    for used, words in (
        (
            {"photos": 20, "outside": 2},
            f"lie {percent(0.1)} of the used photos and {percent(0.125)} of the others: an answer",
        ),
        ({"photos": 0, "outside": 0}, f"lie {percent(0.125)} of these photos: an answer"),
    ):
        assert words in told_of(documents["one"], outside={"used": used, "others": others})
    assert "Outside the range it was calibrated on" not in told_of(documents["one"], outside=None)


def test_a_pattern_of_commands_is_not_told_as_what_makes_the_bundle_again(documents: dict[str, Document]) -> None:
    pattern = f"mint lab extract --network net {UNKNOWN_COMMAND}"
    real = "mint lab extract --network net.onnx --members in --non-members out --out store"
    for first, told in ((pattern, False), (real, True)):
        said = told_of(documents["one"], commands=[first, "mint lab train store --out b1"], pool=False)
        assert (first in said) == ("train store --out b1" in said) == ("To make it again" in said) == told
        assert on_record([first]) == [first] * told


@pytest.mark.parametrize(
    ("gate", "tier", "words"),
    [
        ({"passes": False, "margin": None, "low": None, "high": None}, "full", "an untrained network, were not run"),
        ({"passes": False, "margin": None, "low": None, "high": None}, "reference", "no control could be run"),
        ({"passes": False, "margin": -0.1, "low": -0.2, "high": 0.1}, "full", "did not beat their controls"),
        (None, "full", "is not on record"),
    ],
)
def test_auditors_are_beaten_only_by_controls_that_were_run(gate: Any, tier: str, words: str) -> None:
    told = checks.gate_sentence(gate, False, (), Say(), tier)
    assert words in told
    assert ("did not beat" in told) == bool(gate and gate["margin"])
    assert checks.gate_sentence(gate, False, (), Say("es", strict=True), tier) != told


def with_verdicts(document: Document, *verdicts: Verdict) -> Document:
    changed = copy.deepcopy(document)
    for said, verdict in zip(changed["photos"][0]["faces"][0]["answers"], verdicts, strict=True):
        said["photo"]["verdict"] = str(verdict)
    return changed


EVIDENCE, NO_SIGN, OPEN, SILENT = Verdict.EVIDENCE, Verdict.NO_SIGN, Verdict.INCONCLUSIVE, Verdict.CANNOT_SAY


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        ((EVIDENCE, NO_SIGN), "Evidence that twin A was trained on this photo, and only twin A."),
        ((OPEN, EVIDENCE), "Evidence that twin B was trained on this photo, and only twin B."),
        (
            (EVIDENCE, EVIDENCE),
            "Evidence against twin A and twin B. No picture was used by both, so at least one of them is a false alarm.",
        ),
        ((NO_SIGN, NO_SIGN), "No sign that any of these networks was trained on this photo."),
        ((NO_SIGN, OPEN), "No evidence that any of these networks was trained on this photo."),
        ((SILENT, OPEN), "No evidence that any of these networks was trained on this photo."),
        ((SILENT, SILENT), "This test cannot say anything about this face."),
    ],
)
def test_the_headline_says_no_more_than_the_verdicts(
    documents: dict[str, Document], verdicts: tuple[Verdict, ...], headline: str
) -> None:
    told = story(with_verdicts(documents["one"], *verdicts), Say())
    lead = next(block.text for block in told.blocks if isinstance(block, Text) and block.kind == "lead")
    assert lead == headline
    (cards,) = [block for block in told.blocks if isinstance(block, Cards)]
    assert tuple(card.answers[0].verdict for card in cards.cards) == verdicts


def test_false_alarms_to_be_expected_are_counted_over_faces_and_networks(documents: dict[str, Document]) -> None:
    document = documents["many"]
    asked = sum(len(p["faces"]) for p in document["photos"]) * len(document["networks"])
    assert asked == 8
    (said,) = [b.text for b in story(document, Say()).blocks if isinstance(b, Text) and "to be expected" in b.text]
    assert f"answers {asked} times" in said
    assert f"so {asked * document['alpha']:g} false alarms" in said


def bars(document: Document) -> list[Bar]:
    tables = (block for block in story(document, Say()).blocks if isinstance(block, Table))
    return [cell.bar for block in tables for row in block.rows for cell in row if cell.bar is not None]


def test_an_auditor_that_may_not_speak_is_pale(twins: MembershipTest, tmp_path: Path) -> None:
    loud = bars(papers.one(twins))
    assert any(bar.speaks for bar in loud)
    silent = bars(papers.one(papers.make_test(tmp_path, gate=False)))
    assert len(silent) == len(loud)
    assert not any(bar.speaks for bar in silent)


def test_the_truth_is_told_where_it_is_known(documents: dict[str, Document]) -> None:
    said = [
        b.text for b in story(documents["many"], Say()).blocks if isinstance(b, Text) and b.text.startswith("Truth")
    ]
    assert said == ["Truth: twin A was trained on this picture; twin B was not."]
