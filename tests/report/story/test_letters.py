from __future__ import annotations

import copy
import re

import pytest

from mint.i18n.translate import Say
from mint.report.case import Case
from mint.report.document import Document, with_case
from mint.report.render.blocks import Break, Heading, Items, Text
from mint.report.story.letters import letters
from mint.types import Verdict

LANGUAGES = ("en", "es")
CONSISTENT = {"en": "consistent with use of", "es": "compatible con el uso de"}
PROVES = re.compile(r"\bproves?\b|\bproven\b|\bdemuestra|\bprueba que\b", re.IGNORECASE)
TESTED = {"en": "A membership inference test", "es": "Una prueba de inferencia de pertenencia"}


def with_verdict(document: Document, verdict: Verdict, network: int = 0, question: str = "photo") -> Document:
    """The report with this verdict of one network, and no other evidence."""
    changed = copy.deepcopy(document)
    for photo in changed["photos"]:
        for face in photo["faces"]:
            for number, said in enumerate(face["answers"]):
                for asked in ("photo", "person"):
                    said[asked]["verdict"] = str(verdict if (number, asked) == (network, question) else Verdict.NO_SIGN)
    for number, said in enumerate(changed["person"]["answers"] if changed["person"] else ()):
        said["verdict"] = str(verdict if number == network else Verdict.NO_SIGN)
    return changed


def written(document: Document, language: str) -> tuple[str, str]:
    """Both letters as text."""
    found: list[list[str]] = []
    for block in letters(document, Say(language, strict=True)):
        if isinstance(block, Break):
            found.append([])
        elif isinstance(block, Heading | Text):
            found[-1].append(block.text)
        elif isinstance(block, Items):
            found[-1] += block.texts
    access, erasure = map("\n".join, found)
    return access, erasure


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["one", "many", "person"])
@pytest.mark.parametrize("verdict", Verdict)
def test_they_say_consistent_with_use_only_of_evidence_and_never_proves(
    documents: dict[str, Document], kind: str, verdict: Verdict, language: str
) -> None:
    for letter in written(with_verdict(documents[kind], verdict), language):
        assert (CONSISTENT[language] in letter) == (verdict is Verdict.EVIDENCE)
        assert not PROVES.search(letter.replace(TESTED[language], ""))
        assert "2026-02-03" in letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_asks_for_its_right(documents: dict[str, Document], language: str) -> None:
    access, erasure = written(documents["one"], language)
    article = {"en": "Art. {}", "es": "art. {}"}[language]
    assert article.format(15) in access.splitlines()[0]
    assert article.format(17) in erasure.splitlines()[0]
    for letter in (access, erasure):
        assert article.format(77) in letter
        assert {"en": "one month", "es": "un mes"}[language] in letter


def test_they_lean_on_the_evidence_and_on_its_error_rate(documents: dict[str, Document]) -> None:
    document = with_verdict(documents["one"], Verdict.EVIDENCE, network=1)
    said = document["photos"][0]["faces"][0]["answers"][1]["photo"]
    said["p_value"] = 0.0042
    networks = document["networks"]
    most = max(row["high"] for row in networks[1]["false_alarms"]["photo"])
    for letter in written(document, "en"):
        assert "use of my photo in its training (p = 0.0042 at a limit of 0.01)" in letter
        assert f"of no kind that was measured more than {100 * most:.1f}\u202f%" in letter
        assert networks[1]["fingerprint"] in letter
        assert networks[0]["fingerprint"] not in letter, "that network is not accused"
    of_person = with_verdict(documents["one"], Verdict.EVIDENCE, question="person")
    assert "use of photos of me in its training" in written(of_person, "en")[0]
    silent = with_verdict(documents["one"], Verdict.CANNOT_SAY)
    assert all(n["fingerprint"] in letter for n in networks for letter in written(silent, "en"))


def test_they_are_filled_in_as_far_as_the_case_is_known(documents: dict[str, Document]) -> None:
    for letter in written(documents["one"], "en"):
        assert "To: [controller, address]" in letter
        assert "From: [name, address, e-mail]" in letter
    stated = with_case(documents["one"], Case("EXP-7", controller="A Firm", auditor="Ana"))
    for letter in written(stated, "en"):
        assert "To: A Firm" in letter
        assert "Case: EXP-7." in letter
        assert "Ana" not in letter, "the letter is the person's, not the auditor's"
