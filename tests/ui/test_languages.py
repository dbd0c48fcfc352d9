"""No sentence of the page is left in English: found in the source, and in what is rendered."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import mint.ui
from mint.i18n import labels
from mint.i18n.labels import PAIRS
from mint.i18n.translate import LANGUAGES, Say, table, unbroken
from mint.ui.examples import load_examples, load_people
from mint.ui.portraits import portraits
from mint.ui.views import notices
from mint.ui.views.answer import answer
from mint.ui.views.details.layers import layers
from mint.ui.views.faces import Picture, faces_panel
from mint.ui.views.play import example_wall, flip_wall
from mint.ui.views.proof.measured import proof
from mint.ui.views.proof.paper import papers
from mint.ui.views.twins import twins
from tests.ui.fakes import a_face, evaluation, face_audit, write_examples

HERE = Path(mint.ui.__file__).parent
SOURCES = [*sorted(HERE.rglob("*.py")), Path(labels.__file__)]
OTHERS = sorted(set(LANGUAGES) - {"en"})


def sentences(path: Path) -> set[str]:
    """Every literal that is handed to ``say`` or to ``label``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("say", "label", "labels"):
                found.add(str(node.args[0].value))
    return found


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_every_sentence_in_the_source_is_told(path: Path, language: str) -> None:
    assert not {unbroken(sentence) for sentence in sentences(path)} - set(table(language))


def test_there_are_sentences_to_find() -> None:
    assert len(set().union(*map(sentences, SOURCES))) > 150


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("page", ["about", "intro"])
def test_a_page_of_text_is_built_alike_in_every_language(page: str, language: str) -> None:
    english, told = (
        re.findall(r"<!?[a-z/][^\s>]*", (HERE / "static" / f"{page}.{code}.html").read_text("utf-8"))
        for code in ("en", language)
    )
    assert english == told
    assert (HERE / "static" / f"{page}.en.html").read_text("utf-8") != (
        HERE / "static" / f"{page}.{language}.html"
    ).read_text("utf-8")


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_rendered_asks_for_no_sentence_that_is_missing(language: str, face_path: Path, tmp_path: Path) -> None:
    say = Say(language, strict=True)
    found = {"twin-a": face_audit(True), "twin-b": face_audit(False)}
    folder = write_examples(tmp_path, face_path)
    html = [
        answer(found, {"twin-a": True, "twin-b": False}, say),
        layers(found, say),
        proof({"twin-a": evaluation(), "twin-b": None}, say),
        example_wall.wall(load_examples(folder / "faces"), say),
        example_wall.people_wall(load_people(folder / "people"), say),
        flip_wall.flip_wall(portraits(load_examples(folder / "faces"), flip_wall.NETWORKS), say, kiosk=True),
        faces_panel(Picture("data:,", 300, 200), [a_face(0), a_face(1)], 0, 2, say),
        notices.empty_photo(say),
        notices.working(True, say),
        notices.problem(RuntimeError("x"), say),
        papers(say),
        twins(say, tuple(PAIRS)),
        *(notices.status(n, say) for n in (None, 0, 2, 3)),
    ]
    assert all(html)


def test_a_kiosk_leads_nowhere() -> None:
    assert "<a " in papers()
    assert "<a " not in papers(links=False)
