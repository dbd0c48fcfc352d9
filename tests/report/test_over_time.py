"""Since which version a photo was used, in reports: an optional part of version 2."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from mint.bundles.series import Series
from mint.errors import BadReport
from mint.i18n.translate import Say
from mint.judging.over_time import OverTime, judge_over_time
from mint.membership import MembershipTest
from mint.report.case import Case
from mint.report.document import Document, photo_report, with_case
from mint.report.files import SCHEMA, read_report, render, write_report
from mint.report.optional.over_time import over_time
from mint.report.story.over_time import measured_line, over_time_lines, place_of
from tests.lab.versions.made_up_series import JUMP, NAMES, planted, seen
from tests.report import papers

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
ALPHA = 0.05
SCORES = {"jump.jpg": [0.0, 0.0, JUMP, JUMP], "out.jpg": [JUMP, JUMP, 0.0, 0.0], "never.jpg": [0.0] * 4}
Answers = list[tuple[str, tuple[OverTime, ...]]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Series, Answers, Document]:
    """A series, its answers on three photos and on one that cannot be read, and what a report says of them."""
    bundles, series = planted(tmp_path_factory.mktemp("series"))
    answers: Answers = [
        (name, judge_over_time(bundles, seen(name, dict(zip(NAMES, scores, strict=True)), bundles), series, ALPHA))
        for name, scores in SCORES.items()
    ]
    answers.append(("broken.jpg", ()))
    return series, answers, over_time(series, bundles, answers, ALPHA)


@pytest.fixture(scope="module")
def document(twins: MembershipTest, asked: tuple[Series, Answers, Document]) -> Document:
    shown = [papers.exhibit(twins, name, 1 + k, alpha=ALPHA) for k, name in enumerate((*SCORES, "broken.jpg"))]
    return photo_report(twins.bundles, shown, ALPHA, 0.5, papers.MADE, over_time=asked[2])


def test_it_is_read_as_it_was_written_and_refused_once_a_verdict_contradicts_it(
    document: Document, tmp_path: Path
) -> None:
    write_report(tmp_path / "report.json", document)
    again = read_report(tmp_path / "report.json")
    assert again == document
    again["over_time"]["photos"][0]["faces"][0].update(verdict="inconclusive")
    (tmp_path / "report.json").write_text(json.dumps(again))
    with pytest.raises(BadReport, match=r"over_time\.photos\.0\.faces\.0\.verdict: 'inconclusive' contradicts p = "):
        read_report(tmp_path / "report.json")


def test_the_figures_are_those_of_the_answers(document: Document, asked: tuple[Series, Answers, Document]) -> None:
    series, answers, _ = asked
    VALIDATOR.validate(document)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    part = document["over_time"]
    assert [version["name"] for version in part["versions"]] == list(NAMES)
    assert part["series_sha256"] == series.sha256
    assert part["compared_with"] == sum(len(known.values) for known in series.test.never.values())
    assert [photo["name"] for photo in part["photos"]] == [*SCORES, "broken.jpg"]
    for photo, (_, faces) in zip(part["photos"], answers, strict=True):
        for said, face in zip(photo["faces"], faces, strict=True):
            assert (said["first"], said["versions"], said["p_value"]) == (face.first, list(face.versions), face.p_value)
            assert (said["scores"], said["thresholds"]) == (list(face.scores), list(face.thresholds))
    firsts = [photo["faces"][0]["first"] for photo in part["photos"][:3]]
    assert firsts == ["v3", "v1", None]
    assert part["photos"][1]["faces"][0]["removal"]["version"] == "v3"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reader_sees_the_sentences_of_page_and_shell(
    document: Document, asked: tuple[Series, Answers, Document], language: str
) -> None:
    say = Say(language, strict=True)
    page = re.sub(r"<[^>]+>", "", render(document, "html", language).decode())
    for _, faces in asked[1]:
        for face in faces:
            for line in over_time_lines(face.to_dict(), say):
                assert line.replace(" %", "\u00a0%") in page
            for name in NAMES:
                assert place_of(name, face.to_dict(), say) in page
    assert measured_line(asked[0].measured, say) in page
    assert asked[0].sha256 in page
    assert "mint audit jump.jpg out.jpg never.jpg broken.jpg --versions series --alpha 0.05 --json" in page
    assert render(document, "pdf", language).startswith(b"%PDF")


def test_programs_find_it_among_the_results(document: Document, asked: tuple[Series, Answers, Document]) -> None:
    series, answers, _ = asked
    lines = [one for one in document["results"] if one["test"] == "membership over successive versions"]
    p_values = [one for one in lines if one["metric"] == "p-value"]
    assert [(one["value"], one["verdict"]) for one in p_values] == [
        (face.p_value, str(face.verdict)) for _, faces in answers for face in faces
    ]
    first = [one for one in lines if one["metric"] == "version of the first use, counted from 1"]
    assert [(one["subject"]["photo"], one["value"]) for one in first] == [("jump.jpg", 3), ("out.jpg", 1)]
    removed = {one["subject"]["photo"]: one["verdict"] for one in lines if one["metric"] == "p-value of a removal"}
    assert removed == {"jump.jpg": "no evidence that it was taken out", "out.jpg": "looks taken out"}
    (right,) = [one for one in lines if one["metric"] == "version of the first use named right"]
    assert (right["value"], right["n"]) == (series.measured["right"]["value"], series.measured["right"]["n"])
    (area,) = [one for one in lines if one["metric"] == "AUC"]
    assert (area["value"], area["interval"]) == (series.auc[0], dict(zip(("low", "high"), series.auc[1:], strict=True)))
    assert all("every version" in one["threat_model"] for one in lines)


def test_a_report_without_it_is_whole_and_a_case_keeps_it(documents: dict[str, Document], document: Document) -> None:
    assert "over_time" not in documents["many"]
    assert "Since which version" not in render(documents["many"], "html").decode()
    again = with_case(document, Case("EXP-7"))
    VALIDATOR.validate(again)
    assert again["over_time"] == document["over_time"]


def broken(document: Document, key: str, value: Any) -> Document:
    first, *photos = document["over_time"]["photos"]
    face = {k: v for k, v in first["faces"][0].items() if k != key} | ({} if value is None else {key: value})
    return {**document, "over_time": {**document["over_time"], "photos": [{**first, "faces": [face]}, *photos]}}


@pytest.mark.parametrize(
    ("key", "value"), [("scores", None), ("versions", 7), ("thresholds", "high"), ("verdict", None)]
)
def test_a_damaged_one_is_refused(document: Document, key: str, value: Any) -> None:
    damaged = broken(document, key, value)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(damaged)
    with pytest.raises(BadReport, match="not complete"):
        render(damaged, "html")
