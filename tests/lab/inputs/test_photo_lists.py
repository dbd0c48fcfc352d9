import gc
import io
import json
import tarfile
import tracemalloc
import weakref

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.local import LocalFileSystem

from mint.errors import BadInput, BadPhoto
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos, Sample, Stamps, fingerprint
from mint.lab.inputs.source import PhotoSource


def tar(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def folder(path, files):
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def read(source):
    """Id to (identity, bytes) of all that a source holds, in order."""
    photos = Photos()
    return {s.id: (s.identity, photos.read(s)) for s in samples(source)}


FILES = {"ann/1.jpg": b"a1", "ann/2.PNG": b"a2", "bob/1.webp": b"b1", "cleo/x.jpeg": b"c", "bob/notes.doc": b"-"}
FOUND = {
    "ann/1.jpg": ("ann", b"a1"),
    "ann/2.PNG": ("ann", b"a2"),
    "bob/1.webp": ("bob", b"b1"),
    "cleo/x.jpeg": ("cleo", b"c"),
}


def test_a_folder_and_a_tar_of_it_hold_the_same_samples(tmp_path):
    place = folder(tmp_path / "photos", FILES | {".hidden.jpg": b"x", "ann/._1.jpg": b"x"})
    assert read(place) == FOUND
    assert list(read(place)) == sorted(FOUND)
    assert read(tar(tmp_path / "photos.tar", FILES | {"ann/._1.jpg": b"x"})) == FOUND
    assert read(f"file://{place}") == FOUND


def test_a_photo_given_by_itself(tmp_path):
    folder(tmp_path, {"ann/1.jpg": b"a1"})
    assert read(tmp_path / "ann" / "1.jpg") == {"1.jpg": ("1.jpg", b"a1")}


def test_links_to_people_are_followed_and_a_loop_ends(tmp_path):
    place = folder(tmp_path / "photos", {"ann/1.jpg": b"a1"})
    folder(tmp_path / "elsewhere", {"1.jpg": b"b1"})
    (place / "bob").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (place / "ann" / "up").symlink_to(place, target_is_directory=True)
    (place / "ann" / "2.jpg").symlink_to(place / "ann" / "1.jpg")
    assert read(place) == {"ann/1.jpg": ("ann", b"a1"), "ann/2.jpg": ("ann", b"a1"), "bob/1.jpg": ("bob", b"b1")}


@pytest.mark.parametrize(
    "text",
    ["person,path\nann,p/1.jpg\nbob,p/2.jpg\n", "p/1.jpg,ann\np/2.jpg,bob\n", "﻿File, Label, x\n p/1.jpg , ann,1\n\np/2.jpg,bob,2\n"],
)  # fmt: skip
def test_a_list_with_and_without_a_heading(tmp_path, text):
    folder(tmp_path, {"p/1.jpg": b"1", "p/2.jpg": b"2"})
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    assert read(tmp_path / "list.csv") == {"p/1.jpg": ("ann", b"1"), "p/2.jpg": ("bob", b"2")}


def test_a_list_of_photos_alone(tmp_path):
    folder(tmp_path, {"1.jpg": b"1"})
    (tmp_path / "list.csv").write_text(f"path\n1.jpg\n{tmp_path}/2.jpg\n")
    with pytest.raises(BadInput, match="no column that is known to name the person; it has path"):
        list(samples(tmp_path / "list.csv"))
    found = list(samples(PhotoSource(tmp_path / "list.csv", no_person=True)))
    assert [s.identity for s in found] == ["1.jpg", f"{tmp_path}/2.jpg"]
    with pytest.raises(BadPhoto, match="cannot be read"):  # a photo that is gone is that photo's trouble only
        Photos().read(found[1])


def hugging_face(labels, features=None):
    pictures = [{"bytes": f"p{k}".encode(), "path": f"{k}.jpg"} for k in range(len(labels))]
    table = pa.table({"image": pictures, "label": labels})
    if features is None:
        return table
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


FEATURES = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": ["ann", "bob"]}}


def test_hugging_face_datasets_in_parquet_and_arrow(tmp_path):
    table = hugging_face([1, 0, 1, 0, -1], FEATURES)
    (tmp_path / "d").mkdir()
    pq.write_table(table, tmp_path / "d" / "train-0.parquet", row_group_size=2)
    with pa.OSFile(str(tmp_path / "d" / "train-1.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
        out.write_table(table, max_chunksize=2)
    with pa.OSFile(str(tmp_path / "d" / "cache-1.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
        out.write_table(table)
    (tmp_path / "d" / "state.json").write_text("{}")
    found = read(tmp_path / "d")
    expected = {}
    for name in ("train-0.parquet", "train-1.arrow"):
        for row, person in enumerate(("bob", "ann", "bob", "ann", f"{name}/4")):  # -1 is nobody
            expected[f"{name}/{row}"] = (person, f"p{row}".encode())
    assert found == expected
    with pa.OSFile(str(tmp_path / "f.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as out:
        out.write_table(table)
    assert [person for person, _ in read(tmp_path / "f.arrow").values()] == ["bob", "ann", "bob", "ann", "f.arrow/4"]


def test_a_table_of_bytes_without_people_and_of_paths(tmp_path):
    pq.write_table(pa.table({"age": [1, 2], "jpg": [b"x", b"y"]}), tmp_path / "t.parquet")
    with pytest.raises(BadInput, match="no column that is known to name the person; it has age, jpg"):
        list(samples(tmp_path / "t.parquet"))
    assert read(PhotoSource(tmp_path / "t.parquet", no_person=True)) == {
        "t.parquet/0": ("t.parquet/0", b"x"),
        "t.parquet/1": ("t.parquet/1", b"y"),
    }
    folder(tmp_path, {"p/1.jpg": b"beside"})
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    rows = pa.array([{"bytes": None, "path": "p/1.jpg"}, None], kind)
    pq.write_table(pa.table({"image": rows, "name": ["ann", None]}), tmp_path / "u.parquet")
    first, second = samples(tmp_path / "u.parquet")
    assert (first.identity, Photos().read(first)) == ("ann", b"beside")
    with pytest.raises(BadPhoto):
        Photos().read(second)


def test_what_is_no_input_says_so(tmp_path):
    with pytest.raises(BadInput, match="nothing at"):
        list(samples(tmp_path / "nowhere"))
    with pytest.raises(BadInput, match="no photos in"):
        list(samples(tmp_path))
    with pytest.raises(BadInput, match="is not a folder"):
        list(samples(folder(tmp_path / "a", {"x.docx": b"x"}) / "x.docx"))
    whole = tar(tmp_path / "cut.tar", {"a/1.jpg": b"x" * 5000}).read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[:2000])
    with pytest.raises(BadInput, match="not a whole, uncompressed tar"):
        list(samples(tmp_path / "cut.tar"))
    with tarfile.open(tmp_path / "z.tar", "w:gz") as archive:
        archive.add(tmp_path / "a", "a")
    with pytest.raises(BadInput, match="gunzip"):
        list(samples(tmp_path / "z.tar"))
    for name in ("t.parquet", "t.arrow"):
        (tmp_path / name).write_bytes(b"not a table")
        with pytest.raises(BadInput, match="not a whole table"):
            list(samples(tmp_path / name))
    pq.write_table(pa.table({"a": [1]}), tmp_path / "n.parquet")
    with pytest.raises(BadInput, match="no column of pictures"):
        list(samples(tmp_path / "n.parquet"))
    (tmp_path / "list.csv").write_text("path,person\n,ann\n")
    with pytest.raises(BadInput, match=r"Line 2 of .* names no photo"):
        list(samples(tmp_path / "list.csv"))
    with pytest.raises(BadInput, match="cannot be opened"):
        list(samples("nosuch://bucket/photos"))


def test_a_file_larger_than_a_photo_may_be_is_not_read_whole(tmp_path):
    with (tmp_path / "big.jpg").open("wb") as file:
        file.truncate(1 << 30)
    tracemalloc.start()
    data = Photos().read(next(samples(tmp_path / "big.jpg")))
    assert len(data) == 15 * 2**20 + 1  # one byte more than is allowed: decoding will refuse it
    assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    tracemalloc.stop()


class Entry(dict):
    """An entry of a folder's listing that can be watched."""


def test_memory_does_not_grow_with_the_number_of_photos(tmp_path, monkeypatch):
    people, photos = 30, 20
    files = {f"{name:04d}/{k}.jpg": b"x" for name in range(people) for k in range(photos)}
    listed = []

    def watched(fs, path, **options):
        entries = [Entry(entry) for entry in ls(fs, path, **options)]
        listed.extend(map(weakref.ref, entries))
        return entries

    ls = LocalFileSystem.ls
    monkeypatch.setattr(LocalFileSystem, "ls", watched)
    for number, _ in enumerate(samples(folder(tmp_path / "f", files)), 1):
        if number == len(files):
            assert len(listed) == people + len(files)
            assert sum(entry() is not None for entry in listed) <= people + photos, "more than a listing a level"
    assert number == len(files)
    for number, _ in enumerate(samples(tar(tmp_path / "f.tar", files)), 1):
        if number == len(files):
            gc.collect()
            entries = sum(type(found) is tarfile.TarInfo for found in gc.get_objects())
            assert 0 < entries <= 3, "tarfile remembers every file"
    assert number == len(files)


def test_a_stamp_tells_that_a_photo_may_have_changed_wherever_it_lies(tmp_path):
    photo = tmp_path / "1.jpg"
    photo.write_bytes(b"one")
    pq.write_table(pa.table({"image": ["1.jpg"], "person": ["ann"]}), tmp_path / "t.parquet")
    pack = tmp_path / "x.tar"
    pack.write_bytes(b"tar")
    places = [
        Sample("a", "ann", str(photo)),
        Sample("a", "ann", str(tmp_path / "t.parquet"), 0, None, "image"),  # a table that names the file
        Sample("a", "ann", str(pack), 512, 3),
        Sample("a", "ann", "memory://stamps/1.jpg"),
        Sample("a", "ann", "memory://stamps/1.jpg", 0, 3),
    ]
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/stamps/1.jpg", b"one")
    before = [Stamps().of(place) for place in places]
    assert before == [Stamps().of(place) for place in places]
    assert before[0] == before[1]
    assert before[2] != Stamps().of(Sample("b", "ann", str(pack), 1024, 3))
    photo.write_bytes(b"others")
    pack.write_bytes(b"another")
    memory.pipe_file("/stamps/1.jpg", b"others")
    after = [Stamps().of(place) for place in places]
    assert all(one and two and one != two for one, two in zip(before, after, strict=True))
    memory.rm("/stamps", recursive=True)
    photo.unlink()
    assert Stamps().of(places[0]) == "gone"
    assert Stamps().of(Sample("a", "ann", "https://example.com/1.jpg")) == ""  # nothing is asked for
    seen = Stamps()
    for name in ("p/1.jpg", "q/1.jpg"):
        memory.pipe_file(f"/stamps/{name}", b"one")
    one, other = (Sample("a", "ann", f"memory://stamps/{name}") for name in ("p/1.jpg", "q/1.jpg"))
    assert [bool(seen.of(some)) for some in (one, other, one)] == [True, True, False]  # a list in no order
    memory.rm("/stamps", recursive=True)


def test_the_fingerprint_tells_people_and_order_but_not_places():
    one, two = Sample("a", "ann", "/x/a"), Sample("b", "bob", "/x/b")
    assert fingerprint([one, two]) == fingerprint([Sample("a", "ann", "s3://y/a", 5, 7), two])
    others = ([two, one], [one], [one, Sample("b", "ann", "/x/b")])
    assert len({fingerprint(some) for some in ([one, two], *others)}) == 4
