"""Sets in RecordIO: what is read of whole ones, and what becomes of every kind of damage."""

from __future__ import annotations

import hashlib
import struct
import tracemalloc
from pathlib import Path

import fsspec
import pytest

from mint.errors import BadInput, BadPhoto
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.record_sets import told_of
from mint.lab.inputs.recordio import MOST, next_after
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource
from tests.lab.inputs.record_writer import MAGIC, WRITTEN_BY_MXNET, framed, insightface, packed, written

PEOPLE = [[b"a1", b"a2" + MAGIC + b"a2"], [b"b1bb"], [MAGIC, b"c2", b"c3ccc"]]
FOUND = {
    "train.rec/1": ("0", b"a1"),
    "train.rec/2": ("0", b"a2" + MAGIC + b"a2"),
    "train.rec/3": ("1", b"b1bb"),
    "train.rec/4": ("2", MAGIC),
    "train.rec/5": ("2", b"c2"),
    "train.rec/6": ("2", b"c3ccc"),
}


def outcome(photos: Photos, sample) -> bytes | str:
    """The photo's bytes, or why there are none."""
    try:
        return photos.read(sample)
    except BadPhoto as error:
        return str(error)


def read(source: Path | PhotoSource) -> dict[str, tuple[str, bytes | str]]:
    """Id to person and outcome of all that a source holds, in order."""
    photos = Photos()
    found = [(sample.id, (sample.identity, outcome(photos, sample))) for sample in samples(source)]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_the_tests_write_what_mxnet_writes(tmp_path):
    place = written(tmp_path, WRITTEN_BY_MXNET)
    rec, idx = (hashlib.sha256((place / f"train.{kind}").read_bytes()).hexdigest() for kind in ("rec", "idx"))
    assert rec == "385f7248cc7053a8c0f756a622ec7dcbc4f8f01656b623a1df806a1066935da2"
    assert idx == "95f1fbabacb5d0527caed00fdb0be67fba82f057f91765df9169be89e3a65939"
    assert read(place) == {
        "train.rec/1": ("0", b"one"),
        "train.rec/2": ("1", b"a" * 4 + MAGIC + b"bcd" + MAGIC),
        "train.rec/3": ("1", MAGIC + MAGIC + b"xy"),
        "train.rec/4": ("1", "The record holds no picture."),
    }


@pytest.mark.parametrize("index", [True, False])
def test_a_set_of_insightface_with_its_index_and_without(tmp_path, index):
    place = written(tmp_path / "ms1m", insightface(PEOPLE), index)
    (place / "property").write_text("3,112,112\n")
    (place / "lfw.bin").write_bytes(b"pairs")
    assert read(place) == FOUND
    assert list(read(place)) == list(FOUND)
    assert read(place / "train.rec") == FOUND
    assert read(f"file://{place}/train.rec") == FOUND
    told = told_of(str(place))
    assert told == told_of(str(place / "train.rec"))
    assert "train.rec" in told
    assert ("in the order of its index" if index else "from front to end") in told
    assert told.endswith("; its file property speaks of 3 people.")
    assert told_of(str(tmp_path)) is told_of("nosuch://x") is told_of(str(place / "lfw.bin")) is None


def test_an_index_whose_file_lies_elsewhere_in_another_order(tmp_path):
    records = insightface(PEOPLE)
    shuffled = [records[k] for k in (4, 9, 0, 2, 6, 1, 8, 3, 7, 5)]  # as a merged or shuffled set is written
    found = read(written(tmp_path, shuffled))
    assert set(found.values()) == set(FOUND.values())
    assert list(found)[:2] == ["train.rec/0:4", "train.rec/3:2"]
    assert set(read(written(tmp_path / "b", shuffled, index=False)).values()) == set(FOUND.values())


def test_the_label_is_one_number_or_the_first_of_several(tmp_path):
    place = written(tmp_path, [(0, packed(7, b"x")), (1, packed((8.0,), b"y")), (2, packed((9, 0.5, -1), b"z"))])
    assert [person for person, _ in read(place).values()] == ["7", "8", "9"]


@pytest.mark.parametrize("label", [float("nan"), float("inf"), -1.0, 0.5, 2.0**24])
def test_a_label_that_is_no_person_rejects_the_record_alone(tmp_path, label):
    place = written(tmp_path, [(0, packed(label, b"x")), (1, packed((label, 1), b"y")), (2, packed(2.0**24 - 1, b"z"))])
    reason = f"The record’s label, {label:g}, is no number of a person."
    assert read(place) == {
        "train.rec/0": ("train.rec/0", reason),
        "train.rec/1": ("train.rec/1", reason),
        "train.rec/2": ("16777215", b"z"),
    }


