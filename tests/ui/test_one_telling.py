"""Page, report and shell say the same sentences of one audit, and they are those of the story."""

from __future__ import annotations

import ast
import html
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import mint
from mint.cli.audit.command import _notes, _person_notes, _table
from mint.evidence.score_table import PERSON, PHOTO
from mint.evidence.verdict import BEATEN, Range, decide
from mint.i18n.translate import Say
from mint.judging.person import PersonAudit
from mint.membership import MembershipTest
from mint.report.document import ReportPhoto, person_report, photo_report
from mint.report.files import render
from mint.report.render.blocks import Table
from mint.report.story.answers import headline, left_out, not_judged, only_largest, reason, repeated, unusable
from mint.report.story.phrases import answer_facts, sentence, word
from mint.report.story.story import story
from mint.types import PhotoAudit, Verdict
from mint.ui.sessions.photo import real_faces
from mint.ui.views.answer import answer
from mint.ui.views.person_answer import person_answer, photos_panel
from tests.report import papers

ROOT = Path(mint.__file__).parent
DIM = Range({"brightness": (10.0, 20.0)}).outside({"brightness": 1.0})
WHYS = {
    Verdict.EVIDENCE: decide(0.001, 5.0, 0.01, 0.0, None, 300),
    Verdict.NO_SIGN: decide(0.5, -5.0, 0.01, 0.0, None, 300),
    Verdict.INCONCLUSIVE: decide(0.5, 5.0, 0.01, 0.0, None, 300),
    Verdict.CANNOT_SAY: decide(0.5, 5.0, 0.01, 0.0, DIM, 300),
}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> MembershipTest:
    return papers.make_test(tmp_path_factory.mktemp("telling"))


def read(page: str) -> str:
    """What a reader of HTML reads, each part on a line of its own."""
    return html.unescape(re.sub(r"<[^>]*>", "\n", re.sub(r"</?(?:bdi|b|span)[^>]*>", "", page)))


def photo_audits(test: MembershipTest, first: Verdict, second: Verdict) -> tuple[PhotoAudit, ...]:
    audits = test.judge(test.look_at(papers.faces(1), "{0} 100%.jpg"))
    said = []
    for audit, verdict in zip(audits, (first, second), strict=True):
        (face,) = audit.faces
        photo = replace(face.photo, verdict=verdict, reason=WHYS[verdict][1])
        said.append(replace(audit, faces=(replace(face, photo=photo),)))
    return tuple(said)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("first", Verdict)
@pytest.mark.parametrize("second", [Verdict.EVIDENCE, Verdict.CANNOT_SAY])
def test_of_a_photo(twins: MembershipTest, first: Verdict, second: Verdict, language: str) -> None:
    say = Say(language, strict=True)
    audits = photo_audits(twins, first, second)
    photos = {audit.network: audit.faces[0].photo.to_dict() for audit in audits}
    told = [headline(PHOTO, {n: said["verdict"] for n, said in photos.items()}, say)]
    told += [reason(PHOTO, said, say) for said in photos.values()]
    figures = [word(said["verdict"], say) for said in photos.values()]
    figures += [
        part for said in photos.values() for f in answer_facts(said, 0.01, 0.5, say) for part in (f.name, f.value)
    ]
    page = read(answer({audit.network: audit.faces[0] for audit in audits}, say=say))
    document = photo_report(twins.bundles, [ReportPhoto(audits)], 0.01, 0.5)
    report = read(render(document, "html", language).decode())
    for words in (*told, *figures):
        assert words in page, words
        assert words in report, words
    if language == "en":
        assert [line.removeprefix("twin-a: ").removeprefix("twin-b: ") for line in _notes(audits)] == told


