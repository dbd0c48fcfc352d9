"""Tars: WebDataset samples, what img2dataset writes, and folders that were packed."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.errors import BadInput
from tests.lab.inputs.sources import jpeg, read, rules, tar, who, write


def fields(**told: object) -> str:
    return json.dumps(told)


def test_shards_name_people_in_json_or_cls(tmp_path: Path) -> None:
    tar(tmp_path / "w" / "s-000.tar", {
        "0001.jpg": jpeg(1), "0001.json": fields(identity="ann", age=3), "0001.txt": "a caption",
        "0003.txt": "a photo of cleo", "0003.png": jpeg(3),
    })  # fmt: skip
    tar(tmp_path / "w" / "s-001.tar", {"0001.jpg": jpeg(4), "0001.json": fields(Identity=17, caption="x")})
    expected = {
        "s-000.tar/0001.jpg": ("ann", jpeg(1)),
        "s-000.tar/0003.png": ("s-000.tar/0003.png", jpeg(3)),
        "s-001.tar/0001.jpg": ("17", jpeg(4)),
    }
    assert read(tmp_path / "w") == expected
    assert read(tmp_path / "w" / "s-{000..001}.tar") == expected
    assert rules(tmp_path / "w") == [f"{name} of a sample names the person" for name in ("identity", "Identity")]
    place = tar(tmp_path / "c.tar", {"1.cls": " 17\n", "1.jpg": jpeg(1), "2.jpg": jpeg(2), "2.cls": "017"})
    assert who(place) == {"1.jpg": "17", "2.jpg": "017"}
    assert rules(place) == ["cls of a sample names the person"]


def test_one_number_under_two_names_is_not_one_person(tmp_path: Path) -> None:
    """Sample 1 is of class 17, sample 2 of a person who is called 17: nobody could say whether they are one."""
    mixed = {
        "1.jpg": "",
        "1.cls": "17",
        "2.jpg": "",
        "2.json": fields(person=17),
        "3.jpg": "",
        "3.json": fields(person=4),
    }
    place = tar(tmp_path / "t.tar", mixed)
    with pytest.raises(
        BadInput, match=r"told apart in several ways, 2 by person of a sample, 1 by cls of a sample: one name"
    ):
        who(place)
    assert who(place, person_column="person") == {"1.jpg": "1.jpg", "2.jpg": "17", "3.jpg": "4"}
    assert who(place, person_column="CLS") == {"1.jpg": "17", "2.jpg": "2.jpg", "3.jpg": "3.jpg"}


def test_files_that_name_the_same_person_are_one_way(tmp_path: Path) -> None:
    files = {}
    for k, person in enumerate(("ann", "bo", "ann")):
        both = {f"{k}.cls": person, f"{k}.json": fields(person=person)}
        files |= {f"{k}.jpg": "", **(both if k else dict(reversed(both.items())))}
    assert list(who(tar(tmp_path / "t.tar", files)).values()) == ["ann", "bo", "ann"]
    one = tar(tmp_path / "one.tar", files | {"9.jpg": "", "9.cls": "bo"})  # cls names all of them
    assert list(who(one).values()) == ["ann", "bo", "ann", "bo"]
    with pytest.raises(BadInput, match="told apart in several ways"):
        who(tar(tmp_path / "two.tar", files | {"8.jpg": "", "8.json": fields(person="bo"), "9.jpg": "", "9.cls": "bo"}))


def test_the_folder_is_no_person_where_files_of_samples_are(tmp_path: Path) -> None:
    files = {"w/1.jpg": "", "w/1.cls": "ann", "w/2.jpg": "", "w/2.txt": "a man", "w/3.jpg": "", "w/3.cls": " \n"}
    place = tar(tmp_path / "t.tar", files)
    with pytest.raises(BadInput, match="several ways, 1 by cls of a sample, 1 by the folder"):
        who(place)
    alone = {"w/2.jpg": "w/2.jpg", "w/3.jpg": "w/3.jpg"}
    assert who(place, person_column="cls") == {"w/1.jpg": "ann", **alone}
    assert set(who(place, person_level=1).values()) == {"w"}
    del files["w/2.jpg"]
    assert who(tar(tmp_path / "u.tar", files)) == {"w/1.jpg": "ann", "w/3.jpg": "w/3.jpg"}


def test_a_field_that_is_empty_is_nobody_and_not_the_folder(tmp_path: Path) -> None:
    files = {"w/1.jpg": "", "w/1.json": fields(person="ann", label=3), "w/2.jpg": "", "w/2.json": fields(person=None)}
    assert who(tar(tmp_path / "t.tar", files)) == {"w/1.jpg": "ann", "w/2.jpg": "w/2.jpg"}


def test_a_field_that_is_there_twice_names_nobody(tmp_path: Path) -> None:
    place = tar(tmp_path / "t.tar", {"1.jpg": "", "1.json": '{"person": "ann", "person": "bob"}'})
    with pytest.raises(
        BadInput, match=r"\.json of The sample 1 of .* 'person' stands there twice, with different values"
    ):
        who(place)
    assert who(tar(tmp_path / "t.tar", {"1.jpg": "", "1.json": '{"person": "ann", "person": "ann"}'})) == {
        "1.jpg": "ann"
    }


def test_what_names_nobody_there_is_refused_where_the_user_says_it(tmp_path: Path) -> None:
    place = tar(tmp_path / "t.tar", {"ann/1.jpg": "", "bo/1.jpg": ""})
    assert set(who(place).values()) == {"ann", "bo"}
    with pytest.raises(BadInput, match=r"Nothing in .*t\.tar is called 'who' \(--person-column\).*members=who"):
        who(place, person_column="who")


def test_a_caption_names_nobody_unless_the_user_says_so(tmp_path: Path) -> None:
    files = {}
    for k, caption in enumerate(("a smiling woman", "a smiling woman", "a man")):
        about = fields(caption=caption, url=f"https://x/{k}.jpg", key=f"{k:09}", status="success", width=3, sha256="a")
        files |= {f"{k:09}.jpg": jpeg(k), f"{k:09}.json": about, f"{k:09}.txt": caption}
    place = tar(tmp_path / "00000.tar", files)
    with pytest.raises(BadInput, match="Nothing says who is on the 3 photos"):
        who(place)
    assert len(set(who(place, no_person=True).values())) == 3
    assert list(who(place, person_column="txt").values()) == ["a smiling woman", "a smiling woman", "a man"]
    assert list(who(place, person_column="width").values()) == ["3", "3", "3"]


def test_two_pictures_in_one_sample_are_refused(tmp_path: Path) -> None:
    files = {}
    for number, person in (("0001", "ann"), ("0002", "bob"), ("0003", "cleo")):
        files |= {f"face.{number}.jpg": jpeg(number), f"face.{number}.cls": person}
    with pytest.raises(BadInput, match=r"The sample face of .* has two files \.0002\.cls|3 pictures"):
        who(tar(tmp_path / "dots.tar", files))
    masks = tar(tmp_path / "masks.tar", {"1.jpg": jpeg(1), "1.mask.png": b"\x89PNG", "1.cls": "ann"})
    with pytest.raises(BadInput, match=r"The sample 1 of .* has 2 pictures, 1\.jpg, 1\.mask\.png.*--image-column jpg"):
        who(masks)
    assert who(masks, image_column="jpg") == {"1.jpg": "ann"}


def test_pictures_alone_are_a_folder_that_was_packed_whatever_dots_they_have(tmp_path: Path) -> None:
    files = {"ann/2020.01.02.jpg": b"1", "ann/2020.01.03.jpg": b"2", "bob/x.jpg": b"3", "bob/.hidden/y.jpg": b"4"}
    assert who(tar(tmp_path / "t.tar", files)) == {name: name[:3] for name in list(files)[:3]}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"1.jpg": "", "1.json": "{broken"}, r"\.json of The sample 1 of .* cannot be read"),
        ({"1.jpg": "", "1.json": "[" * 100_000}, r"\.json of .* cannot be read"),
        ({"1.jpg": "", "1.json": fields(person="ann", subject="bob")}, "several columns .* person, subject"),
        ({"1.jpg": "", "1.json": fields(person="ann"), "1.cls": "4"}, None),
        ({"1.jpg": "", "1.json": fields(label=3), "1.cls": "4"}, "several columns .*label, cls"),
        ({"1.jpg": "", "1.json": fields(identity=["ann"])}, "neither a name nor a whole number"),
        ({"1.jpg": "", "1.cls": b"\xff\xfe"}, r"\.cls of .* is not text"),
        ({"1.jpg": "", "1.cls": b"\x01\0\0\0\0\0\0\0"}, "is not one name or number"),
        ({"1.jpg": "", "1.cls": "1\n2\n3\n"}, "is not one name or number"),
        ({"1.jpg": "", "1.cls": "1", "1.CLS": "2"}, r"has two files \.cls"),
    ],
)
def test_who_is_on_a_sample_is_clear_or_refused(
    tmp_path: Path, files: dict[str, bytes | str], said: str | None
) -> None:
    place = tar(tmp_path / "t.tar", files)
    if said is None:
        assert set(who(place).values()) == {"ann"}  # a person is preferred to a class
        return
    with pytest.raises(BadInput, match=said):
        who(place)


def test_a_file_with_holes_is_not_read_from_its_middle(tmp_path: Path) -> None:
    info = tarfile.TarInfo("ann/1.jpg")
    info.type = tarfile.GNUTYPE_SPARSE
    (tmp_path / "t.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(BadInput, match="holes"):
        who(tmp_path / "t.tar")


def test_the_folder_is_preferred_where_the_user_says_so(tmp_path: Path) -> None:
    place = tar(tmp_path / "t.tar", {"ann/1.jpg": "", "ann/1.cls": "0", "bob/1.jpg": "", "bob/1.cls": "0"})
    assert set(who(place).values()) == {"0"}
    assert set(who(place, person_level=1).values()) == {"ann", "bob"}
    assert write(tmp_path / "x", {"a": ""}).is_dir()


def test_links_are_counted(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        for name, kind in (
            ("ann/1.jpg", tarfile.REGTYPE),
            ("ann/2.jpg", tarfile.LNKTYPE),
            ("bob/1.jpg", tarfile.SYMTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "" if kind == tarfile.REGTYPE else "ann/1.jpg"
            archive.addfile(info)
    assert rules(tmp_path / "t.tar") == ["the folder is the person", "not read: 2 link(s) to photos in tars"]


def test_the_table_beside_a_tar_of_img2dataset_is_no_set_of_photos(tmp_path: Path) -> None:
    place = tmp_path / "set"
    for number, person in enumerate(("ann", "bo")):
        tar(place / f"0000{number}.tar", {"0.jpg": jpeg(number), "0.txt": "a man", "0.json": fields(identity=person)})
        facts = {"url": ["https://example.org/0.jpg"], "caption": ["a man"], "identity": [person]}
        pq.write_table(pa.table(facts), place / f"0000{number}.parquet")
    assert read(place) == {f"0000{k}.tar/0.jpg": (person, jpeg(k)) for k, person in enumerate(("ann", "bo"))}
    assert rules(place)[-1] == "not read: 2 .parquet beside a tar of the same name, which says what is in it"


def test_a_file_that_says_of_what_it_is_a_text_names_the_person(tmp_path: Path) -> None:
    place = tar(tmp_path / "t.tar", {
        "1.jpg": jpeg(1), "1.identity.txt": "ann", "1.txt": "a man", "2.jpg": jpeg(2), "2.label.cls": "7", "3.jpg": jpeg(3), "3.who.txt": "cleo",
    })  # fmt: skip
    with pytest.raises(BadInput, match="1 by identity of a sample, 1 by label of a sample"):
        who(place)
    assert who(place, person_column="identity") == {"1.jpg": "ann", "2.jpg": "2.jpg", "3.jpg": "3.jpg"}
    assert who(place, person_column="who")["3.jpg"] == "cleo"
    assert who(place, person_column="label.cls")["2.jpg"] == "7"


@pytest.mark.parametrize(
    ("field", "one", "other"), [("split", "train", "test"), ("member", True, False), ("is_train", 1, 0)]
)
def test_a_field_of_a_sample_says_its_split(tmp_path: Path, field: str, one: object, other: object) -> None:
    files: dict[str, bytes | str] = {}
    for k, said in enumerate((one, one, other)):
        files |= {f"{k}.jpg": jpeg(k), f"{k}.json": json.dumps({"person": f"p{k % 2}", field: said})}
    place = tar(tmp_path / "s.tar", files)
    words = [str(said).casefold() for said in (one, other)]
    with pytest.raises(BadInput, match=rf"has the split\(s\) {words[0]}, {words[1]}.*--split"):
        who(place)
    assert who(place, split=words[0]) == {"0.jpg": "p0", "1.jpg": "p1"}
    assert who(place, split=words[1]) == {"2.jpg": "p0"}
