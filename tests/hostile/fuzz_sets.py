"""Sets made up at random in every layout: ``python -m tests.hostile.fuzz_sets [--minutes 10] [--seed 0] [--reader tar]``.

Who is on which photo is known before a set is written. What is read must say just that, or be refused with one clear
line; no photo is lost without a word, and nothing in the set changes. Anything else ends the run with exit code 1 and
the shortest example that hypothesis finds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from mint.errors import MintError
from mint.lab.inputs.layout import SPLITS
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource, Reading
from mint.lab.store.census import take_census
from tests.hostile.fuzz_inputs import MOST_MB, ROUND, one_line
from tests.hostile.rounds import Rounds, timed
from tests.lab.inputs.record_writer import insightface, packed, written
from tests.lab.inputs.sources import jpeg, tar, write
from tests.lab.photos import tree

Files = dict[str, bytes | str]
Draw = st.DrawFn
# Names that readers know for something else stand beside those that they do not.
WORDS = (
    "ann",
    "bo",
    "Zoë",
    "test",
    "Train",
    "data",
    "val",
    "x.y",
    "1",
    "01",
    "-1",
    "None",
    "Dev",
    "n000001",
    "a b",
    "é",
)
EXTRA: Files = {
    "README.txt": "faces", ".DS_Store": b"\0", "__MACOSX/ann/._1.jpg": b"\0", "pairs.csv": "name,imagenum1,imagenum2\nann,1,2\n",
    "more.zip": b"PK", "metadata.json": "{}",
}  # fmt: skip
letters = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters='/\\"'), min_size=1, max_size=4
)
names = st.sampled_from(WORDS) | letters.filter(lambda name: name.strip(".") and not name.startswith((".", "~")))


@dataclass(frozen=True)
class Made:
    """A set that was made up.

    Attributes:
        kind: how it is laid out.
        place: what is given.
        right: photo's bytes to its person, or None where nothing names one.
        told: options.
        splits: photo's bytes to the split that it is of, where there are any.
    """

    kind: str
    place: Path
    right: dict[bytes, str | None]
    told: dict[str, object] = field(default_factory=dict)
    splits: dict[bytes, str] = field(default_factory=dict)


Maker = Callable[[Draw, Path], Made]


def people(draw: Draw, most: int = 3) -> list[str]:
    """Whom the photos show, photo by photo; folders of one name in another case are one on some disks, so there are none."""
    known = draw(st.lists(names, min_size=1, max_size=3, unique_by=lambda name: normalize("NFC", name).casefold()))
    return [name for name in known for _ in range(draw(st.integers(1, most)))]


def folder(draw: Draw, place: Path) -> Made:
    """Folders of people, also within or around others, as files or in a tar."""
    who = people(draw)
    # A person with clips who is called like a split is one, by the rule that stands in docs/own-network.md.
    ways = ["person", "around/person", "split/person", "around/split/person", "person/split"]
    ways += ["person/clip"] * (not any(person.casefold() in SPLITS for person in who))
    way = draw(st.sampled_from(ways))
    splits = draw(st.lists(st.sampled_from(["train", "test", "Val"]), min_size=1, max_size=2, unique=True))
    around = draw(letters)
    photos: Files = {}
    right: dict[bytes, str | None] = {}
    of_split = {}
    for k, person in enumerate(who):
        split = splits[k % len(splits)]
        parts = {"person": person, "clip": f"c{k % 2}", "around": around, "split": split}
        name = "/".join(parts[part] for part in way.split("/")) + f"/{k}.jpg"
        photos[name], right[jpeg(k)] = jpeg(k), person
        if "split" in way:
            of_split[jpeg(k)] = split.casefold()
    if draw(st.booleans()):
        photos |= dict(draw(st.lists(st.sampled_from(sorted(EXTRA.items())), max_size=3, unique=True)))
    told: dict[str, object] = {}
    if draw(st.booleans()):
        told["person_level"] = way.split("/").index("person") + 1
    if of_split and draw(st.booleans()):
        told["split"] = draw(st.sampled_from(splits))
    if draw(st.booleans()):
        return Made(f"folder, {way}", write(place / "set", photos), right, told, of_split)
    return Made(f"tar, {way}", tar(place / "set.tar", photos), right, told, of_split)


def shards(draw: Draw, place: Path) -> Made:
    """Samples of WebDataset, whose people stand in a file beside each picture."""
    who = people(draw)
    field_ = draw(st.sampled_from(["cls", "json:person", "json:label", "txt", "id"]))
    dots, at = draw(st.booleans()), draw(st.sampled_from(["", "w/", "train/"]))
    files: Files = {}
    for k, person in enumerate(who):
        key = f"{at}k{k}" if not dots else f"{at}k{k}.{draw(st.integers(0, 1))}"
        beside = (
            (f"{key}.json", json.dumps({field_[5:]: person}))
            if field_.startswith("json")
            else (f"{key}.{field_}", person)
        )
        both = [(f"{key}.jpg", jpeg(k)), beside]
        files |= dict(both if draw(st.booleans()) else both[::-1])
    right: dict[bytes, str | None] = {jpeg(k): person for k, person in enumerate(who)}
    told: dict[str, object] = {"person_column": "txt"} if field_ == "txt" and draw(st.booleans()) else {}
    if field_ == "txt" and not told:  # a caption, which names nobody: the folder does
        right = dict.fromkeys(right, "w" if at == "w/" else None)
    return Made(f"shards, {field_}", tar(place / "s.tar", files), right, told)


def table(draw: Draw, place: Path) -> Made:
    """Parquet with the pictures in one of the usual ways, and people as texts, numbers or classes."""
    who: list[str | None] = list(people(draw))
    gaps = draw(st.booleans())
    if gaps and len(who) > 1:
        who[draw(st.integers(0, len(who) - 1))] = None
    raw = [jpeg(k) for k in range(len(who))]
    way = draw(st.sampled_from(["bytes", "struct", "list", "numbers", "dictionary"]))
    pictures = {
        "bytes": lambda: pa.array(raw, pa.binary()),
        "struct": lambda: pa.array([{"bytes": one, "path": "x.jpg"} for one in raw]),
        "list": lambda: pa.array([[one] for one in raw], pa.list_(pa.binary())),
        "numbers": lambda: pa.array([list(one) for one in raw], pa.list_(pa.uint8())),
        "dictionary": lambda: pa.array(raw, pa.binary()).dictionary_encode(),
    }[way]()
    kind = draw(st.sampled_from(["text", "dictionary", "number", "real", "class"]))
    known = sorted({name for name in who if name is not None})
    numbers = [None if name is None else known.index(name) for name in who]
    values = {
        "text": lambda: pa.array(who, pa.string()),
        "dictionary": lambda: pa.array(who, pa.string()).dictionary_encode(),
        "number": lambda: pa.array(numbers, pa.int64()),
        "real": lambda: pa.array(numbers, pa.float64()),
        "class": lambda: pa.array([-1 if number is None else number for number in numbers], pa.int64()),
    }[kind]()
    said = who if kind in ("text", "dictionary", "class") else [None if n is None else str(n) for n in numbers]
    column = draw(st.sampled_from(["person", "Subject-ID", "label", "who", "id"]))
    others: list[dict[str, object]] = [{}, {"age": [3] * len(who)}, {"caption": ["x.jpg"] * len(who)}]
    if column not in ("who", "id"):  # else it would be the one that is known
        others.append({"label_name": ["x"] * len(who)})
    more = draw(st.sampled_from(others))
    made = pa.table({"image": pictures, column: values, **more})
    if kind == "class":
        features = {column: {"_type": "ClassLabel", "names": known}}
        made = made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    place.mkdir(exist_ok=True)
    pq.write_table(made, place / "t.parquet", row_group_size=draw(st.integers(1, 3)))
    told: dict[str, object] = {"person_column": column} if draw(st.booleans()) else {}
    return Made(f"table, {kind}", place / "t.parquet", dict(zip(raw, said, strict=True)), told)


def records(draw: Draw, place: Path) -> Made:
    """RecordIO, as InsightFace lays it out or bare, in a folder, one deeper, or by its name."""
    counts = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    who = [str(person) for person, count in enumerate(counts) for _ in range(count)]
    each = iter(range(len(who)))
    if draw(st.booleans()):
        made = insightface([[jpeg(next(each)) for _ in range(count)] for count in counts])
    else:
        made = [(k, packed(float(person), jpeg(k), k)) for k, person in enumerate(who)]
    name = draw(st.sampled_from(["train", "ms1m", "data"]))
    written(place / "set", made, draw(st.booleans()), name)
    given_ = draw(st.sampled_from(["folder", "deeper", "file"]))
    where = {"folder": place / "set", "deeper": place, "file": place / "set" / f"{name}.rec"}[given_]
    apart = "set/" if given_ == "deeper" else ""
    return Made(f"records, {given_}", where, {jpeg(k): f"{apart}{person}" for k, person in enumerate(who)})


def metadata(draw: Draw, place: Path) -> Made:
    """An ImageFolder whose metadata names the people, with its splits above or below."""
    who = people(draw)
    splits = draw(st.lists(st.sampled_from(["train", "test"]), max_size=2, unique=True))
    above = draw(st.booleans()) or not splits
    kind = draw(st.sampled_from(["csv", "jsonl", "parquet"]))
    column = draw(st.sampled_from(["label", "identity", "person_id"]))
    rows: dict[str, list[tuple[str, str]]] = {}
    files: Files = {}
    of_split = {}
    for k, person in enumerate(who):
        split = splits[k % len(splits)] if splits else ""
        name = f"{split}/{k}.jpg".lstrip("/")
        files[name] = jpeg(k)
        rows.setdefault("" if above else f"{split}/", []).append((name if above else f"{k}.jpg", person))
        if split:
            of_split[jpeg(k)] = split
    root = write(place / "set", files)
    for where, listed in rows.items():
        path = root / f"{where}metadata.{kind}"
        if kind == "parquet":
            pq.write_table(pa.table({"file_name": [a for a, _ in listed], column: [b for _, b in listed]}), path)
        elif kind == "csv":
            quoted = "".join(f'"{a}","{b}"\n' for a, b in listed)
            path.write_text(f"file_name,{column}\n{quoted}", "utf-8")
        else:
            path.write_text("".join(json.dumps({"file_name": a, column: b}) + "\n" for a, b in listed), "utf-8")
    told: dict[str, object] = {"split": splits[0]} if splits and draw(st.booleans()) else {}
    right: dict[bytes, str | None] = {jpeg(k): person for k, person in enumerate(who)}
    return Made(f"metadata.{kind}", root, right, told, of_split)


READERS: dict[str, Maker] = {
    "folder": folder, "shards": shards, "table": table, "records": records, "metadata": metadata,
}  # fmt: skip


def right_or_refused(made: Made, around: Path) -> str:
    """``read`` or ``refused``.

    Args:
        made: the set.
        around: the folder that it lies in, in which nothing may change.

    Raises:
        AssertionError: somebody is somebody else, splits are pooled, or photos are lost without a word.
    """
    before = tree(around)
    source = PhotoSource(made.place, **made.told)  # type: ignore[arg-type]
    reading, photos, found = Reading(source), Photos(), dict[bytes, tuple[str, str]]()
    try:
        for sample in samples(source, reading):
            data = photos.read(sample)
            assert data not in found, "a photo twice"
            found[data] = (sample.identity, sample.id)
    except MintError as error:
        one_line(error)
        return "refused"
    finally:
        assert tree(around) == before, "the set was changed"
    taken = {made.splits[data] for data in found if data in made.splits}
    together = "read together" in " ".join(reading.rules)
    assert len(taken) < 2 or together, f"splits are pooled: {taken}"
    due = {data for data in made.right if not taken or together or made.splits.get(data) in taken}
    left = " ".join(reading.rules)
    assert found.keys() == due or "not read:" in left, f"{len(due - found.keys())} lost, {len(found.keys() - due)} came"
    for data, (identity, name) in found.items():
        person = made.right[data]
        # A photo that is alone, and lies in no folder that is a person's, is of nobody in particular.
        alone = len(found) == 1 and identity == name
        wanted = name if person is None else normalize("NFC", person.strip()) or name
        assert identity == wanted or alone, f"{name}: {identity!r} instead of {wanted!r}"
    _counted(source, found)
    return "read"


def _counted(source: PhotoSource, found: dict[bytes, tuple[str, str]]) -> None:
    """The census counts what was read, or refuses it."""
    try:
        side = take_census({"non-members": source}).sides["non-members"]
    except MintError as error:
        one_line(error)
        return
    assert (side.photos, side.people) == (len(found), len({identity for identity, _ in found.values()}))


def run_one(reader: str, draw: Draw) -> str:
    """Make up one set and read it; returns its kind and what became of it."""
    with tempfile.TemporaryDirectory() as place:
        made = READERS[reader](draw, Path(place))
        return f"{made.kind}: {right_or_refused(made, Path(place))}"


@st.composite
def outcomes(draw: Draw, reader: str) -> str:
    """What becomes of one set of a reader."""
    return run_one(reader, draw)


def main() -> None:
    """Run it, and print what came of how many."""
    parser = timed(__doc__)
    parser.add_argument("--reader", choices=sorted(READERS), action="append", help="one of them; all, if none is named")
    asked = parser.parse_args()
    with Rounds(asked.minutes, MOST_MB) as rounds:
        rounds.run(asked.seed, [rounds.counting(outcomes(reader), ROUND) for reader in asked.reader or READERS])
    rounds.print(asked.seed)


if __name__ == "__main__":
    main()
