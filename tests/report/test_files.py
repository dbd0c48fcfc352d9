from __future__ import annotations

import copy
import json
import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from mint.errors import BadReport, CannotWrite
from mint.report.document import Document
from mint.report.files import check_targets, kind_of, read_report, render, write_report

KINDS = ("one", "many", "person-shown")


@pytest.mark.parametrize("kind", KINDS)
def test_html_is_the_same_from_the_stored_json(documents: dict[str, Document], tmp_path: Path, kind: str) -> None:
    write_report(tmp_path / "report.json", documents[kind])
    again = read_report(tmp_path / "report.json")
    assert again == documents[kind]
    for language in ("en", "es"):
        assert render(again, "html", language) == render(documents[kind], "html", language)
    assert render(again, "pdf").startswith(b"%PDF-")


def test_a_report_of_an_earlier_version_is_read_and_keeps_its_english_where_it_has_no_template(
    documents: dict[str, Document], tmp_path: Path
) -> None:
    document = documents["many"]
    old = {key: value for key, value in document.items() if key != "sentences"}
    write_report(tmp_path / "old.json", old)
    told = {
        name: render(read, "html", "es").decode()
        for name, read in (("old", read_report(tmp_path / "old.json")), ("new", document))
    }
    with_values = {text for text, made in document["sentences"].items() if "known to be used" in made["template"]}
    assert with_values
    for text in with_values:
        english = (text[:1].upper() + text[1:]).replace("%", "\u202f%")
        assert english in told["old"]
        assert english not in told["new"]
    for name in told:
        assert "This is not a JPEG" not in told[name], "a sentence without values is its own template"
    assert render(old, "html") == render(document, "html"), "in English nothing is missing"


def test_a_report_whose_templates_say_something_else_is_refused(documents: dict[str, Document]) -> None:
    document = documents["one"]
    text, made = next(iter(document["sentences"].items()))
    for wrong in ({text: {**made, "template": "Used."}}, {text: made, "another": made}, {text: 1}, [text]):
        with pytest.raises(BadReport, match="not complete"):
            render({**document, "sentences": wrong}, "html", "es")


def test_nothing_is_overwritten_unasked(documents: dict[str, Document], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("mine")
    with pytest.raises(CannotWrite, match="--force"):
        write_report(path, documents["one"])
    assert path.read_text() == "mine"
    with pytest.raises(CannotWrite, match="named twice"):
        check_targets([tmp_path / "new.html", tmp_path / "new.pdf", tmp_path / "x" / ".." / "new.html"], force=True)
    write_report(path, documents["one"], force=True)
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_what_cannot_be_written_is_said(documents: dict[str, Document], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.pdf").mkdir()
    for path, words in (
        (tmp_path / "file" / "report.pdf", "cannot be written"),
        (tmp_path / f"{'x' * 300}.json", "cannot be written: File name too long"),
        (tmp_path / "folder.pdf", "is a folder"),
        (tmp_path / "report.docx", "Let it end in .html, .pdf, .json"),
        (tmp_path / "report", "Let it end in"),
    ):
        with pytest.raises(CannotWrite, match=words):
            write_report(path, documents["one"])
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.pdf"]


def test_a_failed_rendering_leaves_the_old_file(documents: dict[str, Document], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(BadReport):
        write_report(path, {**documents["one"], "photos": [{}]}, force=True)
    assert path.read_text() == "old"


def test_kinds_do_not_care_for_capitals(tmp_path: Path) -> None:
    assert [kind_of(tmp_path / name) for name in ("a.PDF", "b.Html", "c.json")] == ["pdf", "html", "json"]
    check_targets([tmp_path / "new.pdf"], False)
    with pytest.raises(ValueError, match="not docx"):
        render({}, "docx")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "not a MINT report"),
        (b'{"format": 1}', "not a MINT report"),
        (b'{"format": "mint-report-9"}', "reads mint-report-1"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadReport, match=words):
        read_report(path)


def test_a_damaged_report_is_refused_or_rendered_and_never_crashes(documents: dict[str, Document]) -> None:
    whole, crashes = json.dumps(documents["one"]), []
    paths: list[tuple[Any, ...]] = [
        ("networks",),
        ("photos", 0, "faces", 0, "answers"),
        ("made",),
        ("limits",),
        ("check",),
    ]
    for path, value in product(paths, (None, 7, "text", ["x"], {"a": 1})):
        place = document = json.loads(whole)
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        try:
            assert render(document, "html")
        except BadReport:
            continue
        except Exception as error:
            crashes.append((path, value, repr(error)))
    assert not crashes


@pytest.mark.parametrize("thumbnail", ["%%%", "aGVsbG8=", "data:text/html,<script>"])
def test_a_stored_picture_that_is_none_is_refused(documents: dict[str, Document], thumbnail: str) -> None:
    document = json.loads(json.dumps(documents["one"]))
    document["photos"][0]["faces"][0]["thumbnail"] = thumbnail
    with pytest.raises(BadReport):
        render(document, "html")


@pytest.mark.parametrize("kind", ["html", "pdf"])
@pytest.mark.parametrize("wrong", [None, 5, ["mint"]])
def test_something_in_the_place_of_a_text_is_refused(documents: dict[str, Document], kind: str, wrong: object) -> None:
    document = copy.deepcopy(documents["one"])
    document["networks"][0]["commands"] = ["mint lab pool", wrong]
    with pytest.raises(BadReport, match="not complete"):
        render(document, kind)
