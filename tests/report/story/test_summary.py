from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import Any

import pypdfium2 as pdfium
import pytest

from mint.i18n.translate import Say
from mint.membership import MembershipTest
from mint.report.case import LONGEST, Case
from mint.report.document import Document, photo_report, with_case
from mint.report.files import render
from mint.report.render.blocks import Break, Heading, Items, Table, Text
from mint.report.story.error_rates import privacy_lines, privacy_sentence
from mint.report.story.story import story
from mint.report.story.summary import STEPS, step
from mint.types import Verdict
from tests.report import papers

SAY = Say()
FOUND = {"en": "What was found", "es": "Qué se encontró"}
LONG = Case(*(("Words and names " * 9)[:LONGEST],) * 5, "2026-07-31", ("A law " * 30)[:LONGEST])


def front(document: Document, say: Say = SAY) -> list[Any]:
    """What stands before the first break."""
    blocks = story(document, say).blocks
    return list(blocks[: next(i for i, block in enumerate(blocks) if isinstance(block, Break))])


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", ["one", "many", "person", "long"])
def test_it_takes_two_pages(documents: dict[str, Document], kind: str, language: str) -> None:
    document = with_case(documents["one"], LONG) if kind == "long" else documents[kind]
    with pdfium.PdfDocument(io.BytesIO(render(document, "pdf", language))) as found:
        texts = []
        for page in found:
            words = page.get_textpage()
            texts.append(words.get_text_bounded())
            words.close()
            page.close()
    assert next(i for i, text in enumerate(texts) if FOUND[language] in text) == 2


def test_it_says_what_the_rest_says(documents: dict[str, Document]) -> None:
    blocks = front(documents["one"])
    assert blocks[0] == Heading("Summary for the data-protection officer")
    leads = [b.text for b in story(documents["one"], SAY).blocks if isinstance(b, Text) and b.kind == "lead"]
    assert leads[0] == leads[1]
    (told,) = [b for b in blocks if isinstance(b, Table) and b.name == "The answers of each network"]
    answers = documents["one"]["photos"][0]["faces"][0]["answers"]
    for row, said in zip(told.rows, answers, strict=True):
        assert [cell.verdict for cell in row[1:]] == [said[q]["verdict"] for q in ("photo", "person")]


def test_of_several_faces_evidence_is_counted(documents: dict[str, Document]) -> None:
    document = documents["many"]
    (told,) = [b for b in front(document) if isinstance(b, Table) and b.name == "The answers of each network"]
    faces = [face for photo in document["photos"] for face in photo["faces"]]
    for number, row in enumerate(told.rows):
        used = sum(face["answers"][number]["photo"]["verdict"] == Verdict.EVIDENCE for face in faces)
        assert row[1].text == f"evidence for {used} of {len(faces)} faces"


EVIDENCE, NO_SIGN, OPEN, SILENT = Verdict.EVIDENCE, Verdict.NO_SIGN, Verdict.INCONCLUSIVE, Verdict.CANNOT_SAY


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((NO_SIGN, EVIDENCE, SILENT), EVIDENCE),
        ((SILENT, SILENT), SILENT),
        ((), SILENT),
        ((SILENT, NO_SIGN), OPEN),
        ((OPEN, NO_SIGN), OPEN),
    ],
)
def test_the_step_fits_the_answers(verdicts: tuple[Verdict, ...], expected: Verdict) -> None:
    assert step(verdicts) is expected
    assert ("consistent with use" in STEPS[expected]) == (expected is EVIDENCE)


def test_the_kind_with_most_false_alarms_is_bold_and_stands_beside_the_answers(
    twins: MembershipTest, documents: dict[str, Document]
) -> None:
    document = documents["one"]
    (told,) = [b for b in front(document) if isinstance(b, Table) and b.name == "False alarms by kind of people"]
    answers = [said[q] for said in document["photos"][0]["faces"][0]["answers"] for q in ("photo", "person")]
    assert "Photographic fictional people (few)" in told.head
    for row, said in zip(told.rows, answers, strict=True):
        (bold,) = [cell for cell in row[1:] if cell.strong]
        rate = said["false_positive_rate"]
        assert f"n\u00a0=\u00a0{rate['n']}" in bold.small
        assert bold.text.removesuffix("\u202f%") == f"{100 * rate['value']:.1f}".removesuffix(".0")


def three(twins: MembershipTest) -> MembershipTest:
    """Three networks, of which the last has no room in the summary."""
    a, b = twins.bundles.values()
    return MembershipTest({"twin-a": a, "twin-b": b, "third": replace(b, name="third", facts={})})


