"""Reports that an earlier MINT wrote: stored as they were, and read today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mint.errors import BadReport
from mint.report.case import Case
from mint.report.document import Document, with_case
from mint.report.files import SCHEMA, read_report, render, write_report
from mint.report.formats import FIRST, FORMAT, current
from mint.report.precision import every_answer

STORED = Path(__file__).parent / "data"
KINDS = ("photos", "person")
NEWEST, OLDEST = (
    Draft202012Validator(json.loads(path.read_text("utf-8"))) for path in (SCHEMA, SCHEMA.with_name("schema-1.json"))
)


def stored(kind: str) -> Document:
    return read_report(STORED / f"version-1-{kind}.json")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stored_is_of_the_first_version(kind: str) -> None:
    document = stored(kind)
    assert document["format"] == FIRST == "mint-report-1"
    OLDEST.validate(document)
    assert list(NEWEST.iter_errors(document))


@pytest.mark.parametrize("kind", KINDS)
def test_it_becomes_one_of_this_version_and_loses_nothing(kind: str) -> None:
    document = stored(kind)
    before = json.dumps(document)
    raised = current(document)
    assert json.dumps(document) == before, "nothing is changed in place"
    NEWEST.validate(raised)
    assert raised["format"] == FORMAT == "mint-report-2"
    for key in set(document) - {"format", "networks"}:
        assert raised[key] == document[key], key
    for new, old in zip(raised["networks"], document["networks"], strict=True):
        assert {key: new[key] for key in old} == old
        assert {new[key] for key in set(new) - set(old)} == {None}
    assert current(raised) is raised


def test_what_any_kind_may_have_is_taken_from_the_table_of_a_report_that_tells_it_there_alone(
    documents: dict[str, Document],
) -> None:
    older = json.loads(json.dumps(documents["one"]))
    for _, _, said in every_answer(older):
        del said["false_positive_rate"]["high_of_any"]
        said["right_at_prior"] = 0.999
    older["precision"] = []
    assert current(older)["precision"] == documents["one"]["precision"]
    assert current(older)["photos"] == documents["one"]["photos"]
    assert current(documents["one"]) is documents["one"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_it_is_told_with_what_follows_from_its_figures(kind: str, language: str) -> None:
    document = stored(kind)
    page = render(document, "html", language).decode()
    assert render(document, "pdf", language).startswith(b"%PDF")
    for row in current(document)["precision"]:
        rate = row["true_positive_rate"]["value"] / row["false_positive_rate"]["high"]
        for sure in row["priors"]:
            odds = sure["prior"] / (1 - sure["prior"]) * rate
            assert sure["right"] == pytest.approx(odds / (1 + odds))
            assert f"{100 * sure['right']:.1f}\u202f%" in page
    assert {"en": "of an earlier version", "es": "de una versión anterior"}[language] in page
    assert {"en": "Model inversion", "es": "Inversión del modelo"}[language] in page


def test_it_stays_what_it_is_as_json_until_a_case_is_written_on_it(tmp_path: Path) -> None:
    document = stored("photos")
    write_report(tmp_path / "again.json", document)
    assert read_report(tmp_path / "again.json") == document
    NEWEST.validate(with_case(document, Case("EXP-7")))


@pytest.mark.parametrize("part", ["networks", "photos", "person", "made", "alpha"])
def test_a_damaged_one_is_refused(part: str) -> None:
    document = stored("photos")
    del document[part]
    with pytest.raises(BadReport, match="not complete"):
        render(document, "html")
    with pytest.raises(BadReport, match="not complete"):
        render({**stored("photos"), part: "seven"}, "html")
    with pytest.raises(BadReport, match="not complete"):
        render(with_case({**stored("photos"), part: "seven"}, Case("EXP-7")), "html")


def test_a_case_is_not_written_on_a_damaged_one() -> None:
    document = stored("photos")
    del document["photos"][0]["faces"][0]["answers"]
    with pytest.raises(BadReport, match="not complete"):
        with_case(document, Case("EXP-7"))
