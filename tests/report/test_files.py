from __future__ import annotations

import copy
import json
import os
import sys
from collections.abc import Callable
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


def test_what_renders_a_pdf_is_loaded_before_an_audit_and_only_for_a_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mint.report.render.pdf", None)
    check_targets([tmp_path / "new.html", tmp_path / "new.json"], False)
    with pytest.raises(ImportError):
        check_targets([tmp_path / "new.pdf"], False)


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


def answer(document: Document) -> Document:
    found: Document = document["photos"][0]["faces"][0]["answers"][0]["photo"]
    return found


def rate(document: Document) -> Document:
    found: Document = answer(document)["false_positive_rate"]
    return found


EDITS: dict[str, tuple[Callable[[Document], Any], str]] = {
    "p above 1": (lambda d: answer(d).update(p_value=5), r"photos\.0\.faces\.0\.answers\.0\.photo\.p_value: 5 is not at most 1"),
    "p a truth": (lambda d: answer(d).update(p_value=True), r"photo\.p_value: True is not of the type number"),
    "n below 1": (lambda d: rate(d).update(n=0), r"false_positive_rate\.n: 0 is not at least 1"),
    "n a part": (lambda d: rate(d).update(n=1.5), r"false_positive_rate\.n: 1.5 is not of the type integer"),
    "ends exchanged": (lambda d: rate(d).update(low=0.9, high=0.1), r"false_positive_rate\.low: 0.9 is above the interval's"),
    "share outside": (lambda d: rate(d).update(value=0.9, low=0.1, high=0.2), r"value: 0.9 lies outside its interval, 0.1 to 0.2"),
    "alpha": (lambda d: d.update(alpha=9), r"alpha: 9 is not below 1"),
    "prior": (lambda d: d.update(prior=-1), r"prior: -1 is not at least 0"),
    "skipped": (lambda d: d["photos"][0].update(skipped=-4), r"photos\.0\.skipped: -4 is not at least 0"),
    "auc": (
        lambda d: d["networks"][0]["evaluation"]["levels"][0]["auditors"][0].update(auc=3),
        r"networks\.0\.evaluation\.levels\.0\.auditors\.0\.auc: 3 is not at most 1",
    ),
    "network twice": (lambda d: d["networks"].append(d["networks"][0]), r"networks\.2\.name: twin-a is there twice"),
    "network gone": (lambda d: d["networks"].pop(), r"answers\.1\.network: twin-b is not one of the report's networks"),
    "answers twice": (
        lambda d: d["photos"][0]["faces"][0]["answers"][1].update(network="twin-a"), r"answers\.1\.network: twin-a answers twice"
    ),
    "verdict": (lambda d: answer(d).update(verdict=OTHER[answer(d)["verdict"]]), r"photo\.verdict: '.+' contradicts p = "),
    "error": (lambda d: d["photos"][0].update(error="Damaged."), r"photos\.0\.error: there are answers"),
    "result": (lambda d: d["results"][0].update(value=0.123), r"results\.0\.value: is not what the rest of the report says"),
    "result's word": (lambda d: d["results"][0].update(verdict="x"), r"results\.0\.verdict: is not what the rest"),
    "result's photo": (lambda d: d["results"][0]["subject"].update(face=7), r"results\.0: is about nothing in this report"),
    "precision": (
        lambda d: d["precision"][0].update(true_positive_rate=None), r"precision\.0\.true_positive_rate: is not what the answers say"
    ),
    "date": (lambda d: d["case"].update(copy_date="2026-02-31"), r"case\.copy_date: '2026-02-31' is no date"),
}  # fmt: skip
OTHER = {"evidence of use": "no sign of use", "no sign of use": "evidence of use", "inconclusive": "evidence of use"}


@pytest.mark.parametrize("edit", EDITS)
def test_a_report_changed_into_one_that_cannot_be_is_refused_with_the_place(
    documents: dict[str, Document], tmp_path: Path, edit: str
) -> None:
    change, words = EDITS[edit]
    document = json.loads(json.dumps(documents["one"]))
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document))
    assert read_report(path) == document
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(BadReport, match=words) as refused:
        read_report(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["many", "person", "many-shown"])
def test_every_kind_of_report_is_read_as_it_was_written(
    documents: dict[str, Document], tmp_path: Path, name: str
) -> None:
    write_report(tmp_path / "report.json", documents[name])
    assert read_report(tmp_path / "report.json") == json.loads(json.dumps(documents[name]))
