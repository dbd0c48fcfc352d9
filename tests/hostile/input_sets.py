"""Training sets that are odd in ways that sets are, by class: each is read right, or refused in one line.

What is not listed here is changed at random in ``fuzz_inputs``, ``fuzz_sets`` and ``fuzz_records``; sets as they are
downloaded are in ``tests.lab.inputs.test_real_sets``.
"""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.lab.inputs.record_writer import insightface, written
from tests.lab.inputs.sources import jpeg, tar, write

Who = dict[str, str]
THREE = {f"{k}.jpg": jpeg(k) for k in range(3)}
NAMES = ("Renée", "Bo", "Renée")
READ = dict(zip(THREE, NAMES, strict=True))


@dataclass(frozen=True)
class Odd:
    """A set, how it is asked for, and photo to person, or a part of the line that refuses it.

    Attributes:
        name: what to call it.
        make: lays it out in a folder and returns what is given.
        found: what must become of it.
        told: options.
        unread: photos that cannot be read, each of which must say why.
    """

    name: str
    make: Callable[[Path], Path]
    found: Who | str
    told: Mapping[str, object] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


def listed(text: str, name: str = "list.csv", encoding: str = "utf-8") -> Callable[[Path], Path]:
    """A list beside three photos."""
    return lambda place: write(place, THREE | {name: text.encode(encoding)}) / name


def table(**columns: object) -> Callable[[Path], Path]:
    """A Parquet file of these columns, with row groups of two."""

    def make(place: Path) -> Path:
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), place / "t.parquet", row_group_size=2)
        return place / "t.parquet"

    return make


def rows(who: tuple[str, ...]) -> Who:
    return {f"t.parquet/{k}": person for k, person in enumerate(who)}


def packed(files: Mapping[str, bytes | str], name: str = "t.tar") -> Callable[[Path], Path]:
    return lambda place: tar(place / name, files)


def folders(*names: str) -> Callable[[Path], Path]:
    return lambda place: write(place / "set", {name: jpeg(name) for name in names})


def records(
    change: Callable[[bytes], bytes] = bytes, index: Callable[[str], str] | None = None
) -> Callable[[Path], Path]:
    """A set of InsightFace, its file changed, and its index too, or without one."""

    def make(place: Path) -> Path:
        written(place / "set", insightface([[jpeg(0), jpeg(1)], [jpeg(2)]]), index is not None)
        path = place / "set" / "train.rec"
        path.write_bytes(change(path.read_bytes()))
        if index is not None:
            lines = path.with_suffix(".idx")
            lines.write_text(index(lines.read_text()))
        return place / "set"

    return make


def zipped(place: Path) -> Path:
    """A compressed tar that is not called so."""
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            archive.addfile(tarfile.TarInfo("ann/1.jpg"))
        return write(place, {"t.tar": out.getvalue()}) / "t.tar"


PICTURES = [jpeg(k) for k in range(3)]
RECORDS = {"train.rec/1": "0", "train.rec/2": "0", "train.rec/3": "1"}
SECOND = 8 + 32 + 8 + 24 + 8  # where the picture of the set's first photo begins
TWO_DOTS = {f"{key}.jpg": jpeg(key) for key in ("a.1", "a.2", "b.1")}
CLIPS = ("ann/c1/1.jpg", "ann/c2/1.jpg", "bo/c1/1.jpg")
SPLITS = ("test/ann/1.jpg", "test/bo/1.jpg", "train/ann/2.jpg")
SEVERAL = "several columns that may name the person"
NO_NAME = "no column that is known to name the person"