def test_networks_beyond_the_second_come_later_and_are_not_forgotten(twins: MembershipTest) -> None:
    test = three(twins)
    exhibit = papers.exhibit(test, "photo.jpg", 1)
    accused = replace(exhibit.audits[2].faces[0].photo, verdict=EVIDENCE)
    last = replace(exhibit.audits[2], faces=(replace(exhibit.audits[2].faces[0], photo=accused),))
    document = photo_report(test.bundles, [replace(exhibit, audits=(*exhibit.audits[:2], last))], 0.01, 0.5)
    blocks = front(document)
    said = [b.text for b in blocks if isinstance(b, Text)]
    assert "Evidence that third was trained on this photo, and only third." in said
    assert STEPS[EVIDENCE] in said
    assert "Other networks that were asked: 1. The pages after this summary tell of them." in said
    tables = [b for b in story(document, SAY).blocks if isinstance(b, Table) and b.name == "How sure an accusation is"]
    assert [len(table.rows) for table in tables] == [4, 2]
    assert tables[1].rows[0][0].text == "third, this photo"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (None, "no ε is claimed; measured for one photo at α = 0.02, it is at least "),
        ({"epsilon": 0.5, "delta": 1e-5}, "this is a contradiction, and the claim cannot be right."),
        ({"epsilon": 40}, "no contradiction, which proves nothing."),
    ],
)
def test_epsilon_is_one_sentence_and_a_contradiction_is_called_one(
    twins: MembershipTest, claim: Any, words: str
) -> None:
    bundles = {n: replace(b, facts={**b.facts, "privacy": claim}) for n, b in twins.bundles.items()}
    document = photo_report(bundles, [papers.exhibit(twins, "photo.jpg", 1)], 0.02, 0.5)
    for network in document["networks"]:
        told = privacy_sentence(network, 0.02, SAY)
        assert words in told
        least = float(told.partition("at least ")[2].split()[0])
        assert least <= network["privacy"]["measured"]["epsilon"] < least + 0.01
        assert told.count(".") - told.count("0.") - 1 <= told.count(f"{least:.2f}"), "one sentence"
        assert claim is None or f"ε = {claim['epsilon']:g}" in told
        spanish = privacy_sentence(network, 0.02, Say("es", strict=True))
        assert ("contradicción" in spanish) == (claim is not None)
        assert told.count("at α = 0.02") == spanish.count("con α = 0.02") == 1
        unmeasured = {**network, "privacy": {**network["privacy"], "measured": None}}
        assert "none could be measured" in privacy_sentence(unmeasured, 0.02, SAY)


def test_a_claim_says_what_it_leaves_of_a_photo_and_of_a_person() -> None:
    network = {
        "name": "twin-a",
        "privacy": {"claimed": {"epsilon": 2.0, "delta": 1e-5}, "measured": None, "contradiction": False},
    }
    told = privacy_lines(network, 0.01, SAY)
    assert told[0] == privacy_sentence(network, 0.01, SAY)
    found = math.exp(2) * 0.01 + 1e-5
    right = 1 / (1 + 9 * math.exp(-2) * (1 - 1e-5 / found))  # one photo in ten was used
    assert f"more than {100 * right:.1f}\u202f% sure" in told[1]
    assert f"more than {100 * found:.1f}\u202f% of the used ones at 1\u202f%" in told[1]
    assert "a person with 10 photos in the training set it is ε = 20" in told[2]
    assert "may find 100\u202f% of such people" in told[2].replace("100.0", "100")
    spanish = privacy_lines(network, 0.01, Say("es", strict=True))
    assert [line.count("ε = 2") for line in spanish] == [1, 1, 1]
    nothing = {"name": "twin-a", "privacy": {"claimed": None, "measured": {"epsilon": 3.6}, "contradiction": False}}
    assert privacy_lines(nothing, 0.01, SAY) == (privacy_sentence(nothing, 0.01, SAY),)


def test_the_summary_says_it(twins: MembershipTest) -> None:
    bundles = {n: replace(b, facts={**b.facts, "privacy": {"epsilon": 1.0}}) for n, b in twins.bundles.items()}
    document = photo_report(bundles, [papers.exhibit(twins, "photo.jpg", 1)], 0.03, 0.5)
    (told,) = [block for block in front(document) if isinstance(block, Items) and "ε" in block.texts[0]]
    assert told.texts == tuple(line for network in document["networks"] for line in privacy_lines(network, 0.03, SAY))
    assert len(told.texts) == 3 * len(bundles)