def test_a_set_without_any_label_that_is_a_person_says_what_a_label_must_be(tmp_path):
    place = written(tmp_path, [(number, packed(2.0**24 + 2 * number, b"x")) for number in range(3)])
    with pytest.raises(
        BadInput, match=r"3 photos .*a label that is the number of a person, a whole one from 0 to 16777215, "
    ) as found:
        read(place)
    assert "column" not in str(found.value)
    assert len(read(PhotoSource(place, no_person=True))) == 3


def test_sets_in_folders_of_their_own_have_people_of_their_own(tmp_path):
    for name in ("a", "b"):
        written(tmp_path / "all" / name, [(0, packed(0, name.encode()))])
    assert read(tmp_path / "all") == {"a/train.rec/0": ("a/0", b"a"), "b/train.rec/0": ("b/0", b"b")}


def changed(place: Path, at: int, new: bytes) -> Path:
    data = bytearray((place / "train.rec").read_bytes())
    data[at : at + len(new)] = new
    (place / "train.rec").write_bytes(data)
    return place


def starts(records) -> list[int]:
    found = [0]
    for _, payload in records:
        found.append(found[-1] + len(framed(payload)))
    return found


FLAT = [(key, packed(key % 3, bytes([65 + key]) * (9 + key), key)) for key in range(6)]
SOUND = {f"train.rec/{key}": (str(key % 3), payload[24:]) for key, payload in FLAT}
LENGTH = "The record is damaged: its length does not fit into the file."
NONE = "No record begins here: the file is damaged, or its index names a wrong place."
PARTS = "The record is damaged: its parts do not fit together."
MISSING = "Records are missing: the file is cut, or its index does not fit it. Get both again."
BEHIND = "The record is damaged: its length reaches into the records behind it."


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize(
    ("at", "new", "wanted"),
    [
        (0, b"\0\0\0\0", NONE),  # no magic word
        (4, struct.pack("<I", 3 << 29 | 35), PARTS),  # the last part of nothing
        (4, struct.pack("<I", 5 << 29 | 35), NONE),  # a flag that does not exist
        (4, struct.pack("<I", 1 << 29 | 36), PARTS),  # a first part that none follows
        (4, struct.pack("<I", (1 << 29) - 1), LENGTH),  # beyond the end of the file
        (4, struct.pack("<I", 100), BEHIND),  # into the records behind it
        (8, b"\xff\xff\xff\x7f", "The record is damaged: it has fewer labels than it says."),
        (8, b"\x02\0\0\0\0\0\0\0", "The record’s label, 195.263, is no number of a person."),  # it is the picture
    ],
)
def test_damage_costs_the_record_and_no_other(tmp_path, index, at, new, wanted):
    where = starts(FLAT)[2]
    found = read(changed(written(tmp_path, FLAT, index), where + at, new))
    person, why = found["train.rec/2"]
    assert why == wanted
    assert person in ("2", "train.rec/2")
    assert {**found, "train.rec/2": SOUND["train.rec/2"]} == SOUND


def test_a_length_that_ends_early_or_a_gap_costs_nothing_else(tmp_path):
    where = starts(FLAT)[2]
    place = changed(written(tmp_path / "a", FLAT, index=False), where + 4, struct.pack("<I", 28))
    found = read(place)
    assert found["train.rec/2"] == ("2", b"CCCC")  # a picture that is cut: who decodes it will say so
    assert found.pop("train.rec/3") == ("train.rec/3", NONE)  # the bytes that its length left over
    assert [value for key, value in found.items() if key > "train.rec/2"] == [
        value for key, value in SOUND.items() if key > "train.rec/2"
    ]


def test_a_file_that_is_cut_loses_what_is_gone_and_says_so(tmp_path):
    records = insightface(PEOPLE)
    where = starts(records)
    for name, index in (("a", True), ("b", False)):
        place = written(tmp_path / name, records, index)
        data = (place / "train.rec").read_bytes()
        (place / "train.rec").write_bytes(data[: where[5] + 20])
        found = read(place)
        assert [found[key] for key in list(FOUND)[:4]] == list(FOUND.values())[:4]
        gone = {key: value for key, value in found.items() if key not in list(FOUND)[:4]}
        if index:
            assert set(gone) == {f"train.rec/{key}" for key in range(5, 10)}
            assert {why for _, why in gone.values()} == {LENGTH, MISSING}
        else:
            assert gone == {
                "train.rec/5": ("train.rec/5", LENGTH),
                "train.rec/6–9": ("train.rec/6–9", MISSING),
            }


