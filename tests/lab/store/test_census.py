"""The census: how many photos of how many people are on each side, and whom both sides share."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from mint.errors import BadInput
from mint.lab.inputs.source import PhotoSource
from mint.lab.store import census
from mint.lab.store.census import take_census
from mint.lab.store.run import sources
from tests.lab.inputs.sources import tar, write


def listed(place: Path, people: list[str], name: str) -> Path:
    """A list with one photo a name; "" is nobody. The first photo is there: the others may be gone, and are not looked for."""
    rows = "".join(f"{k}.jpg,{person}\n" for k, person in enumerate(people))
    return write(place, {name: "path,person\n" + rows, "0.jpg": b""}) / name


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
        "4 photos lie on both sides and count on neither: take them out of one",
        "2 names on both sides, taken for the same people; --separate-people keeps them apart",
    ]  # fmt: skip
    apart = take_census(sources(sides, separate_people=True))
    assert [c.people for c in apart.sides.values()] == [5, 4]
    assert apart.lines()[-1] == "2 names on both sides, taken for different people (--separate-people)"


def test_photos_that_lie_in_one_place_on_both_sides_are_counted(tmp_path: Path) -> None:
    write(tmp_path, {f"{person}/{k}.jpg": b"" for person in ("ann", "bo") for k in range(3)})
    write(tmp_path, {"list.csv": "path,person\nann/0.jpg,ann\n./bo/../bo/1.jpg,bo\nann/7.jpg,ann\n"})
    for name in ("1.tar", "2.tar"):  # of one name in two tars are two photos
        tar(tmp_path / name, {"ann/0.jpg": b"", "bo/0.jpg": b""})
    for members, others, both in (
        (tmp_path / "list.csv", tmp_path, 2), (tmp_path / "1.tar", tmp_path / "1.tar", 2), (tmp_path / "1.tar", tmp_path / "2.tar", 0),
    ):  # fmt: skip
        found = take_census(sources({"members": members, "non-members": others}))
        assert found.both == both
        assert any("lie on both sides and count on neither" in line for line in found.lines()) is bool(both)


def test_an_id_of_a_sample_that_is_another_for_each_may_number_the_samples(tmp_path: Path) -> None:
    def samples_of(name: str, ids: str) -> Path:
        return tar(tmp_path / name, {f"{k}{end}": text for k, one in enumerate(ids)
                                     for end, text in ((".jpg", b""), (".json", f'{{"id": "{one}"}}'))})  # fmt: skip

    with pytest.raises(BadInput, match=r"The column id of .* has 3 values for 3 photos"):
        take_census(sources({"non-members": samples_of("3.tar", "abc")}))
    assert take_census(sources({"non-members": samples_of("2.tar", "aba")})).sides["non-members"].people == 2
    told = census.PhotoSource(tmp_path / "3.tar", person_column="id")
    assert take_census(sources({"non-members": told})).sides["non-members"].people == 3


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


@pytest.mark.parametrize("column", ["Id", "UID"])
def test_a_column_id_that_numbers_the_photos_is_refused(tmp_path: Path, column: str) -> None:
    rows = "".join(f"{k}.jpg,{k}\n" for k in range(4))
    place = write(
        tmp_path, {"l.csv": f"image,{column}\n{rows}", "t.csv": f"image,{column}\n{rows}4.jpg,3\n", "0.jpg": b""}
    )
    with pytest.raises(BadInput, match=rf"The column {column} of .* has 4 values for 4 photos"):
        take_census(sources({"non-members": place / "l.csv"}))
    told = census.PhotoSource(place / "l.csv", person_column=column.lower())
    assert take_census(sources({"non-members": told})).sides["non-members"].people == 4
    assert take_census(sources({"non-members": place / "t.csv"})).sides["non-members"].people == 4


@pytest.mark.parametrize("column", ["name", "Names", "label", "class_id", "target"])
@pytest.mark.parametrize("kind", ["l.csv", "l.jsonl"])
def test_a_column_that_is_not_called_after_people_may_name_the_photos(tmp_path: Path, column: str, kind: str) -> None:
    """The rule by which it is told: more than nine values for ten photos."""

    def lines(values: list[str]) -> str:
        if kind == "l.jsonl":
            return "".join(json.dumps({"image": f"{k}.jpg", column: value}) + "\n" for k, value in enumerate(values))
        return f"image,{column}\n" + "".join(f"{k}.jpg,{value}\n" for k, value in enumerate(values))

    names = [f"IMG {k}" for k in range(20)]
    for values, refused in ((names, True), (names[:19] + names[:1], True), (names[:18] + names[:2], False)):
        place = write(tmp_path, {kind: lines(values), "0.jpg": b""}) / kind
        if refused:
            said = rf"The column {column} of .* has {len(set(values))} values for 20 photos, so it may name or number the photos"
            with pytest.raises(BadInput, match=said):
                take_census(sources({"non-members": place}))
            told = census.PhotoSource(place, person_column=column)
            assert take_census(sources({"non-members": told})).sides["non-members"].people == len(set(values))
        else:
            assert take_census(sources({"non-members": place})).sides["non-members"].people == 18


@pytest.mark.parametrize("column", ["person", "Subject-ID", "celeb_name", "pid"])
def test_a_column_that_is_called_after_people_names_them_though_each_has_one_photo(tmp_path: Path, column: str) -> None:
    rows = "".join(f"{k}.jpg,p{k}\n" for k in range(5)) + "5.jpg,\n"
    place = write(tmp_path, {"l.csv": f"image,{column}\n{rows}", "0.jpg": b""}) / "l.csv"
    (side,) = take_census(sources({"non-members": place})).sides.values()
    assert (side.photos, side.people, side.unnamed) == (6, 6, 1)


def test_photos_of_nobody_do_not_count_where_a_column_may_name_the_photos(tmp_path: Path) -> None:
    rows = [*(f"{k}.jpg,p{k % 3}\n" for k in range(6)), *(f"{k}.jpg,\n" for k in range(6, 200))]
    place = write(tmp_path, {"l.csv": "image,name\n" + "".join(rows), "0.jpg": b""}) / "l.csv"
    assert take_census(sources({"non-members": place})).sides["non-members"].people == 3 + 194


@pytest.mark.parametrize(("first", "refused"), [(0, True), (7, False)])
def test_a_column_without_a_name_that_numbers_the_photos_is_refused(tmp_path: Path, first: int, refused: bool) -> None:
    place = write(
        tmp_path, {"l.txt": f"{first}\t0.jpg\n1\t1.jpg\n2\t2.jpg\n{3 if refused else 1}\t3.jpg\n", "0.jpg": b""}
    )
    if refused:
        with pytest.raises(BadInput, match=r"The column 1 of .* has 4 values for 4 photos"):
            take_census(sources({"non-members": place / "l.txt"}))
        place = census.PhotoSource(place / "l.txt", person_column="1")
        assert take_census(sources({"non-members": place})).sides["non-members"].people == 4
    else:
        assert take_census(sources({"non-members": place / "l.txt"})).sides["non-members"].people == 3


def test_a_list_none_of_whose_photos_is_there_is_refused(tmp_path: Path) -> None:
    rows = [f"{k}.jpg,p{k % 9}\n" for k in range(100)]
    place = write(tmp_path, {"few.csv": "".join(rows[:3]), "all.csv": "".join(rows), "99.jpg": b""})
    with pytest.raises(
        BadInput, match=r"None of the 3 photos that .*few\.csv names is there, such as .*/0\.jpg\. Paths are"
    ):
        take_census(sources({"non-members": place / "few.csv"}))
    found = take_census(sources({"non-members": place / "all.csv"})).sides["non-members"]
    assert (found.photos, found.people) == (100, 9)
    assert found.rules[-1].startswith("none of the first 64 photos is there, such as ")
    write(tmp_path, {"63.jpg": b""})
    assert take_census(sources({"non-members": place / "all.csv"})).sides["non-members"].rules == (
        "the column 2 names the person",
    )


def test_a_photo_is_one_person_s_and_counts_once(tmp_path: Path) -> None:
    rows = "0.jpg,ann\n1.jpg,bob\n0.jpg,ann\n"
    place = write(tmp_path, {"again.csv": rows, "two.csv": f"{rows}1.jpg,cleo\n", "0.jpg": b""})
    found = take_census(sources({"non-members": place / "again.csv"})).sides["non-members"]
    assert (found.photos, found.people) == (3, 2)
    assert found.rules[-1] == "1 photo named more than once"
    with pytest.raises(BadInput, match=r"two\.csv names 1 photo\(s\) more than once, as other people"):
        take_census(sources({"non-members": place / "two.csv"}))


def test_people_with_thousands_of_photos_each_are_a_kind_until_the_user_says_that_they_are_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(census, "MOST_OF_ONE", 20)
    place = listed(tmp_path, ["real", "fake"] * 20, "l.csv")
    assert take_census(sources({"non-members": place})).sides["non-members"].people == 2
    place = listed(tmp_path, ["real", "fake"] * 20 + ["real"], "l.csv")
    with pytest.raises(BadInput, match=r"The 41 photos of .* are of 2 people, more than 20 photos each"):
        take_census(sources({"non-members": place}))
    told = census.PhotoSource(place, person_column="person")
    assert take_census(sources({"non-members": told})).sides["non-members"].people == 2


def test_one_is_one(tmp_path: Path) -> None:
    found = take_census(sources({"non-members": listed(tmp_path, ["ann"], "n.csv")}))
    assert found.lines() == ["non-members: 1 photo of 1 person: the column person names the person"]


@pytest.mark.parametrize(
    ("said", "photos"), [(("0", "1"), 102), (("yes", "no"), 6), (("member", "non-member"), 6), (("train", "test"), 6)]
)
def test_a_column_of_flags_names_nobody(tmp_path: Path, said: tuple[str, str], photos: int) -> None:
    rows = "".join(f"{k}.jpg,{said[k % 2]}\n" for k in range(photos))
    write(tmp_path, {"list.csv": "path,label\n" + rows, "0.jpg": b""})
    with pytest.raises(
        BadInput, match=r"The column label of .* has no values but .*: it may say which photos are members"
    ):
        take_census(sources({"non-members": tmp_path / "list.csv"}))
    told = PhotoSource(tmp_path / "list.csv", person_column="label")
    assert take_census(sources({"non-members": told})).sides["non-members"].people == 2


def test_a_few_photos_of_persons_0_and_1_are_theirs(tmp_path: Path) -> None:
    write(tmp_path, {"list.csv": "path,label\n" + "".join(f"{k}.jpg,{k % 2}\n" for k in range(100)), "0.jpg": b""})
    assert take_census(sources({"non-members": tmp_path / "list.csv"})).sides["non-members"].people == 2
