from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pytest
from pypdfium2 import raw
from reportlab.platypus import Image

from mint.errors import BadReport
from mint.i18n.translate import table
from mint.membership import MembershipTest
from mint.report.document import Document
from mint.report.files import render
from mint.report.render.pdf_text import MAX_PARAGRAPH_LETTERS, UNSHOWN, letters, shown
from mint.vision.images import to_png
from tests.report import papers

KINDS = ("one", "many", "person", "one-shown", "many-shown", "person-shown")


class Papers(dict[str, bytes]):
    """Each kind of report as a PDF, rendered when it is first asked for."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self.documents = documents

    def __missing__(self, kind: str) -> bytes:
        self[kind] = render(self.documents[kind], "pdf")
        return self[kind]


@pytest.fixture(scope="module")
def papers_of(documents: dict[str, Document]) -> dict[str, bytes]:
    return Papers(documents)


def pages(data: bytes) -> Iterator[Any]:
    with pdfium.PdfDocument(io.BytesIO(data)) as found:
        for page in found:
            yield page
            page.close()


def text_of(data: bytes) -> str:
    """What a reader could copy, blanks and line breaks made one."""
    parts = []
    for page in pages(data):
        words = page.get_textpage()
        parts.append(words.get_text_bounded())
        words.close()
    return " ".join(" ".join(parts).split())


def p_text(p: float) -> str:
    return f"{p:.2f}" if p >= 0.1 else f"{p:.4f}" if p >= 0.001 else f"{p:.5f}"


def test_the_text_says_what_the_json_says(documents: dict[str, Document], papers_of: dict[str, bytes]) -> None:
    document, text = documents["one"], text_of(papers_of["one"])
    (photo,) = document["photos"]
    expected = [photo["name"], photo["sha256"], "2026-02-03", "UTC", f"MINT {document['mint']['version']}"]
    for network in document["networks"]:
        expected += [network["fingerprint"], network["bundle_sha256"], network["licence"]]
        for level in network["evaluation"]["levels"]:
            gate = level["gate"]
            expected += [f"{row['auc']:.3f}" for row in level["controls"] if row["control"] != "other-twin"]
            expected += [f"{row['auc']:.3f}" for row in level["auditors"] if "-" not in row["auditor"]]
        gate = network["evaluation"]["levels"][0]["gate"]
        expected.append(f"by {gate['margin']:.3f} AUC ({gate['low']:.3f}–{gate['high']:.3f})")
    for said in photo["faces"][0]["answers"]:
        for question in ("photo", "person"):
            answer = said[question]
            expected += [answer["verdict"].capitalize(), p_text(answer["p_value"])]
            expected.append(f"n = {answer['false_positive_rate']['n']}")
            expected.append(f"n = {answer['true_positive_rate']['n']}")
        for layer in said["layers"]:
            expected += [p_text(layer["p_value"]), f"{layer['score']:.2f}"]
    expected += [" ".join(limit.split()) for limit in document["limits"]]
    expected += [document["check"]["verify"], document["references"][0]["url"]]
    flat = text.replace("\u00a0", " ").replace(" ", "")
    missing = [part for part in expected if part.replace(" ", "") not in flat]
    assert not missing


def test_every_auditor_has_a_line_under_every_network(
    documents: dict[str, Document], papers_of: dict[str, bytes]
) -> None:
    text = text_of(papers_of["one"])
    start = text.index("The evidence in detail")
    detail = text[start : text.index("How the test was checked", start)]
    answers = documents["one"]["photos"][0]["faces"][0]["answers"]
    assert detail.count("Stage 1 · MLP") == len(answers) == 2
    silent = sum(not layer["speaks"] for said in answers for layer in said["layers"])
    told = detail[detail.index("Twin A") :]
    assert told.count("Cannot say") == silent


def test_a_person_and_their_photos(documents: dict[str, Document], papers_of: dict[str, bytes]) -> None:
    text = text_of(papers_of["person"])
    for part in (
        "Ana Muñoz",
        "2 of 6",
        "repeats one.jpg",
        "broken.jpg: The file is empty.",
        "Not judged: more.jpg, spare.jpg. Too few people",
    ):
        assert part in text, part
    for said in documents["person"]["person"]["answers"]:
        assert p_text(said["p_value"]) in text


@pytest.mark.parametrize(
    ("kind", "seeds"),
    [
        ("one", (1,)),
        pytest.param("many", (1, 2, 3, 4), marks=pytest.mark.full),
        pytest.param("person", (5, 6), marks=pytest.mark.full),
    ],
)
def test_a_face_is_in_it_only_if_asked_for(papers_of: dict[str, bytes], kind: str, seeds: tuple[int, ...]) -> None:
    def images(data: bytes) -> list[np.ndarray]:
        return [
            picture.get_bitmap().to_numpy()[..., :3]
            for page in pages(data)
            for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])
        ]

    assert images(papers_of[kind]) == []
    assert b"/Subtype /Image" not in papers_of[kind]
    for found, seed in zip(images(papers_of[f"{kind}-shown"]), seeds, strict=True):
        assert any(np.array_equal(order, papers.crop(seed)) for order in (found, found[..., ::-1]))


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.full if kind.endswith("shown") else []) for kind in KINDS]
)
def test_nothing_runs_points_outside_or_is_cut_off(papers_of: dict[str, bytes], kind: str) -> None:
    data = papers_of[kind]
    objects = re.sub(rb"stream\r?\n.*?endstream", b"", data, flags=re.DOTALL)  # compressed bytes may spell anything
    assert b"/Catalog" in objects
    for forbidden in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction"):
        assert forbidden not in objects
    for page in pages(data):
        width, height = page.get_size()
        for thing in page.get_objects():
            left, bottom, right, top = thing.get_bounds()
            assert 30 <= left <= right <= width - 30
            assert 20 <= bottom <= top <= height - 20


def test_fonts_are_embedded(papers_of: dict[str, bytes]) -> None:
    for page in pages(papers_of["one"]):
        for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
            font = raw.FPDFTextObj_GetFont(thing)
            assert raw.FPDFFont_GetIsEmbedded(font) == 1


def test_accents_are_shown_and_what_cannot_be_is_told(papers_of: dict[str, bytes]) -> None:
    text = text_of(papers_of["many"])
    assert "niño Жук" in text
    assert f"{UNSHOWN} stands for" in text
    assert "stands for a character" not in text_of(papers_of["one"])
    assert shown("Año ¿ñ? – “x” α × · …") == "Año ¿ñ? – “x” α × · …"
    assert shown("日\u202f%") == f"{UNSHOWN}\u00a0%"
    assert {ord(c) for c in "áéíóúüñÁÉÍÓÚÜÑ¿¡«»çßøåžščąęłőűğışЖЯαΩ"} <= letters()


def test_markup_in_a_name_stays_text(documents: dict[str, Document], papers_of: dict[str, bytes]) -> None:
    text = text_of(papers_of["many"]).replace(" ", "")
    assert "<imgsrc=xonerror=alert(1)>" in text
    assert "{7*7}" in text


@pytest.mark.parametrize(
    ("name", "start"),
    [
        (papers.HOSTILE, "a<imgsrc=xonerror=alert(1)>"),
        ('<img src="/etc/passwd"/></para>', '<imgsrc="/etc/passwd"/></para>'),
    ],
)
def test_so_does_markup_in_the_name_of_a_person(twins: MembershipTest, name: str, start: str) -> None:
    assert start in text_of(render(papers.person(twins, name=name), "pdf")).replace(" ", "")


def test_pages_are_numbered_and_sections_are_bookmarks(papers_of: dict[str, bytes]) -> None:
    with pdfium.PdfDocument(io.BytesIO(papers_of["one"])) as found:
        total = len(found)
        titles = [mark.get_title() for mark in found.get_toc()]
        about = found.get_metadata_dict()
    assert titles[:3] == ["Summary for the data-protection officer", "What was found", "What it means"]
    assert [title.partition(":")[0] for title in titles[-2:]] == ["Letter", "Letter"]
    assert about["Title"] == "Membership inference report"
    for number, page in enumerate(pages(papers_of["one"]), 1):
        words = page.get_textpage()
        assert f"page {number} of {total}" in words.get_text_bounded()
        words.close()


def test_spanish(documents: dict[str, Document]) -> None:
    data = render(documents["one"], "pdf", "es")
    text = text_of(data)
    for part in ("Informe de inferencia de pertenencia", "Qué no significa", "página 1 de", "Gemela A"):
        assert part in text
    assert re.search(rb"/Lang \((es|\\376\\377)", data)


def test_long_names_and_long_commands_fit(documents: dict[str, Document]) -> None:
    document = copy.deepcopy(documents["many"])
    document["photos"][0]["name"] = "M" * 255  # as long as a file's name may be
    document["photos"][1]["name"] = "long " * 9000
    document["photos"][2]["faces"][0]["answers"][0]["photo"]["reason"] = "why " * 9000
    document["check"]["audit"] = "mint audit " + "photo.jpg " * 3000
    text = text_of(render(document, "pdf"))
    assert text.replace(" ", "").count("M" * 255) == 3, "overview, detail and nothing cut"
    assert text.count("photo.jpg") >= 3000
    assert "long …" in text


def test_no_sentence_of_ours_is_cut() -> None:
    assert max(len(text) for pair in table("es").items() for text in pair) < MAX_PARAGRAPH_LETTERS


def test_a_network_with_an_endless_name_fits(documents: dict[str, Document]) -> None:
    document = copy.deepcopy(documents["one"])
    for said in document["photos"][0]["faces"][0]["answers"]:
        said["network"] = "W" * 5000
    assert "WWW …" in text_of(render(document, "pdf"))


def test_what_does_not_fit_a_page_is_refused(documents: dict[str, Document], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mint.report.render.pdf.facts_grid", lambda facts, columns: Image(io.BytesIO(to_png(papers.crop(0))), 9, 4000)
    )
    with pytest.raises(BadReport, match="too long"):
        render(documents["one-shown"], "pdf")