# The gate takes the first of each class that is read and the first that is refused.
CLASSES: dict[str, tuple[Odd, ...]] = {
    "several columns for the person": (
        Odd("of one rank", listed("image,subject,identity\n0.jpg,1,2\n1.jpg,1,3\n"), f"{SEVERAL}: subject, identity"),
        Odd("an id first", listed("image,person_name,person_id,label\n0.jpg,x,1,9\n1.jpg,x,2,9\n2.jpg,y,1,9\n"),
            dict(zip(THREE, "121", strict=True))),
        Odd("the same in a table", table(image=PICTURES, name=["a"] * 3, label=[1, 2, 3]), f"{SEVERAL}: name, label"),
        Odd("the same in lines of JSON", listed('{"image":"0.jpg","user":1,"celeb":2}\n', "l.jsonl"), f"{SEVERAL}: user, celeb"),
        Odd("said", table(image=PICTURES, name=["a"] * 3, label=[1, 2, 3]), rows(("1", "2", "3")), {"person_column": "label"}),
        Odd("one name twice", listed("image,label,LABEL\n0.jpg,1,2\n"), f"{SEVERAL}: label, LABEL"),
        Odd("a kind of photo beside the person", listed("image,subj_id,label\n0.jpg,1,real\n1.jpg,2,real\n2.jpg,1,fake\n"),
            dict(zip(THREE, "121", strict=True))),
        Odd("a name that is no text, and a kind of photo", table(image=PICTURES, subject=[b"a", b"b", b"a"], label=[1, 1, 0]),
            "column subject of .* is of type binary"),
        Odd("numbers of a database", table(image=PICTURES, identity=pa.array([7, 8, 7], pa.decimal128(9, 2))), rows(("7", "8", "7"))),
        Odd("two with the name that is said", listed("image,who,who\n0.jpg,1,2\n"), "2 columns 'who'", {"person_column": "who"}),
        Odd("none", listed("image,age\n0.jpg,1\n"), NO_NAME),
    ),
    "lists of other programs": (
        Odd("semicolons", listed("image;person\n" + "".join(f"{k};{p}\n" for k, p in READ.items())), READ),
        Odd("Latin-1", listed("image;person\n0.jpg;Bo\n1.jpg;Renée\n", encoding="latin-1"), r"Line 3 of .* is not UTF-8"),
        Odd("tabs", listed("".join(f"{k}\t{p}\n" for k, p in READ.items()), "l.txt"), READ),
        Odd("UTF-16", listed("image\tperson\r\n" + "".join(f"{k}\t{p}\r\n" for k, p in READ.items()), "l.tsv", "utf-16"), READ),
        Odd("UTF-16 without a mark", listed("image,person\n0.jpg,Bo\n", encoding="utf-16-le"), "null characters"),
        Odd("UTF-16 without a mark, the other way", listed("image,person\n0.jpg,Bo\n", encoding="utf-16-be"), "null characters"),
        Odd("UTF-16 that is cut", lambda place: write(place, {"l.csv": "image,person\n0.jpg,Bo".encode("utf-16")[:-1]}) / "l.csv",
            r"Line 2 of .* is not UTF-16"),
        Odd("UTF-8 with a mark", listed("image|person\n0.jpg|Bo\n", encoding="utf-8-sig"), {"0.jpg": "Bo"}),
        Odd("two separators", listed("0.jpg,a;b\n1.jpg,a;c\n"), {"0.jpg": "a;b", "1.jpg": "a;c"}),
        Odd("two lists in one", listed("image,person\n0.jpg,Bo\nimage,person\n1.jpg,Bo\n"), r"Line 3 of .* names the columns again"),
        Odd("the picture itself", listed(f"image,person\n{base64.b64encode(jpeg('a picture')).decode()},Bo\n"), "Line 2 of .* holds the picture itself"),
        Odd("a name, a blank, a path", listed("Bo 0.jpg\nMo 1.jpg\n", "l.txt"), {"0.jpg": "Bo", "1.jpg": "Mo"}, {"person_column": "1"}),
        Odd("a cell too many", listed("image,person\n0.jpg,Lee, Bo\n"), r"Line 2 of .* has 3 cells"),
        Odd("an open quote", listed('image,person\n0.jpg,"Bo\n'), "unexpected end of data"),
        Odd("old line ends", listed("image,person\r0.jpg,Bo\r"), "names no photo and no known column"),
        Odd("numbers of photos", listed("name,images\nann,3\nbo,4\n"), "no column of pictures; it has name, images"),
    ),
    "shards whose names have two dots": (
        Odd("alone", packed({f"ann/{k}": v for k, v in TWO_DOTS.items()} | {"bo/c.1.jpg": b""}),
            {f"ann/{k}": "ann" for k in TWO_DOTS} | {"bo/c.1.jpg": "bo"}),
        Odd("with a name each", packed({"a.1.jpg": b"", "a.1.cls": "1", "a.2.jpg": b"", "a.2.cls": "2"}), "has 2 pictures"),
        Odd("with fields", packed({"a.1.jpg": b"", "a.2.jpg": b"", "a.json": '{"label": 1}'}), "--image-column 1.jpg"),
        Odd("one is chosen", packed({"a.1.jpg": b"", "a.2.jpg": b"", "a.cls": "7", "b.1.jpg": b"", "b.cls": "8"}),
            {"a.1.jpg": "7", "b.1.jpg": "8"}, {"image_column": "1.jpg"}),
        Odd("one picture", packed({"a.l.jpg": b"", "a.cls": "7", "b.l.jpg": b"", "b.cls": "7"}), {"a.l.jpg": "7", "b.l.jpg": "7"}),
        Odd("what a text is of", packed({"a.jpg": b"", "a.identity.txt": "ann", "a.txt": "a man", "b.png": b"", "b.identity.txt": "7"}),
            {"a.jpg": "ann", "b.png": "7"}),
        Odd("one number under two names", packed({"a.jpg": b"", "a.cls": "7", "b.jpg": b"", "b.json": '{"person": 7}'}),
            "told apart in several ways, 1 by cls of a sample, 1 by person of a sample"),
        Odd("names apart from their pictures", packed({"a.jpg": b"", "b.jpg": b"", "a.cls": "1", "b.cls": "2"}), r"Not read: 2 sample\(s\)"),
        Odd("two that name somebody", packed({"a.jpg": b"", "a.cls": "7", "a.json": '{"label": 8}'}), f"{SEVERAL}: cls, label"),
        Odd("compressed", zipped, "is not a whole, uncompressed tar"),
        Odd("a set in it", packed({"ms1m/train.rec": b"", "ms1m/train.idx": ""}), "Unpack the tar"),
    ),
    "pictures within others in a table": (
        Odd("bytes and path", table(image=[{"bytes": p, "path": "x.jpg"} for p in PICTURES], label=[1, 2, 1]), rows(("1", "2", "1"))),
        Odd("two columns", table(left=PICTURES, right=PICTURES, label=[1, 2, 1]), "several columns of pictures: left, right"),
        Odd("in lists of one", table(image=[[{"bytes": p, "path": None}] for p in PICTURES], label=[1, 2, 1]), rows(("1", "2", "1"))),
        Odd("in lists of two", table(image=[PICTURES[:2], PICTURES[:1]], label=[1, 2]), rows(("1", "2")), unread=frozenset({"t.parquet/0"})),
        Odd("numbers for bytes", table(image=pa.array([list(p) for p in PICTURES], pa.list_(pa.uint8())), label=[1, 2, 1]), rows(("1", "2", "1"))),
        Odd("in structs in structs", table(face=[{"image": {"bytes": p}} for p in PICTURES], label=[1, 2, 1]), rows(("1", "2", "1"))),
        Odd("in a struct of other names", table(jpg=[{"data": p, "name": "x"} for p in PICTURES], label=[1, 2, 1]), rows(("1", "2", "1"))),
        Odd("in base64", table(emb=[b"1234"] * 3, jpg=[base64.b64encode(p).decode() for p in PICTURES], label=[1, 2, 1]),
            "column jpg of .* holds its pictures as text"),
        Odd("numbers of four bytes", table(emb=[b"1234"] * 3, jpg=[list(p) for p in PICTURES], label=[1, 2, 1]), "column jpg of .* is of type list"),
        Odd("none there", table(image=pa.array([None, None], pa.binary()), label=[1, 2]), rows(("1", "2")),
            unread=frozenset({"t.parquet/0", "t.parquet/1"})),
        Odd("a person in a struct", table(image=PICTURES, person=[{"name": "ann"}] * 3), "column person of .* is of type struct"),
        Odd("a level of folders", table(image=PICTURES, label=[1, 2, 1]), "--person-level has no meaning", {"person_level": 1}),
    ),
    "damaged records": (
        Odd("a byte of a picture", records(lambda d: d[:SECOND] + b"\0" + d[SECOND + 1 :], str), RECORDS),
        Odd("no record", records(lambda d: bytes(len(d))), "No record is in"),
        Odd("cut", records(lambda d: d[:-30], str), RECORDS | {"train.rec/5": "train.rec/5"},
            unread=frozenset({"train.rec/5"})),
        Odd("an index of words", records(index=lambda lines: lines.replace("\t", " at ")), "Line 1 of .* is not a key and a place"),
        Odd("an index of nothing", records(index=lambda lines: ""), "No record is in"),
        Odd("a level of folders", records(index=str), "--person-level has no meaning", {"person_level": 1}),
    ),
    "folders two deep": (
        Odd("clips", folders(*CLIPS), {name: name.split("/")[0] for name in CLIPS}),
        Odd("one around all", folders(*(f"set/{name}" for name in CLIPS)), "one folder set. Say --person-level 2"),
        Odd("mixed", folders("ann/1.jpg", "bo/c1/1.jpg"), "--person-level 1 is the first"),
        Odd("the inner", folders(*CLIPS), {name: name.split("/")[1] for name in CLIPS}, {"person_level": 2}),
        Odd("too deep a level", folders(*CLIPS), "does not lie under 3", {"person_level": 3}),
        Odd("flat in one", folders("all/1.jpg", "all/2.jpg"), "lie in its one folder all. Give the list"),
        Odd("flat in one inside another", folders("a/all/1.jpg", "a/all/2.jpg"), "lie in its one folder a/all"),
        Odd("flat", folders("1.jpg", "2.jpg"), "Nothing says who is on the 2 photos"),
    ),
    "several splits": (
        Odd("folders", folders(*SPLITS), r"the split\(s\) test, train. Say which one"),
        Odd("folders, one is said", folders(*SPLITS), {"train/ann/2.jpg": "ann"}, {"split": "train"}),
        Odd("folders in a tar", packed(dict.fromkeys(SPLITS, b"")), r"the split\(s\) test, train. Say which one"),
        Odd("folders below others", folders(*(f"set_{n.split('/')[0]}/{n}" for n in SPLITS)), "set_test/test, set_train/train"),
        Odd("a column", listed("image,person,split\n0.jpg,ann,a\n1.jpg,bo,b\n"), r"the split\(s\) a, b"),
        Odd("folders called after them", folders("train_set/ann/1.jpg", "testset/ann/1.jpg", "my-val/bo/1.jpg"),
            "folders my-val, testset, train_set of .* are called like splits"),
        Odd("folders called after them, and people below", folders("train_set/ann/1.jpg", "testset/bo/1.jpg"),
            {"train_set/ann/1.jpg": "ann", "testset/bo/1.jpg": "bo"}, {"person_level": 2}),
        Odd("a column of another name", listed("image,person,set\n0.jpg,ann,train\n1.jpg,bo,test\n"), r"the split\(s\) train, test"),
        Odd("a column that says yes or no", table(image=PICTURES, label=[1, 2, 1], is_train=[True, False, True]), r"the split\(s\) true, false"),
        Odd("a column of yes and no, one is said", table(image=PICTURES, label=[1, 2, 1], is_train=[True, False, True]),
            {"t.parquet/0": "1", "t.parquet/2": "1"}, {"split": "true"}),
        Odd("a column of sets that are no splits", listed("image,person,set\n0.jpg,ann,lfw\n1.jpg,bo,celeba\n"), {"0.jpg": "ann", "1.jpg": "bo"}),
        Odd("a column, one is said", listed("image,person,split\n0.jpg,ann,a\n1.jpg,bo,b\n"), {"1.jpg": "bo"}, {"split": "b"}),
        Odd("one that is not there", folders(*SPLITS), "no split 'dev'", {"split": "dev"}),
        Odd("and photos beside", folders(*SPLITS, "ann/1.jpg"), "and photos beside them"),
        Odd("metadata above", lambda place: write(place / "set", {f"{s}/{k}.jpg": b"" for s in ("test", "train") for k in (1, 2)} | {
            "metadata.csv": "file_name,label\n" + "".join(f"{s}/{k}.jpg,{k}\n" for s in ("test", "train") for k in (1, 2))}),
            r"the split\(s\) test, train"),
    ),
}  # fmt: skip


def few_of(name: str) -> list[Odd]:
    """The first of a class that is read, and the first that is refused."""
    return [next(odd for odd in CLASSES[name] if isinstance(odd.found, str) is refused) for refused in (False, True)]


def options(told: Mapping[str, object]) -> list[str]:
    """As they are typed."""
    return [word for name, value in told.items() for word in (f"--{name.replace('_', '-')}", str(value))]
