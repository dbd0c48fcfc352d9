"""How many of several photos were used, in reports: an optional part of version 2."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from mint.errors import BadReport
from mint.i18n.sentences import Sentence
from mint.i18n.translate import Say
from mint.judging.folder import FolderAudit
from mint.judging.photo import NEAR_UNCALIBRATED
from mint.membership import MembershipTest
from mint.report.case import Case
from mint.report.document import Document, person_report, photo_report, with_case
from mint.report.files import SCHEMA, read_report, render, write_report
from mint.report.optional.usage import answer_of, usage
from mint.report.story.answers import only_largest
from mint.report.story.usage import usage_lines
from tests.report import papers

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
NAMES = tuple(f"{i}.jpg" for i in range(12))


def audits(test: MembershipTest) -> tuple[FolderAudit, ...]:
    """Of photos, seven of which score like members under either network."""
    found = []
    for name, bundle in test.bundles.items():
        calibration = bundle.calibration
        column = next(iter(bundle.fusions["photo"].weights))
        rows = [int(np.argmax(calibration["members"][column]))] * 7 + [
            int(np.argmin(calibration["siblings"][column]))
        ] * 5
        looks = []
        for i, row in enumerate(rows):
            kind = "members" if i < 7 else "siblings"
            columns = {c: v[row : row + 1] for c, v in calibration[kind].items()}
            looks.append(replace(test.look_at(papers.faces(100 + i), NAMES[i]), scores={name: columns}))
        (one,) = MembershipTest({name: bundle}).judge_folder(looks, "Ana's", alpha=0.05, discovery_rate=0.2)
        found.append(one)
    return tuple(found)


@pytest.fixture(scope="module")
def asked(twins: MembershipTest) -> tuple[FolderAudit, ...]:
    return audits(twins)


@pytest.fixture(scope="module")
def documents_asked(twins: MembershipTest, asked: tuple[FolderAudit, ...]) -> dict[str, Document]:
    seen = [papers.exhibit(twins, name, 1 + i) for i, name in enumerate(NAMES)]
    person, _ = papers.person_audits(twins)
    return {
        "photos": photo_report(twins.bundles, seen, 0.01, 0.5, papers.MADE, usage=usage(asked, people=True)),
        "person": person_report(twins.bundles, person, papers.MADE, usage=usage(asked, person=True)),
    }


def test_the_command_that_checks_names_no_limit_that_one_network_did_not_have(asked: tuple[FolderAudit, ...]) -> None:
    first, second = asked
    assert "--alpha 0.05" in usage(asked)["check"]
    assert "--alpha" not in usage((first, replace(second, alpha=0.1)))["check"]


@pytest.mark.parametrize("kind", ["photos", "person"])
def test_the_figures_are_those_of_the_audits(
    documents_asked: dict[str, Document], asked: tuple[FolderAudit, ...], kind: str, tmp_path: Path
) -> None:
    document = documents_asked[kind]
    VALIDATOR.validate(document)
    write_report(tmp_path / "report.json", document)
    assert read_report(tmp_path / "report.json") == document
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    for said, audit in zip(document["usage"]["answers"], asked, strict=True):
        assert audit.share is not None
        assert said["share"]["positive"] == audit.share.positive == 7
        assert (said["share"]["value"], said["share"]["low"]) == (audit.share.value, audit.share.low)
        assert said["named"] == list(audit.named)
        assert set(said["named"]) == set(NAMES[:7])
        assert (said["network"], said["limit"], said["discovery_rate"]) == (audit.network, 0.05, 0.2)
    words = document["usage"]["check"]
    what = "folder" if kind == "photos" else "audit --person"
    assert words.startswith(f"mint {what} 'Ana'\"'\"'s' --bundle twin-a --bundle twin-b")
    assert ("--people" in words) == (kind == "photos")


@pytest.mark.parametrize(
    ("language", "kind"),
    [
        ("en", "photos"),
        ("es", "person"),
        pytest.param("es", "photos", marks=pytest.mark.full),
        pytest.param("en", "person", marks=pytest.mark.full),
    ],
)
def test_a_reader_sees_share_interval_and_list(
    documents_asked: dict[str, Document], asked: tuple[FolderAudit, ...], kind: str, language: str
) -> None:
    page = re.sub(r"<[^>]+>", "", render(documents_asked[kind], "html", language).decode())
    for audit in asked:
        for line in usage_lines(answer_of(audit), Say(language, strict=True)):
            assert line in page
    assert ("mint folder" if kind == "photos" else "--report usage.json") in page
    assert render(documents_asked[kind], "pdf", language).startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reader_sees_what_is_not_counted(
    twins: MembershipTest, asked: tuple[FolderAudit, ...], language: str
) -> None:
    less = [replace(a, copies=(("b.jpg", "a.jpg"),), left_out=(("c.jpg", NEAR_UNCALIBRATED),)) for a in asked]
    document = photo_report(twins.bundles, [papers.exhibit(twins, "a.jpg", 1)], 0.01, 0.5, usage=usage(less))
    VALIDATOR.validate(document)
    page = render(document, "html", language).decode()
    assert page.count(Say(language, strict=True)(NEAR_UNCALIBRATED)) == len(less)
    for said in document["usage"]["answers"]:
        assert said["copies"] == [{"photo": "b.jpg", "of": "a.jpg"}]
        assert [one["photo"] for one in said["left_out"]] == ["c.jpg"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reader_sees_which_faces_were_not_asked_about_once(
    twins: MembershipTest, asked: tuple[FolderAudit, ...], language: str
) -> None:
    many = [replace(audit, other_faces=(("a.jpg", 13),)) for audit in asked]
    told = only_largest([("a.jpg", 13)], Say(language, strict=True))
    person, _ = papers.person_audits(twins)
    person = tuple(replace(audit, other_faces=(("a.jpg", 13),)) for audit in person)
    for document in (
        photo_report(twins.bundles, [papers.exhibit(twins, "a.jpg", 1)], 0.01, 0.5, usage=usage(many)),
        person_report(twins.bundles, person, papers.MADE, usage=usage(many, person=True)),
    ):
        VALIDATOR.validate(document)
        assert render(document, "html", language).decode().count(told) == 1
        for said in (
            *document["usage"]["answers"],
            *(one["photos"] for one in (document["person"] or {"answers": ()})["answers"]),
        ):
            assert said.pop("other_faces") == [{"photo": "a.jpg", "faces": 13}]
        VALIDATOR.validate(document)
        assert told not in render(document, "html", language).decode(), "reports of before do not hold it"


def test_programs_find_it_among_the_results(
    documents_asked: dict[str, Document], asked: tuple[FolderAudit, ...]
) -> None:
    lines = [one for one in documents_asked["photos"]["results"] if one["test"] == "usage of several photos"]
    for audit in asked:
        share, named = (one for one in lines if one["network"] == audit.network)
        assert audit.share is not None
        assert (share["value"], share["n"]) == (audit.share.value, 12)
        assert share["interval"] == {"low": audit.share.low, "high": audit.share.high}
        assert named["value"] == len(audit.named)
        assert share["control"] is not None


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_cannot_be_said_is_told_with_its_reason(
    twins: MembershipTest, asked: tuple[FolderAudit, ...], language: str
) -> None:
    why = Sentence("at this limit the test finds no more members than non-members")
    silent = [replace(audit, share=None, named=(), shortest=None, reason=why) for audit in asked]
    document = photo_report(twins.bundles, [papers.exhibit(twins, "a.jpg", 1)], 0.01, 0.5, usage=usage(silent))
    VALIDATOR.validate(document)
    assert Say(language)(why) in render(document, "html", language).decode()
    lines = [one for one in document["results"] if one["test"] == "usage of several photos"]
    assert {(one["value"], one["verdict"]) for one in lines} == {(None, "cannot say")}


def test_a_report_of_version_2_without_it_is_whole(
    documents: dict[str, Document], documents_asked: dict[str, Document]
) -> None:
    assert "usage" not in documents["many"]
    VALIDATOR.validate(documents["many"])
    render(documents["many"], "html")
    again = with_case(documents_asked["person"], Case("EXP-7"))
    VALIDATOR.validate(again)
    assert again["usage"] == documents_asked["person"]["usage"]


def broken(document: Document, key: str, value: Any = None) -> Document:
    first, *others = document["usage"]["answers"]
    changed = {k: v for k, v in first.items() if k != key} if value is None else {**first, key: value}
    return {**document, "usage": {**document["usage"], "answers": [changed, *others]}}


def test_a_damaged_one_is_refused(documents_asked: dict[str, Document]) -> None:
    document = documents_asked["person"]
    for key, value in (("share", None), ("share", "seven"), ("network", None), ("named", 3)):
        damaged = broken(document, key, value)
        with pytest.raises(ValidationError):
            VALIDATOR.validate(damaged)
        with pytest.raises(BadReport, match="not complete"):
            render(damaged, "html")
