"""A user's own series: what is planted is measured on people it was not calibrated on, and wrong lists are refused."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mint.bundles.series import MEMBERS, OUT, STAYED
from mint.errors import BadInput, BundleMismatch, NoFace, TooFew
from mint.judging.photo import NOT_UPRIGHT
from mint.lab.versions.fit import NEVER
from mint.lab.versions.series import Listed, make_series, read_list
from mint.membership import MembershipTest
from tests.lab.photos import crop
from tests.lab.versions.made_up_series import NAMES, bundles, listed
from tests.tiny_bundles import tiny_bundle

PEOPLE = 40
FEW = 24  # where nothing is measured: every photo is compared with every other


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return bundles(tmp_path_factory.mktemp("bundles"))


def test_a_planted_jump_is_measured_on_people_that_were_not_calibrated_on(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_series(folders, listed(tmp_path, PEOPLE, 3.0, monkeypatch))
    assert made.names == NAMES
    assert made.measured["right"]["value"] > 0.85
    assert made.measured["right"]["n"] == len(made.tested[MEMBERS].values)
    assert made.auc[1] > 0.8
    calibrated = {person for known in made.test.never.values() for person in known.people.tolist()}
    tested = {person for known in made.tested.values() for person in known.people.tolist()}
    assert not calibrated & tested
    assert len(calibrated | tested) == 2 * PEOPLE
    assert made.rate(OUT, 0.2).value > made.rate(STAYED, 0.2).value


def test_of_noise_it_measures_chance(folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_series(folders, listed(tmp_path, PEOPLE, 0.0, monkeypatch))
    assert made.auc[1] < 0.5 < made.auc[2]
    assert made.measured["right"]["low"] < 0.25 < made.measured["right"]["high"]


def test_a_photo_without_a_face_is_told_and_left_out(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path, FEW, 3.0, monkeypatch)
    shown = MembershipTest.look_many

    def first_without(self: MembershipTest, *given: object) -> object:
        for k, (name, look) in enumerate(shown(self, *given)):  # type: ignore[arg-type]
            yield name, look if k else NoFace("No face was found.")

    monkeypatch.setattr(MembershipTest, "look_many", first_without)
    told: list[str] = []
    make_series(folders, path, report=told.append)
    counted = f"list.csv: {7 * 2 * FEW} photos of {2 * FEW} people: the column person names the person"
    assert told == [counted, f"{tmp_path / '0.png'}: left out: No face was found."]


def test_a_face_that_may_not_stand_upright_is_told_and_left_out(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path, FEW, 3.0, monkeypatch)
    shown = MembershipTest.look_many

    def first_turned(self: MembershipTest, *given: object) -> object:
        for k, (name, look) in enumerate(shown(self, *given)):  # type: ignore[arg-type]
            yield name, look if k else replace(look, faces=(replace(look.faces[0], upright=False),))  # type: ignore[type-var]

    monkeypatch.setattr(MembershipTest, "look_many", first_turned)
    told: list[str] = []
    make_series(folders, path, report=told.append)
    assert told[1:] == [f"{tmp_path / '0.png'}: left out: {NOT_UPRIGHT}"]


def test_a_photo_under_two_people_is_told_and_left_out(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path, FEW, 3.0, monkeypatch)
    shown, picture = MembershipTest.look_many, cv2.GaussianBlur(crop(1), (0, 0), 3.0)
    lines = path.read_text().splitlines()
    first, second = (next(k for k, line in enumerate(lines[1:]) if f",p{person}," in line) for person in (3, 4))

    def two_alike(self: MembershipTest, *given: object) -> object:
        for k, (name, look) in enumerate(shown(self, *given)):  # type: ignore[arg-type]
            (face,) = look.faces
            yield name, replace(look, faces=(replace(face, crop=picture),)) if k in (first, second) else look

    monkeypatch.setattr(MembershipTest, "look_many", two_alike)
    told: list[str] = []
    made = make_series(folders, path, report=told.append)
    a, b = tmp_path / f"{first}.png", tmp_path / f"{second}.png"
    assert told[1:] == [
        f"{a}: left out: it is the same picture as {b}, which is listed with another person",
        f"{b}: left out: it is the same picture as {a}, which is listed with another person",
    ]
    known = [*made.test.never.values(), made.test.members, made.tested[MEMBERS], made.tested[OUT]]
    known += [made.tested[kind] for kind in made.test.never]
    taken_out = sum(line.rpartition(",")[2] != "" for line in lines[1:])
    in_calibration = taken_out - len(made.tested[OUT].values)
    assert sum(len(one.values) for one in known) + in_calibration == len(lines) - 1 - 2


def test_too_few_people_are_refused(folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooFew, match="at least 10 people"):
        make_series(folders, listed(tmp_path, 9, 3.0, monkeypatch))


def test_bundles_that_are_no_series_are_refused(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path, 3, 3.0, monkeypatch)
    with pytest.raises(BadInput, match="2 versions at least"):
        make_series(folders[:1], path)
    (tmp_path / "copy").mkdir()
    tiny_bundle(tmp_path / "copy" / "again", "v1", seed=7)
    with pytest.raises(BundleMismatch, match="one name"):
        make_series([*folders[:3], tmp_path / "copy" / "again"], path)
    tiny_bundle(tmp_path / "copy" / "other", "other", seed=0)  # the weights of v1
    with pytest.raises(BundleMismatch, match="the same network"):
        make_series([*folders[:3], tmp_path / "copy" / "other"], path)


def write(folder: Path, *lines: str, header: str = "photo,person,first,out") -> Path:
    (folder / "a.png").touch()
    (folder / "list.csv").write_text("\n".join([header, *lines]) + "\n")
    return folder / "list.csv"


def test_a_list_says_who_was_used_when(tmp_path: Path) -> None:
    (tmp_path / "b.png").touch()
    found = read_list(write(tmp_path, "a.png,anna,2,", "b.png, anna ,,"), 3)
    assert found == [Listed(tmp_path / "a.png", "anna", 1, 3), Listed(tmp_path / "b.png", "anna", NEVER, 3)]
    (out,) = read_list(write(tmp_path, "a.png,anna,1,3"), 3)
    assert (out.first, out.out) == (0, 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a.png,anna,5,", "first is a version from 1 to 3"),
        ("a.png,anna,v1,", "not v1"),
        ("a.png,anna,2,2", "out is a version after the first use"),
        ("a.png,anna,,2", "out is a version after the first use"),
        ("a.png,,1,", "who is on it"),
        ("a.png,anna,1", "has 3 cells and the first line 4"),
        ("a.png,anna,1,,x", "has 5 cells and the first line 4"),
        ("C:\\\\faces\\\\a.png,anna,1,", "a path of a machine with Windows"),
        ("none.png,anna,1,", "there is no"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_number(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        read_list(write(tmp_path, line), 3)
    assert "line 2" in str(caught.value).casefold()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_of_another_program_says_the_same(tmp_path: Path, separator: str, encoding: str) -> None:
    """Other separators and encodings, the columns in another order, a comment, back-slashes, and whole numbers with a point."""
    (tmp_path / "p").mkdir()
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / "p" / name).touch()
    rows = [
        ("First", "Person", "OUT", "photo"),
        ("1.0", "Zoe\u0308", "3.0", "p\\a.png"),
        ("", "7", "", "p/b.png"),
        ("2", "Zo\u00eb", "", "./p/c.png"),
        ("", "7.0", "", "p/../p/d.png"),
    ]
    (tmp_path / "p" / "d.png").touch()
    text = "\n".join(["# of May", *(separator.join(row) for row in rows)]) + "\n"
    (tmp_path / "list.csv").write_bytes(text.encode(encoding))
    told: list[str] = []
    found = read_list(tmp_path / "list.csv", 3, told.append)
    assert [(one.photo.resolve().name, one.person, one.first, one.out) for one in found] == [
        ("a.png", "Zo\u00eb", 0, 2), ("b.png", "7", NEVER, 3), ("c.png", "Zo\u00eb", 1, 3), ("d.png", "7", NEVER, 3),
    ]  # fmt: skip
    assert told == [
        "list.csv: 4 photos of 2 people: the column person names the person; back-slashes in paths are read as slashes"
    ]


def test_no_list_and_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no list"):
        read_list(tmp_path / "none.csv", 3)
    with pytest.raises(BadInput, match="has the columns"):
        read_list(write(tmp_path, "a.png,anna", header="photo,person"), 3)
    with pytest.raises(BadInput, match="twice"):
        read_list(write(tmp_path, "a.png,anna,1,", "a.png,anna,2,"), 3)
    with pytest.raises(BadInput, match="twice"):
        read_list(write(tmp_path, "a.png,anna,1,", f"../{tmp_path.name}/a.png,berta,,"), 3)
    with pytest.raises(BadInput, match="names no photo below its columns"):
        read_list(write(tmp_path), 3)
    (tmp_path / "list.csv").write_bytes(b"photo,person,first,out\n\xff\xfe,a,1,\n")
    with pytest.raises(BadInput, match="UTF-8"):
        read_list(tmp_path / "list.csv", 3)


@pytest.mark.full
def test_the_same_list_and_seed_give_the_same_series(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path, FEW, 3.0, monkeypatch)
    one, again = (make_series(folders, path, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.tested[MEMBERS].people, again.tested[MEMBERS].people)
    assert one.auc == again.auc


def test_a_list_saved_by_excel_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.png,anna,1,")
    plain = read_list(path, 3)
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_list(path, 3) == plain
