"""Folders: which of them is the person and which are splits, by a rule that is told, or refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.errors import BadInput
from mint.lab.inputs.source import PhotoSource
from tests.lab.inputs.sources import jpeg, read, rules, tar, who, write

CLIPS = {f"{person}/{clip}/{k}.jpg": jpeg(k) for person in ("ann", "bob") for clip in ("c1", "c2") for k in (1, 2)}


def make(kind: str, place: Path, files: dict[str, bytes]) -> Path:
    return write(place / "photos", files) if kind == "folder" else tar(place / "photos.tar", files)


@pytest.fixture(params=["folder", "tar"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_of_folders_two_deep_the_first_is_the_person(tmp_path: Path, kind: str) -> None:
    place = make(kind, tmp_path, CLIPS)
    assert who(place) == {name: name.split("/")[0] for name in CLIPS}
    assert rules(place) == ["the first of 2 folders is the person (--person-level 1)"]
    assert who(place, person_level=2) == {name: name.split("/")[1] for name in CLIPS}
    assert "folder 2" in rules(place, person_level=2)[0]
    with pytest.raises(BadInput, match="does not lie under 3 folder"):
        who(place, person_level=3)


def test_mixed_depths_are_refused_until_the_level_is_said(tmp_path: Path, kind: str) -> None:
    files = {"ann/1.jpg": b"", "bob/deep/1.jpg": b""}
    place = make(kind, tmp_path, files)
    with pytest.raises(BadInput, match=r"ann/1.jpg lies under 1 folder\(s\) and bob/deep/1.jpg under 2"):
        who(place)
    assert who(place, person_level=1) == {"ann/1.jpg": "ann", "bob/deep/1.jpg": "bob"}
    with pytest.raises(BadInput, match="under 0 folder"):
        who(make(kind, tmp_path / "x", {"alone.jpg": b"", "ann/1.jpg": b""}))


def test_one_folder_around_all_may_be_a_person_or_not(tmp_path: Path, kind: str) -> None:
    place = make(kind, tmp_path, {"set/ann/1.jpg": b"", "set/bob/1.jpg": b""})
    with pytest.raises(BadInput, match=r"lie in its one folder set\. Say --person-level 2"):
        who(place)
    assert set(who(place, person_level=2).values()) == {"ann", "bob"}
    assert set(who(place, person_level=1).values()) == {"set"}


def test_photos_in_no_folder_are_nobody_s(tmp_path: Path, kind: str) -> None:
    place = make(kind, tmp_path, {"ann_1.jpg": b"", "ann_2.jpg": b""})
    with pytest.raises(BadInput, match="Nothing says who is on the 2 photos"):
        who(place)
    assert who(place, no_person=True, side="members") == {
        "ann_1.jpg": "members/ann_1.jpg",
        "ann_2.jpg": "members/ann_2.jpg",
    }
    assert rules(place, no_person=True) == ["each photo is a person of its own (--no-person)"]


def test_splits_are_never_pooled(tmp_path: Path, kind: str) -> None:
    files = {f"{split}/{person}/1.jpg": b"" for split in ("test", "train") for person in ("ann", "bob")}
    place = make(kind, tmp_path, files)
    with pytest.raises(BadInput, match=r"the split\(s\) test, train\. Say which one is read with --split"):
        who(place)
    assert who(place, split="train") == {"train/ann/1.jpg": "ann", "train/bob/1.jpg": "bob"}
    assert rules(place, split="train") == ["the folder is the person", "of the split train"]
    with pytest.raises(BadInput, match=r"no split 'validation'.* It has test, train"):
        who(place, split="validation")
    with pytest.raises(BadInput, match="--split"):  # that the person is the second folder says nothing of the first
        who(place, person_level=2)


@pytest.mark.parametrize(
    ("used", "unused"), [("members", "non_members"), ("Member", "NonMember"), ("used", "unused"), ("seen", "unseen")]
)
def test_both_sides_in_one_set_are_never_pooled(tmp_path: Path, kind: str, used: str, unused: str) -> None:
    files = {f"{side}/{person}/1.jpg": b"" for side in (used, unused) for person in ("ann", "bob")}
    place = make(kind, tmp_path, files)
    with pytest.raises(BadInput, match=r"the split\(s\) .*\. Say which one is read with --split"):
        who(place)
    assert who(place, split=used.casefold()) == {f"{used}/{person}/1.jpg": person for person in ("ann", "bob")}


def test_splits_below_other_folders_are_splits(tmp_path: Path, kind: str) -> None:
    files = {
        f"{person}/{split}/{k}.jpg": b"" for person in ("ann", "bob") for split in ("test", "train") for k in (1, 2)
    }
    place = make(kind, tmp_path / "people", files)
    with pytest.raises(
        BadInput, match=r"split\(s\) ann/test, ann/train, .* or --person-level 1 if the first folder is the"
    ):
        who(place)
    assert who(place, person_level=1) == {name: name.split("/")[0] for name in files}  # all are asked for
    assert rules(place, person_level=1)[0].startswith("folders below the person that are called like splits are read")
    chosen = {name: name.split("/")[0] for name in files if "/train/" in name}
    assert who(place, person_level=1, split="train") == chosen
    files = {f"set/{split}/{person}/1.jpg": b"" for split in ("test", "train") for person in ("ann", "bob")}
    place = make(kind, tmp_path / "sets", files)
    assert who(place, split="train") == {f"set/train/{person}/1.jpg": person for person in ("ann", "bob")}
    assert set(who(place, split="train", person_level=3).values()) == {"ann", "bob"}


def test_a_split_within_a_split_is_no_person(tmp_path: Path, kind: str) -> None:
    files = {f"train/{split}/{person}/1.jpg": b"" for split in ("test", "val") for person in ("ann", "bob")}
    place = make(kind, tmp_path, files)
    with pytest.raises(BadInput, match=r"the split\(s\) train/test, train/val\."):
        who(place)
    assert who(place, split="val") == {f"train/val/{person}/1.jpg": person for person in ("ann", "bob")}


def test_a_person_in_a_split_who_is_called_like_one_is_not_lost(tmp_path: Path, kind: str) -> None:
    place = make(kind, tmp_path, {"Val/Dev/1.jpg": b"", "Val/bob/1.jpg": b"", "Train/bob/2.jpg": b""})
    with pytest.raises(BadInput, match=r"in the split val that are called like splits: val/dev\. Say --person-level 2"):
        who(place, split="val")
    assert who(place, split="val", person_level=2) == {"Val/Dev/1.jpg": "Dev", "Val/bob/1.jpg": "bob"}
    assert who(place, split="train") == {"Train/bob/2.jpg": "bob"}


def test_the_level_that_is_named_counts_the_split_s_folders_too(tmp_path: Path, kind: str) -> None:
    files = {f"train/a/b/{person}/1.jpg": b"" for person in ("ann", "bob")}
    place = make(kind, tmp_path, files)
    with pytest.raises(BadInput, match=r"one folder a/b\. Say --person-level 4 .* or --person-level 2 if it is one"):
        who(place)
    assert set(who(place, person_level=4).values()) == {"ann", "bob"}
    assert set(who(place, person_level=2).values()) == {"a"}


@pytest.mark.parametrize("folder", ["photos", "a/b"])
def test_one_folder_of_all_photos_is_nobody_until_the_user_says_so(tmp_path: Path, kind: str, folder: str) -> None:
    place = make(kind, tmp_path, {f"{folder}/{k}.jpg": b"" for k in range(3)})
    with pytest.raises(
        BadInput, match=rf"All 3 photos of .* lie in its one folder {folder}\. Give the list .* --person-level 1"
    ):
        who(place)
    assert set(who(place, person_level=1).values()) == {folder.split("/")[0]}
    place = make(kind, tmp_path / "alone", {f"{folder}/1.jpg": b""})
    if folder == "photos":
        assert list(who(place).values()) == [folder]
    else:
        with pytest.raises(BadInput, match=r"The photos of .* lie in its one folder a/b\."):
            who(place)


def test_a_tar_is_of_the_split_that_its_name_says_and_of_one_within(tmp_path: Path) -> None:
    for name in ("train", "test"):
        tar(tmp_path / f"faces-{name}.tar", {f"{name}/ann/1.jpg": b"", f"{name}/bob/1.jpg": b""})
    assert who(tmp_path, split="test") == {f"faces-test.tar/test/{p}/1.jpg": p for p in ("ann", "bob")}


def test_a_split_in_a_column_of_a_file_in_a_folder_is_read(tmp_path: Path) -> None:
    table = pa.table({"image": [jpeg(k) for k in range(3)], "label": [1, 2, 3], "split": ["a", "b", "b"]})
    pq.write_table(table, tmp_path / "faces.parquet")
    with pytest.raises(BadInput, match=r"the split\(s\) a, b\. Say which"):
        who(tmp_path)
    assert who(tmp_path, split="b") == {"faces.parquet/1": "2", "faces.parquet/2": "3"}


def test_a_person_who_is_called_like_nobody_is_told(tmp_path: Path, kind: str) -> None:
    place = make(kind, tmp_path, {"ann/1.jpg": b"", "Unknown/1.jpg": b"", "Unknown/2.jpg": b""})
    assert rules(place)[0].startswith("a person is called Unknown; if that means nobody")


@pytest.mark.parametrize("name", ["NA", "N/A", "#N/A", "nil", "?", "-99", "(null)"])
def test_what_programs_write_for_nothing_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "list.csv").write_text("path,person\n" + "".join(f"{k}.jpg,{name}\n" for k in range(3)))
    for k in range(3):
        (tmp_path / f"{k}.jpg").write_bytes(b"")
    assert any(
        rule.startswith(f"a person is called {name}; if that means nobody") for rule in rules(tmp_path / "list.csv")
    )


def test_a_split_that_is_the_only_one_is_read(tmp_path: Path) -> None:
    place = write(tmp_path, {"data/train/ann/1.jpg": b"", "data/train/bob/1.jpg": b""})
    assert set(who(place).values()) == {"ann", "bob"}
    assert "of the split train" in rules(place)


def test_a_person_may_be_called_like_a_split(tmp_path: Path) -> None:
    place = write(tmp_path, {"Dev/1.jpg": b"", "ann/1.jpg": b""})
    with pytest.raises(BadInput, match="--person-level 1 if these folders are people"):
        who(place)
    assert who(place, person_level=1) == {"Dev/1.jpg": "Dev", "ann/1.jpg": "ann"}


@pytest.mark.parametrize(
    ("names", "split", "taken"),
    [
        (["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/test-00000-of-00001.parquet"],
         "train", [0, 1]),
        (["train/data-00000-of-00001.arrow", "test/data-00000-of-00001.arrow"], "test", [1]),
        (["used/data-00000-of-00001.arrow", "unused/data-00000-of-00001.arrow"], "used", [0]),
        (["default/train/0000.parquet", "default/validation/0000.parquet"], "validation", [1]),
        (["faces-train-00.tar", "faces-val-00.tar"], "val", [1]),
        (["TRAIN.PARQUET", "test.parquet"], "train", [0]),
        (["data/queries-00000-of-00001.parquet", "data/gallery-00000-of-00001.parquet"], "queries", [0]),
        (["small/train-00000-of-00001.parquet", "large/train-00000-of-00001.parquet"], "small/train", [0]),
    ],
)  # fmt: skip
def test_splits_of_tables_and_shards(tmp_path: Path, names: list[str], split: str, taken: list[int]) -> None:
    table = pa.table({"image": [jpeg(1), jpeg(2)], "label": [0, 1]})
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".arrow"):
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
                out.write_table(table)
        elif name.endswith(".tar"):
            tar(path, {"0.jpg": jpeg(1), "0.cls": "0", "1.jpg": jpeg(2), "1.cls": "1"})
        else:
            pq.write_table(table, path)
    with pytest.raises(BadInput, match=r"the split\(s\) .*--split"):
        who(tmp_path)
    assert {name.rpartition("/")[0] for name in who(tmp_path, split=split)} == {names[k] for k in taken}


def test_metadata_of_an_image_folder_names_the_people(tmp_path: Path) -> None:
    photos = {f"{split}/{k}.jpg": jpeg(k) for split in ("train", "test") for k in (1, 2)}
    lists = {
        "train/metadata.csv": "file_name,identity\n1.jpg,ann\n2.jpg,bob\n",
        "test/metadata.jsonl": '{"file_name": "1.jpg", "identity": "cleo"}\n{"file_name": "2.jpg", "identity": "cleo"}\n',
    }
    place = write(tmp_path, photos | lists)
    with pytest.raises(BadInput, match="test, train"):
        who(place)
    assert who(place, split="train") == {"train/1.jpg": "ann", "train/2.jpg": "bob"}
    assert who(place, split="test") == {"test/1.jpg": "cleo", "test/2.jpg": "cleo"}


def test_metadata_in_parquet_does_too(tmp_path: Path) -> None:
    place = write(tmp_path, {"1.jpg": jpeg(1), "2.jpg": jpeg(2)})
    pq.write_table(pa.table({"file_name": ["1.jpg", "2.jpg"], "person": ["ann", "bob"]}), place / "metadata.parquet")
    assert sorted(read(place).values()) == [("ann", jpeg(1)), ("bob", jpeg(2))]


def test_a_file_that_is_only_called_metadata_changes_nothing(tmp_path: Path) -> None:
    place = write(tmp_path, {"ann/1.jpg": b"", "bob/1.jpg": b"", "metadata.csv": "person,age\nann,3\n"})
    assert who(place) == {"ann/1.jpg": "ann", "bob/1.jpg": "bob"}


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "photos"
    (place / "ann\udcff").mkdir(parents=True)
    (place / "ann\udcff" / "1.jpg").write_bytes(b"")
    with pytest.raises(BadInput, match=r"'ann\\udcff/1\.jpg' is not Unicode text"):
        who(place)


@pytest.mark.parametrize(
    "told", [{"no_person": True, "person_level": 1}, {"person_column": "a", "person_level": 1}, {"person_level": 0}]
)
def test_what_contradicts_itself_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="--person-level"):
        PhotoSource("x", **told)  # type: ignore[arg-type]


UNLIKE = ("2", "3.jpg_1", "4.png~", "5.jpeg.bak", "6.happy", "7.zip.part")
BESIDE = ("Thumbs.db", ".DS_Store", "._1.jpg", "notes.txt", "notes.txt~", "1.jpg.xml", "README", "1.npy", "clip.MOV")


def test_files_whose_names_end_like_no_pictures_are_counted_and_what_lies_beside_photos_is_not(tmp_path: Path) -> None:
    photos = {f"{person}/1.jpg": b"" for person in ("ann", "bo")}
    files = {f"ann/{name}": b"" for name in (*UNLIKE, *BESIDE)}
    said = "not read: {} file(s) whose names end like no picture's, such as {}"
    packed = tar(tmp_path / "a.tar", dict.fromkeys(sorted(photos | files), b""))
    write(tmp_path / "a", photos | files | {"ann/1.json": b"", "ann/1.cls": b""})
    for place, first in ((tmp_path / "a", "ann/2"), (packed, "ann/2")):
        assert rules(place) == ["the folder is the person", said.format(len(UNLIKE), first)]
    # A side file of a sample has an ending of any kind; what is called after a picture is a picture.
    packed = tar(tmp_path / "b.tar", {"1.jpg": b"", "1.cls": "ann", "1.depth": b"", "1.jpg.orig": b"", "1": b""})
    assert rules(packed)[-1] == said.format(2, "1.jpg.orig")
    place = write(tmp_path / "c", {"test/ann/a": b"", "train/ann/1.jpg": b"", "train/bo/1.jpg": b"", "train/bo/b": b""})
    assert said.format(2, "test/ann/a") in rules(place)
    write(place, {"test/ann/1.jpg": b""})
    packed = tar(
        tmp_path / "c.tar", {str(path.relative_to(place)): b"" for path in sorted(place.rglob("*")) if path.is_file()}
    )
    for where in (place, packed):
        assert rules(where, split="train")[-1] == said.format(1, "train/bo/b")
    with pytest.raises(
        BadInput, match=r"There are no photos in .*; 1 file\(s\) whose names end like no picture's, such as ann/b"
    ):
        rules(write(tmp_path / "d", {"ann/b": b""}))


def test_what_is_seen_and_not_read_is_counted(tmp_path: Path) -> None:
    place = write(
        tmp_path / "a", {"ann/1.jpg": b"", "bob/1.jpg": b"", "faces.csv": "a,b\n", "more.tar.gz": b"", "x.doc": b""}
    )
    assert rules(place) == [
        "the folder is the person",
        "not read: 1 file(s) .csv in a folder; give such a file by itself",
        "not read: 1 file(s) .gz in a folder; unpack them",
    ]
    listed = "file_name,person\n1.jpg,ann\n2.heic,bob\n"
    files = {f"{k}.{'heic' if k == 2 else 'jpg'}": b"" for k in range(5)}
    place = write(tmp_path / "b", files | {"metadata.csv": listed})
    assert rules(place)[1:] == ["not read: 3 photo(s) beside an ImageFolder's metadata that does not list them"]
    for k in (0, 3, 4):
        (place / f"{k}.jpg").unlink()
    assert rules(place) == ["the column person names the person"]
