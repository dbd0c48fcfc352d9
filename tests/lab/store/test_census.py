"""The census: how many photos of how many people are on each side, and whom both sides share."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mint.errors import BadInput
from mint.lab.store import census
from mint.lab.store.census import take_census
from mint.lab.store.run import sources
from tests.lab.inputs.sources import write


def listed(place: Path, people: list[str], name: str) -> Path:
    """A list with one photo a name; "" is nobody."""
    rows = "".join(f"{k}.jpg,{person}\n" for k, person in enumerate(people))
    return write(place, {name: "path,person\n" + rows}) / name


def test_photos_people_and_shared_names(tmp_path: Path) -> None:
    sides = {
        "members": listed(tmp_path, ["00000", "00001", "00000", "00002", "", ""], "m.csv"),
        "non-members": listed(tmp_path, ["00001", "00002", "00003", ""], "n.csv"),
    }
    found = take_census(sources(sides))
    assert {side: (c.photos, c.people, c.unnamed) for side, c in found.sides.items()} == {
        "members": (6, 5, 2), "non-members": (4, 4, 1),
    }  # fmt: skip
    assert (found.photos, found.shared) == (10, 2)
    assert found.lines() == [
        "members: 6 photos of 5 people (2 of the photos name nobody: each is a person of its own): the column person names the person",
        "non-members: 4 photos of 4 people (1 of the photos name nobody: each is a person of its own): the column person names the person",
        "2 names on both sides, taken for the same people; --separate-people keeps them apart",
    ]  # fmt: skip
    apart = take_census(sources(sides, separate_people=True))
    assert [c.people for c in apart.sides.values()] == [5, 4]
    assert apart.lines()[-1] == "2 names on both sides, taken for different people (--separate-people)"


def test_photos_of_nobody_are_not_one_person_on_both_sides(tmp_path: Path) -> None:
    for side in ("m", "n"):
        write(tmp_path / side, {f"{k}.jpg": b"" for k in range(3)})
    sides = {"members": tmp_path / "m", "non-members": tmp_path / "n"}
    alone = {side: census.PhotoSource(place, no_person=True) for side, place in sides.items()}
    found = take_census(sources(alone))
    assert found.shared == 0
    assert found.lines()[0] == "members: 3 photos of 3 people: each photo is a person of its own (--no-person)"
    assert found.lines()[-1] == "0 names on both sides"


def test_the_count_is_right_however_often_names_are_sorted_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census, "HELD", 7)
    deal = random.Random(0)
    names = [[str(deal.randrange(300)) for _ in range(1000)] for _ in range(2)]
    sides = {s: listed(tmp_path, n, f"{s}.csv") for s, n in zip(("members", "non-members"), names, strict=True)}
    found = take_census(sources(sides))
    assert [c.people for c in found.sides.values()] == [len(set(n)) for n in names]
    assert found.shared == len(set(names[0]) & set(names[1]))


def test_a_column_id_that_numbers_the_photos_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{k}.jpg,{k}\n" for k in range(4))
    place = write(tmp_path, {"l.csv": f"image,Id\n{rows}", "t.csv": f"image,Id\n{rows}4.jpg,3\n"})
    with pytest.raises(BadInput, match=r"The column Id of .* is different for each of the 4 photos"):
        take_census(sources({"non-members": place / "l.csv"}))
    told = census.PhotoSource(place / "l.csv", person_column="id")
    assert take_census(sources({"non-members": told})).sides["non-members"].people == 4
    assert take_census(sources({"non-members": place / "t.csv"})).sides["non-members"].people == 4


def test_one_is_one(tmp_path: Path) -> None:
    found = take_census(sources({"non-members": listed(tmp_path, ["ann"], "n.csv")}))
    assert found.lines() == ["non-members: 1 photo of 1 person: the column person names the person"]
