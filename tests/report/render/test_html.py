from __future__ import annotations

import base64
import copy
import re
from html.parser import HTMLParser
from itertools import product

import numpy as np
import pytest

from mint.membership import MembershipTest
from mint.report.document import Document
from mint.report.files import render
from mint.report.render.html import POLICY, STYLE
from mint.vision.images import open_photo
from tests.report import papers

VOID = {"meta", "img", "col", "br", "circle", "path"}
KINDS = ("one", "many", "person", "one-shown", "many-shown", "person-shown")


class Reader(HTMLParser):
    """The tags, attributes and words that a browser would see; fails where a tag is left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def pages(documents: dict[str, Document]) -> dict[str, str]:
    return {name: render(document, "html").decode() for name, document in documents.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_one_file_that_runs_and_asks_for_nothing(pages: dict[str, str], kind: str) -> None:
    page = Reader(pages[kind])
    assert not {"script", "link", "iframe", "object", "embed", "form", "base", "a", "audio", "video"} & set(page.tags)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (tag, name) == ("img", "src"), (tag, name)
            assert value.startswith("data:image/png;base64,")
        if name == "style":
            assert re.fullmatch(r"(left|width):[\d.]+%(;(left|width):[\d.]+%)?", value), value
    assert ("meta", "content", POLICY) in page.attributes
    assert "default-src 'none'" in POLICY
    assert not re.search(r"url\(|@import|expression", STYLE.read_text("utf-8"))


def test_a_hostile_name_is_shown_letter_by_letter(documents: dict[str, Document], pages: dict[str, str]) -> None:
    name = documents["many"]["photos"][1]["name"]
    assert "<script>" in name
    page = Reader(pages["many"])
    assert " ".join(name.split()) in page.text
    assert page.tags.count("img") == 0
    assert page.tags.count("title") == 1


@pytest.mark.parametrize("name", [papers.HOSTILE, "</h1><script>alert(1)</script>", "--person=x; rm -rf ~ $(id) `id`"])
def test_so_is_a_hostile_name_of_a_person(twins: MembershipTest, name: str) -> None:
    document = papers.person(twins, name=name)
    told = document["person"]["name"]
    page = Reader(render(document, "html").decode())
    assert name.split("\u202e")[0] in told  # what turns text around is written out
    assert " ".join(told.split()) in page.text
    assert page.tags.count("h1") == page.tags.count("title") == 1
    assert not {"script", "img"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


@pytest.mark.parametrize("place", ["name", "licence", "training_set", "commands", "protocol", "control", "tap"])
def test_nothing_in_a_stored_document_becomes_markup(documents: dict[str, Document], place: str) -> None:
    document, bad = copy.deepcopy(documents["one"]), "\"'><svg onload=alert(1)>"
    network = document["networks"][0]
    if place == "commands":
        network["commands"] = [bad]
    elif place in ("protocol", "control"):
        level = network["evaluation"]["levels"][0]
        (level if place == "protocol" else level["controls"][0])[place] = bad
    elif place == "tap":
        network["opened_as"]["taps"][0]["name"] = bad
    else:
        network[place] = bad
    page = Reader(render(document, "html").decode())
    assert bad in page.text
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


@pytest.mark.parametrize(("kind", "seeds"), [("one", (1,)), ("many", (1, 2, 3, 4)), ("person", (5, 6))])
def test_a_face_is_in_it_only_if_asked_for(pages: dict[str, str], kind: str, seeds: tuple[int, ...]) -> None:
    assert "data:image" not in pages[kind]
    found = [base64.b64decode(p) for p in re.findall(r"data:image/png;base64,([^\"]+)", pages[f"{kind}-shown"])]
    for picture, seed in zip(found, seeds, strict=True):
        assert np.array_equal(open_photo(picture), papers.crop(seed))


def test_the_answers_stand_before_the_details(documents: dict[str, Document], pages: dict[str, str]) -> None:
    page = Reader(pages["one"])
    summary, first = page.text.index("Summary for the"), page.text.index("What was found")
    last = page.text.index("What it means", first)
    for said in documents["one"]["photos"][0]["faces"][0]["answers"]:
        verdict = said["photo"]["verdict"].capitalize()
        assert summary < page.text.index(verdict) < first < page.text.index(verdict, first) < last
    assert page.tags.index("h1") < page.tags.index("h2") < page.tags.index("h3")
    assert page.tags.count("h1") == 1


def test_tables_can_be_read_aloud_and_scrolled_with_keys(pages: dict[str, str]) -> None:
    page = Reader(pages["many"])
    regions = [value for tag, name, value in page.attributes if (tag, name) == ("div", "aria-label")]
    assert len(regions) == page.tags.count("table")
    assert all(regions)
    assert page.attributes.count(("div", "tabindex", "0")) == len(regions)
    heads = [value for tag, name, value in page.attributes if (tag, name) == ("th", "scope")]
    assert len(heads) == page.tags.count("th")
    assert ("html", "lang", "en") in page.attributes


def variables(dark: bool) -> dict[str, str]:
    """Colours of a theme; dark ones stand over light ones."""
    style = STYLE.read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.S)
    found = dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]+)", blocks[0]))
    assert "prefers-color-scheme: dark" in style.split(":root")[1]
    return found | dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]+)", blocks[1])) if dark else found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_colour_can_be_read_on_every_ground() -> None:
    def contrast(dark: bool, ink: str, ground: str) -> float:
        light, deep = sorted((luminance(variables(dark)[name]) for name in (ink, ground)), reverse=True)
        return (light + 0.05) / (deep + 0.05)

    inks = ("ink", "soft", "mint", "evidence", "unclear", "nosign", "cannot")
    found = {of: contrast(*of) for of in product((False, True), inks, ("card", "paper"))}
    assert {of: value for of, value in found.items() if value < 4.5} == {}


def test_dark_changes_every_colour() -> None:
    light, dark = variables(False), variables(True)
    assert set(light) == set(dark)
    assert all(light[name] != dark[name] for name in light)