def person_audits(test: MembershipTest, verdict: Verdict) -> tuple[PersonAudit, ...]:
    audits, _ = papers.person_audits(test)
    odd = papers.HOSTILE.split("\u202e")[0]  # the report replaces signs that turn the direction
    return tuple(
        replace(audit, verdict=verdict, reason=WHYS[verdict][1], warning=BEATEN, left_out=((odd, DIM or BEATEN),))
        for audit in audits
    )


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("verdict", Verdict)
def test_of_a_person(twins: MembershipTest, verdict: Verdict, language: str) -> None:
    say = Say(language, strict=True)
    audits = person_audits(twins, verdict)
    _, look = papers.person_audits(twins)
    counted = len(audits[0].judged)
    told = [headline(PERSON, {audit.network: str(audit.verdict) for audit in audits}, say, counted)]
    told += [reason(PERSON, audit.to_dict(), say) for audit in audits]
    told += [sentence(say(audit.warning)) for audit in audits if audit.warning]
    told += [left_out(photo, why, say) for audit in audits for photo, why in audit.left_out]
    told += [not_judged(len(audit.skipped), audit.skipped, say) for audit in audits]
    told.append(only_largest([("one.jpg", 13)], say))
    page = read(
        person_answer([audits], (), say)
        + photos_panel(look, {photo.photo: n for n, photo in enumerate(look.looks, 1)}, say)
    )
    report = read(render(person_report(twins.bundles, audits), "html", language).decode())
    for words in (*told, *(unusable(photo, why, say) for photo, why in look.errors)):
        assert words in page, words
        assert words in report, words
    copies = [repeated(photo, of, say) for photo, of in look.copies]
    assert all(words in page for words in copies)
    if language == "en":
        shell = [line.removeprefix("twin-a: ").removeprefix("twin-b: ") for line in _person_notes(audits)]
        assert sorted(shell) == sorted([*told, *copies])


@pytest.mark.parametrize("question", [PHOTO, PERSON])
def test_the_kind_with_most_false_alarms_is_the_same_everywhere(twins: MembershipTest, question: str) -> None:
    """Five photographic people of whom two are accused: page, shell and report all tell their rate."""
    bundles = {}
    for name, bundle in twins.bundles.items():
        few = {column: rows[:5] for column, rows in bundle.test["openpeople"].items()}
        few |= {asked: np.array([50, 50, -50, -50, -50], np.float32) for asked in (PHOTO, PERSON)}
        test = {**bundle.test, "openpeople": few}
        bundles[name] = replace(bundle, scores={**bundle.scores, "test": test})
    few_test = MembershipTest(bundles)
    audits = few_test.judge(few_test.look_at(papers.faces(1), "photo.jpg"), 0.02, 0.5)
    faces = {audit.network: audit.faces[0] for audit in audits}
    worst = "40.0\u202f%"
    for face in faces.values():
        assert (face.photo if question == PHOTO else face.person).false_positive_rate.value == 0.4
    for real in (None, real_faces(few_test, 0.02)):  # an example, and a visitor's own photo
        page = read(answer(faces, say=Say(), real=real))
        assert page.count(worst) == 4, "of two networks, for either question"
    shell = Console(width=250, file=io.StringIO(), record=True)
    shell.print(_table("photo.jpg", audits))
    assert shell.export_text().count(f"{worst} (") == 2, "for the photo"
    document = photo_report(bundles, [ReportPhoto(audits)], 0.02, 0.5)
    for network in document["networks"]:
        kinds = {row["kind"]: row["value"] for row in network["false_alarms"][question]}
        assert max(kinds, key=lambda kind: kinds[kind]) == "openpeople"
        assert kinds["openpeople"] == 0.4
    asked = {"photo": "this photo", "person": "this person"}[question]
    blocks = story(document, Say()).blocks
    tables = {block.name: block for block in blocks if isinstance(block, Table)}
    bold = [cell.text for row in tables["False alarms by kind of people"].rows for cell in row if cell.strong]
    assert bold == [worst] * 4
    errs = [row for row in tables["How often the test errs"].rows if row[0].text.endswith(asked)]
    assert [row[1].text for row in errs] == [worst] * 2
    rates = [one["value"] for one in document["results"] if (one["metric"] or "").startswith("false-positive")]
    assert rates == [0.4] * 4


def literals(folder: Sequence[Path]) -> set[str]:
    """Texts of four words and more, docstrings aside."""
    found = set()
    for path in folder:
        tree = ast.parse(path.read_text("utf-8"))
        said = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        found |= {
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in said
        }
    return {text for text in found if len(re.findall(r"[^\W\d_]{2,}", text)) > 3 and " " in text and "<" not in text}


def test_what_the_story_says_is_written_nowhere_else() -> None:
    story = literals(sorted((ROOT / "report" / "story").glob("*.py")))
    assert len(story) > 40
    assert not story & literals([*(ROOT / "ui").rglob("*.py"), *(ROOT / "cli").rglob("*.py")])
