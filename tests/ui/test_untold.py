"""No words of the page are written past the table of sentences, where no other language would reach them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mint.ui

SOURCES = sorted(Path(mint.ui.__file__).parent.rglob("*.py"))
SPOKEN = ("say", "label", "labels")
TAG = re.compile(r"<[^>]*>")
READ_OUT = re.compile(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"MINT", "AUC", "CSV"}  # the same in every language


def literals(tree: ast.Module) -> Iterator[str]:
    """Texts of a module; what is filled in is a line break. Without what is handed to the table, and without comments."""
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in SPOKEN:
            left_out |= {id(argument) for argument in node.args}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "\n" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def untold(source: str) -> set[str]:
    """Words in the markup of a module that no table is asked for."""
    found: set[str] = set()
    for text in literals(ast.parse(source)):
        if re.search(r"</?[a-z]", text):
            seen = [*TAG.split(re.sub(r"&\w+;", " ", text)), *READ_OUT.findall(text)]
            found |= {word for part in seen for word in WORD.findall(part)}
    return found - NAMES


def test_every_word_goes_through_the_table() -> None:
    assert len(SOURCES) > 30
    found = {path.name: untold(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert not {name: words for name, words in found.items() if words}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("f'<b>Truth:</b> {told}.'", {"Truth"}),
        ("f'<b>{say(\"Truth:\")}</b> {told}.'", set()),
        ("f'{number} faces</p>'", {"faces"}),
        ('f\'<img alt="The face" src="{uri}">\'', {"The", "face"}),
        ('f\'<img class="The face" width="{side}">\'', set()),
        ("say('<b>Truth:</b> told')", set()),
        ("def f():\n    '''What <b>is</b> it.'''", set()),
        ("'no markup'", set()),
    ],
)
def test_words_past_the_table_are_found(source: str, words: set[str]) -> None:
    assert untold(source if source.startswith("def") else f"x = {source}") == words
