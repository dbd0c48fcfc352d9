"""The page about the house shows the house as it is."""

from __future__ import annotations

import re

import pytest

from tests.architecture import MODULES, ROOT, drawing, is_within, overview, purpose, rooms
from tests.docs.blocks import FENCED

PAGE = (ROOT / "docs" / "house.md").read_text("utf-8")


def test_the_page_shows_the_floors_as_the_rules_have_them() -> None:
    assert overview() in [found[2].strip() for found in FENCED.finditer(PAGE)]
    assert len(overview().splitlines()) <= 60, "one screen"


def test_every_file_and_room_that_it_names_is_there() -> None:
    named = re.findall(r"`(mint/[\w./]+)`", PAGE)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert (ROOT / "tests" / "evidence" / "test_verdict.py").is_file()


@pytest.mark.parametrize("room", ["cli", "lab", "ui", "networks"])
def test_a_drawn_room_has_all_its_files_and_what_belongs_there(room: str) -> None:
    drawn = drawing(f"mint.{room}")
    for name, module in MODULES.items():
        if is_within(name, f"mint.{room}") and not module.is_init:
            assert name.rpartition(".")[2] in drawn, name
    for inner, files in rooms().items():
        if is_within(inner, f"mint.{room}") and len(files) > 1:
            assert purpose(inner) in drawn, inner


def test_what_belongs_into_a_room_is_said_in_a_sentence() -> None:
    for room in rooms():
        said = purpose(room)
        assert 10 < len(said) < 160, room
        assert said[-1] in ".?", room