def test_an_index_that_names_less_more_or_wrong_places_is_told(tmp_path):
    place = written(tmp_path, FLAT)
    lines = (place / "train.idx").read_text().splitlines(keepends=True)
    for kept in (lines[:4], [*lines, lines[3]], []):
        (place / "train.idx").write_text("".join(kept))
        if not kept:
            with pytest.raises(BadInput, match="or none that its index names"):
                read(place)
            continue
        found = read(place)
        assert found.pop("train.rec/index") == ("train.rec/index", MISSING)
        assert len(found) == len(kept)
    wrong = [*lines[:2], "2\t3\n", "3\t8\n", f"4\t{1 << 62}\n", "\n", lines[5]]
    (place / "train.idx").write_text("".join(wrong))
    found = read(place)
    assert [found[f"train.rec/{key}"] for key in (0, 1, 5)] == [SOUND[f"train.rec/{key}"] for key in (0, 1, 5)]
    assert [found[f"train.rec/{key}"][1] for key in (2, 3, 4)] == [NONE, NONE, MISSING]
    subset = insightface(PEOPLE)[:4]
    assert read(written(tmp_path / "subset", subset))["train.rec/index"][1] == MISSING  # record 0 speaks of more


@pytest.mark.parametrize("line", ["5", "a\tb", "1\t-3", "1 2 3", "٣\t0", "1" * 70 + "\t0"])
def test_an_index_that_is_none_is_refused_at_its_line(tmp_path, line):
    place = written(tmp_path, FLAT)
    with (place / "train.idx").open("a", encoding="utf-8") as file:
        file.write(line)
    with pytest.raises(BadInput, match=r"Line 7 of .*train\.idx is not a key and a place\. .* take it away"):
        read(place)
    (place / "train.idx").unlink()
    assert read(place) == SOUND


@pytest.mark.parametrize("data", [b"", b"x", b"no records at all" * 999, MAGIC, MAGIC * 500])
def test_what_is_no_recordio_says_so(tmp_path, data):
    (tmp_path / "train.rec").write_bytes(data)
    with pytest.raises(BadInput, match=r"No record is in .* no RecordIO file"):
        read(tmp_path)


def test_records_are_found_again_far_behind_damage_and_on_the_borders_of_what_is_searched(tmp_path):
    for gap in (4, 4088, 4092, 4096, 4100, 12288, 3_000_000):
        data = b"\x01" * gap + framed(FLAT[0][1])
        (tmp_path / "x.rec").write_bytes(b"\0" * 4 + data)
        with (tmp_path / "x.rec").open("rb") as file:
            assert next_after(file, 2, len(data) + 4) == 4 + gap
        assert [why for _, why in read(tmp_path / "x.rec").values()] == [NONE, SOUND["train.rec/0"][1]]
    looks = b"\0" * 5 + MAGIC + struct.pack("<I", 4) + b"\0" * 7  # like a record, and not at a multiple of four
    (tmp_path / "x.rec").write_bytes(looks + framed(FLAT[0][1]))
    assert [why for _, why in read(tmp_path / "x.rec").values()] == [NONE, SOUND["train.rec/0"][1]]
    (tmp_path / "x.rec").write_bytes(b"\0" + framed(FLAT[0][1]))
    with pytest.raises(BadInput, match=r"No record is in .* no RecordIO file"):
        read(tmp_path / "x.rec")


def test_memory_is_flat_whatever_a_length_says(tmp_path):
    with (tmp_path / "train.rec").open("wb") as file:
        file.write(MAGIC + struct.pack("<I", (1 << 29) - 4))  # half a gigabyte, and it is there
        file.truncate((1 << 29) + 4)
    tracemalloc.start()
    (sample,) = samples(tmp_path)
    assert outcome(Photos(), sample) == "The record is larger than 15 MB, or its length is damaged."
    assert tracemalloc.get_traced_memory()[1] < 3 * MOST
    tracemalloc.reset_peak()
    written(tmp_path / "many", [(key, packed(0, b"x" * 40)) for key in range(3000)])
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    assert sum(1 for _ in samples(tmp_path / "many")) == 3000
    assert tracemalloc.get_traced_memory()[1] - before < 1 << 20
    tracemalloc.stop()


def test_a_set_of_two_splits_is_asked_for_one(tmp_path):
    for name in ("train", "val"):
        written(tmp_path / name, [(0, packed(0, name.encode()))])
    place = tmp_path / "both"
    place.mkdir()
    for name in ("train", "val"):
        for kind in ("rec", "idx"):
            (tmp_path / name / f"train.{kind}").rename(place / f"{name}.{kind}")
    with pytest.raises(BadInput, match="--split"):
        read(place)
    assert list(read(PhotoSource(place, split="val"))) == ["val.rec/0"]


def test_a_set_behind_a_url_is_the_same(tmp_path):
    memory = fsspec.filesystem("memory")
    place = written(tmp_path, insightface(PEOPLE))
    for name in ("train.rec", "train.idx"):
        memory.pipe_file(f"/ms1m/{name}", (place / name).read_bytes())
    try:
        assert read("memory://ms1m") == FOUND
        assert "in the order of its index" in told_of("memory://ms1m")
        memory.rm_file("/ms1m/train.idx")
        assert read("memory://ms1m/train.rec") == FOUND
    finally:
        memory.rm("/ms1m", recursive=True)
