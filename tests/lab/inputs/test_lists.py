"""Lists: any usual separator, name of a column and encoding, or one line on what is wrong with which line."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.errors import BadInput
from mint.lab.inputs.columns import PERSONS
from tests.lab.inputs.sources import jpeg, read, rules, who, write

PHOTOS = {f"p/{k}.jpg": jpeg(k) for k in (1, 2, 3)}
RIGHT = {"p/1.jpg": ("ann", jpeg(1)), "p/2.jpg": ("bob", jpeg(2)), "p/3.jpg": ("ann", jpeg(3))}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write(tmp_path, PHOTOS)


def saved(place: Path, text: str, name: str = "list.csv", encoding: str = "utf-8") -> Path:
    (place / name).write_bytes(text.encode(encoding))
    return place / name


@pytest.mark.parametrize("column", [name for row in PERSONS for name in row])
def test_every_usual_name_of_the_person_is_known_in_any_case(place: Path, column: str) -> None:
    for shown in (column, column.upper(), f" {column.title()} "):
        text = f"{shown},IMAGE\nann,p/1.jpg\nbob,p/2.jpg\nann,p/3.jpg\n"
        assert read(saved(place, text)) == RIGHT, shown


@pytest.mark.parametrize(
    "column", ["image", "image_path", "file", "File Name", "file_name", "filename", "path", "img", "photo", "jpg"]
)
def test_every_usual_name_of_the_picture_is_known(place: Path, column: str) -> None:
    assert read(saved(place, f"person-ID;{column}\nann;p/1.jpg\nbob;p/2.jpg\nann;p/3.jpg\n")) == RIGHT


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("path;person\np/1.jpg;ann\np/2.jpg;bob\np/3.jpg;ann\n", "list.csv"),
        ("path\tperson\np/1.jpg\tann\np/2.jpg\tbob\np/3.jpg\tann\n", "list.tsv"),
        ("path\tperson\np/1.jpg\tann\np/2.jpg\tbob\np/3.jpg\tann\n", "list.csv"),
        ("p/1.jpg|ann\np/2.jpg|bob\np/3.jpg|ann\n", "list.txt"),
        ("p/1.jpg ann\np/2.jpg bob\np/3.jpg ann\n", "identity_CelebA.txt"),
        ("# photos of 2026 such as p/0.jpg\n\npath,person\n# ann\np/1.jpg,ann\np/2.jpg,bob\n#\np/3.jpg,ann\n", "list.csv"),
        ("path,person\r\np\\1.jpg,ann\r\np\\2.jpg,bob\r\np\\3.jpg,ann\r\n", "list.csv"),
        ('"path","person"\n"p/1.jpg","ann"\n"p/2.jpg","bob"\n"p/3.jpg", "ann"\n', "list.csv"),
        ("ann,p/1.jpg\nbob,p/2.jpg\nann,p/3.jpg\n", "list.csv"),
        ("id,person_id,label,image,age\n7,ann,x,p/1.jpg,3\n8,bob,x,p/2.jpg,4\n9,ann,x,p/3.jpg,5\n", "list.csv"),
        ("id,label,image\n7,ann,p/1.jpg\n8,bob,p/2.jpg\n9,ann,p/3.jpg\n", "list.csv"),
        ("name,label\np/1.jpg,ann\np/2.jpg,bob\np/3.jpg,ann\n", "list.csv"),
        ("person,person_id,file\nAnn,ann,p/1.jpg\nAnn,bob,p/2.jpg\nAnn,ann,p/3.jpg\n", "list.csv"),
        ('path,person,text\np/1.jpg,ann,"two\nlines"\np/2.jpg,bob,\np/3.jpg,ann,"a, b"\n', "list.csv"),
        ('path,person,text\np/1.jpg,ann,"a\n\n# b\n"\np/2.jpg,bob,\np/3.jpg,ann,\n', "list.csv"),
        ("path,person,,\np/1.jpg,ann,,\np/2.jpg,bob,,\np/3.jpg,ann,,\n", "list.csv"),
        ('{"file_name": "p/1.jpg", "Celeb": "ann"}\n{"file_name": "p/2.jpg", "Celeb": "bob"}\n\n'
         '{"Celeb": "ann", "file_name": "p/3.jpg"}\n', "list.jsonl"),
    ],
)  # fmt: skip
def test_separators_comments_quotes_and_preferences(place: Path, text: str, name: str) -> None:
    assert read(saved(place, text, name)) == RIGHT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_that_tell_what_they_are(place: Path, encoding: str) -> None:
    found = who(saved(place, "path;person\np/1.jpg;Zoë\np/2.jpg;Zoe\n", encoding=encoding))
    assert found == {"p/1.jpg": "Zoë", "p/2.jpg": "Zoe"}


def test_big_endian_with_a_mark_is_read(place: Path) -> None:
    assert who(saved(place, "\ufeffpath,person\np/1.jpg,Zoë\n", encoding="utf-16-be")) == {"p/1.jpg": "Zoë"}


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("path,person\np/1.jpg,ann\np/2.jpg,Zoë\n", "latin-1", r"^Line 3 of .*list\.csv is not UTF-8 \(.*Save the list as UTF-8"),
        ("path,person\np/1.jpg,Zoë\n", "utf-16-le", "Line 1 of .* null characters"),
        ("path,person\np/1.jpg,ann\np/2.jpg\n", "utf-8", "Line 3 of .* has 1 cells and the first line 2 .*commas"),
        ("path,person\np/a,b.jpg,ann\n", "utf-8", "Line 2 of .* has 3 cells"),
        ("path,person\n,ann\n", "utf-8", "Line 2 of .* names no photo"),
        ("path,person\nC:\\photos\\1.jpg,ann\n", "utf-8", "Line 2 of .*a path of a machine with Windows"),
        ('path,person\np/1.jpg,"ann\n', "utf-8", "Line 2 of .* cannot be read: unexpected end of data"),
        ("#1.jpg,ann\n", "utf-8", "Line 1 of .* may be a comment or a photo"),
        ("p/1.jpg,ann\n# p/2.jpg,bob\n", "utf-8", "Line 2 of .* may be a comment or a photo"),
        ("ann,p/1.jpg\n#bob,p/2.jpg\n", "utf-8", "Line 2 of .* may be a comment or a photo"),
        ("ann,p/1.jpg\n#,p/.jpg\n", "utf-8", "Line 2 of .* may be a comment or a photo"),
        ("person,image\nann,p/1\n#2,p/2\n", "utf-8", "Line 3 of .* may be a comment or a photo"),
        ("Foto;Wer\nx;y\n", "utf-8", "first line of .* names no photo and no known column"),
        ("image;age\np/1.jpg;3\n", "utf-8", "no column that is known to name the person; it has image, age"),
        ("image,name,label\np/1.jpg,ann,3\n", "utf-8", "several columns that may name the person: name, label"),
        ("image,subject,identity\np/1.jpg,ann,3\n", "utf-8", "several columns that may name the person: subject, identity"),
        ("image,label,Label\np/1.jpg,ann,3\n", "utf-8", "several columns that may name the person: label, Label"),
        ("image,path,person\np/1.jpg,q/1.jpg,ann\n", "utf-8", "several columns that may hold the picture: image, path"),
        ("p/1.jpg,p/2.jpg\n", "utf-8", "several columns that may hold the picture: 1, 2"),
        ("1,p/1.jpg,ann\n", "utf-8", "3 column.* without names"),
        ("p/1.jpg\np/2.jpg\n", "utf-8", "names photos and nobody.*--person-level"),
        ("p/1.jpg;ann,b.jpg\n", "utf-8", "semicolons|commas"),
        ("person,split,path\nann,train,p/1.jpg\nann,test,p/2.jpg\nbob,train,p/3.jpg\n", "utf-8", r"the split\(s\) train, test\. .*--split"),
        ("path,person\n" + "x" * 200_000, "utf-8", "Line 2 of .* longer than a line"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused_with_the_line_and_the_reason(
    place: Path, text: str, encoding: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        who(saved(place, text, encoding=encoding))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"image": "p/1.jpg", "label": 1}\n{"image": "p/2.jpg", "label":\n', "Line 2 of .* cannot be read"),
        ("[1, 2]\n", "Line 1 of .* is not of the form"),
        ('{"image": "p/1.jpg", "label": [1]}\n', "Line 1 of .* neither a name nor a whole number"),
        ('{"image": {"a": 1}, "person": "ann"}\n', "Line 1 of .* is no path"),
        ('{"image": "p/1.jpg", "age": 3}\n', "no column that is known to name the person"),
        ('{"image": "p/1.jpg", "person": "\\ud800"}\n', "not Unicode text"),
    ],
)
def test_json_lines_that_are_not_clear(place: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        who(saved(place, text, "list.jsonl"))


def test_the_user_says_which_column_is_which(place: Path) -> None:
    path = saved(place, "image,name,label,age\np/1.jpg,ann,3,40\np/2.jpg,bob,3,50\n")
    assert who(path, person_column="NAME") == {"p/1.jpg": "ann", "p/2.jpg": "bob"}
    assert set(who(path, person_column="label").values()) == {"3"}
    assert who(path, no_person=True) == {"p/1.jpg": "p/1.jpg", "p/2.jpg": "p/2.jpg"}
    assert who(path, person_column="age")["p/1.jpg"] == "40"
    with pytest.raises(BadInput, match=r"no column 'who' \(--person-column\)\. It has image, name, label, age"):
        who(path, person_column="who")
    with pytest.raises(BadInput, match=r"no column 'who' \(--image-column\)"):
        who(path, image_column="who", person_column="name")
    mxnet = saved(place, "0\tann\tp/1.jpg\n1\tbob\tp/2.jpg\n", "train.lst")
    assert who(mxnet, person_column="2") == {"p/1.jpg": "ann", "p/2.jpg": "bob"}
    foreign = saved(place, "Foto;Wer\n1;ann\n", "foreign.csv")
    assert who(foreign, image_column="foto", person_column="wer") == {"1": "ann"}


def test_the_folder_in_a_list_s_paths_is_the_person_where_the_user_says_so(place: Path) -> None:
    path = saved(place, "path\nann/x/1.jpg\n./bob/x/1.jpg\n")
    assert who(path, person_level=1) == {"ann/x/1.jpg": "ann", "./bob/x/1.jpg": "bob"}


def test_one_split_of_a_list_is_read(place: Path) -> None:
    path = saved(place, "person,Split,path\nann,train,p/1.jpg\nann,test,p/2.jpg\nbob,Train,p/3.jpg\n")
    assert who(path, split="train") == {"p/1.jpg": "ann", "p/3.jpg": "bob"}
    assert who(path, split="TEST") == {"p/2.jpg": "ann"}
    with pytest.raises(BadInput, match=r"no split 'val' \(--split\)\. It has train, test"):
        who(path, split="val")
    with pytest.raises(BadInput, match="It has no splits"):
        who(saved(place, "path,person\np/1.jpg,ann\n", "plain.csv"), split="train")


def test_a_photo_of_nobody_is_a_person_of_its_own(place: Path) -> None:
    path = saved(place, "path,person\np/1.jpg,ann\np/2.jpg,\n")
    assert who(path) == {"p/1.jpg": "ann", "p/2.jpg": "p/2.jpg"}
    assert who(path, side="members") == {"p/1.jpg": "ann", "p/2.jpg": "members/p/2.jpg"}
    with pytest.raises(BadInput, match="Nothing says who is on the 2 photos"):
        who(saved(place, "path,person\np/1.jpg,\np/2.jpg,\n"))


def test_how_a_list_was_read_is_told(place: Path) -> None:
    path = saved(place, "path,Person ID\np\\1.jpg,ann\n")
    assert rules(path) == ["the column Person ID names the person", "back-slashes in paths are read as slashes"]
    path = saved(place, "path,\x1b[2Jid\np/1.jpg,ann\n")
    assert not any("\x1b" in rule for rule in rules(path, person_column="\x1b[2Jid"))


@pytest.mark.skipif(os.name == "nt", reason="drives are paths there")
def test_paths_of_this_machine_are_taken_as_they_are(place: Path) -> None:
    path = saved(place, f"path,person\n{place}/p/1.jpg,ann\nfile://{place}/p/2.jpg,bob\n")
    assert sorted(read(path).values()) == [("ann", jpeg(1)), ("bob", jpeg(2))]


def test_what_looks_like_a_comment_within_quotes_is_none(place: Path) -> None:
    assert who(saved(place, 'path,person\np/1.jpg,"Ann\n# the first"\n')) == {"p/1.jpg": "Ann\n# the first"}


@pytest.mark.parametrize(
    "column", ["member", "is_member", "Used", "in_training", "was-used", "label", "set", "nonmember"]
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_column_that_says_who_is_a_member_splits_the_list(place: Path, kind: str, column: str) -> None:
    said = ("member", "non-member") if column in ("label", "set") else ("1", "0")
    rows = [{"path": f"{k}.jpg", "person": f"p{k % 2}", column: said[k > 2]} for k in range(5)]
    if kind == "csv":
        path = saved(place, f"path,person,{column}\n" + "".join(",".join(row.values()) + "\n" for row in rows))
    elif kind == "jsonl":
        path = saved(place, "".join(json.dumps(row) + "\n" for row in rows), "list.jsonl")
    else:
        path = place / "list.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path)
    first, second = map(re.escape, said)
    with pytest.raises(BadInput, match=rf"has the split\(s\) {first}, {second}.*Say which one is read with --split"):
        who(path)
    assert list(who(path, split=said[0]).values()) == ["p0", "p1", "p0"]
    assert list(who(path, split=said[1]).values()) == ["p1", "p0"]


@pytest.mark.parametrize("flag", [(True, False), (1, 0), (1.0, 0.0)])
def test_flags_of_a_table_are_read_whatever_their_type(place: Path, flag: tuple[object, object]) -> None:
    pq.write_table(
        pa.table({"path": ["1.jpg", "2.jpg"], "person": ["a", "b"], "used": list(flag)}), place / "t.parquet"
    )
    with pytest.raises(BadInput, match=r"has the split\(s\) (true, false|1, 0) in its column used\."):
        who(place / "t.parquet")
    for split, person in zip(("true", "false") if flag[0] is True else ("1", "0"), "ab", strict=True):
        assert list(who(place / "t.parquet", split=split).values()) == [person]


def test_a_column_called_member_may_name_people(place: Path) -> None:
    path = saved(place, "path,member\n1.jpg,ann\n2.jpg,bo\n3.jpg,ann\n")
    assert list(who(path, person_column="member").values()) == ["ann", "bo", "ann"]
    path = saved(place, "path,member,person\n1.jpg,ann,x\n2.jpg,bo,y\n3.jpg,ann,x\n")
    assert list(who(path).values()) == ["x", "y", "x"]


def test_a_line_that_names_the_person_by_another_field_is_refused(place: Path) -> None:
    lines = ['{"path": "1.jpg", "person": "ann"}', '{"path": "2.jpg", "Person": "bo"}']
    with pytest.raises(
        BadInput, match=r"Line 2 of .* has no person, by which the first line names the person, but 'Person'"
    ):
        who(saved(place, "\n".join(lines), "list.jsonl"))
    lines[1] = '{"path": "2.jpg", "note": "nobody is known"}'
    assert list(who(saved(place, "\n".join(lines), "list.jsonl")).values()) == ["ann", "2.jpg"]
