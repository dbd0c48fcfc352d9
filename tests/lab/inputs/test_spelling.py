"""Names that differ only in how they are written are told, on one side and between two."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from mint.lab.inputs import spelling
from mint.lab.inputs.spelling import Spellings, alike_line
from mint.lab.store.census import take_census
from mint.lab.store.run import sources
from tests.lab.inputs.sources import write


def names(*given: str) -> Spellings:
    found = Spellings()
    for name in given:
        found.add(name)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "anna"), ("Ben Miller", "ben_miller"), ("Ben  Miller", "Ben\u00a0Miller"), ("José", "Jose"), ("7", "007"),
        ("id_7", "ID-007"), ("Ann\u200bLee", "AnnLee"), ("ＡＢＣ", "abc"), ("Straße", "STRASSE"), ("ﬁn", "fin"),
    ],
)  # fmt: skip
def test_what_is_alike(one: str, other: str) -> None:
    assert names(one, other, one, "somebody else").alike == [[one, other]]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna", "Ana"), ("7", "70"), ("1_12", "11_2"), ("m.0ab", "m.0abc"), ("李", "王"), ("...", "___"), ("की", "कि")],
)
def test_what_is_not(one: str, other: str) -> None:
    assert not names(one, other).alike


def test_a_name_that_stands_on_both_sides_needs_no_word() -> None:
    assert alike_line(names("Anna", "anna"), names("anna")) == ""
    assert alike_line(names("Anna"), names("bo")) == ""
    assert "1 name on both sides in several spellings, such as 'Anna' and 'ANNA'" in alike_line(
        names("Anna"), names("ANNA")
    )


def test_names_that_look_the_same_are_shown_so_that_they_differ() -> None:
    assert "'Ann Lee' and 'Ann\\xa0Lee'" in alike_line(names("Ann Lee"), names("Ann\u00a0Lee"))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "NAMES_LOOKED_AT", 3)
    assert not names("a", "b", "c", "A", "B").alike


def test_the_census_says_so(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "José")
    write(tmp_path, {f"m/{who}/1.jpg": b"" for who in ("Anna", "anna", "José", "Bo")})
    write(tmp_path, {f"n/{who}/1.jpg": b"" for who in ("ANNA", decomposed, "bo", "Zoe")})
    both = {"members": tmp_path / "m", "non-members": tmp_path / "n"}
    first, second, shared, alike = take_census(sources(both)).lines()
    assert first.endswith(
        "the folder is the person; 1 name in several spellings, such as 'Anna' and 'anna', taken for different people: write them "
        "alike if they are one"
    )
    assert second == "non-members: 4 photos of 4 people: the folder is the person"
    assert shared.startswith("1 name on both sides, taken for the same people")  # composed or not, José is José
    assert alike.startswith("2 names on both sides in several spellings, such as 'Anna' and 'ANNA'")
    assert not any("on both sides in" in line for line in take_census(sources(both, separate_people=True)).lines())
