"""The page of the house says what the code has: drawing, rooms, and where a change goes."""

from __future__ import annotations

import re

from tests.architecture import HOUSE, ROOT, overview, page, rooms, short
from tests.docs.blocks import CONTRIBUTING

TEXT = HOUSE.read_text("utf-8")
CHANGES = [
    row.strip("| ").split(" | ") for row in TEXT.split("| I want to … |")[1].split("\n\n")[0].splitlines()[2:]
]  # what, begin at, go on to
PLACE = re.compile(r"`((?:mint|tests|docs)/[\w./-]+)`(?: `(\w+)`)?")
SCREEN = (118, 40)  # characters and lines


def test_the_page_is_fresh():
    assert page(TEXT) == TEXT, "run python -m tests.architecture --write"


def test_the_page_names_every_room():
    named = set(re.findall(r"^\| `([a-z_/]+)` \|", TEXT, re.M)) | set(
        re.findall(r"^[ \d]{2} ([a-z_0-9]+) ", overview(), re.M)
    )
    assert {short(room) for room in rooms()} - {"mint"} <= named


def test_the_house_fits_a_screen():
    lines = overview().splitlines()
    assert max(map(len, lines)) <= SCREEN[0], max(lines, key=len)
    assert len(lines) <= SCREEN[1]


def test_changes_begin_where_the_page_says():
    assert len(CHANGES) >= 10
    for wanted, begin, then in CHANGES:
        assert PLACE.search(begin), wanted
        for path, symbol in PLACE.findall(f"{begin} {then}"):
            assert (ROOT / path).exists(), path
            source = (ROOT / path).read_text("utf-8") if symbol else ""
            assert not symbol or re.search(rf"^(?:def |class )?{symbol}\b", source, re.M), f"{path} has no {symbol}"


def test_contributors_are_led_here():
    assert "docs/house.md" in CONTRIBUTING.read_text("utf-8")
