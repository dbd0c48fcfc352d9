"""Lists, tables and tars changed at random: ``python -m tests.hostile.fuzz_inputs [--minutes 10] [--seed 0]``.

Each starts as a sound one and is then edited a few times. It is read, photo by photo, or refused with one clear line;
anything else ends the run with exit code 1 and the shortest example that hypothesis finds. Lists are also made up from
rows that are known: of these each person must be right, or the list refused.
"""

from __future__ import annotations

import csv
import io
import json
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from unicodedata import normalize

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.errors import BadPhoto, MintError
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource
from tests.hostile.fuzz import edits
from tests.hostile.rounds import Rounds, quick, timed
from tests.lab.inputs.sources import jpeg

ROUND = 100  # examples between two looks at the clock
PEOPLE = ("ann", "bob", "ann")
HEADINGS = ((), ("path", "person"), ("IMAGE", "Subject ID"), ("file_name", "label"), ("img", "id"))
TOLD = (
    {},
    {"no_person": True},
    {"person_column": "label"},
    {"person_level": 1},
    {"image_column": "jpg"},
    {"split": "train"},
)
MOST_MB = 200  # above idle: lists, tables and tars of a few kilobytes are read


@cache
def sound() -> dict[str, bytes]:
    """One of each kind: name of the file to its bytes."""
    table = pa.table(
        {"emb": [b"12345678"] * 3, "jpg": [jpeg(k) for k in range(3)], "label": PEOPLE, "split": ["train"] * 3}
    )
    struct = pa.table({"image": [{"bytes": jpeg(k), "path": f"{k}.jpg"} for k in range(3)], "person": [[1], [2], [1]]})
    classes = {
        "info": {"features": {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": ["a", "b"]}}}
    }
    named = pa.table({"image": [jpeg(k) for k in range(3)], "label": [0, 1, -1]})
    named = named.replace_schema_metadata({"huggingface": json.dumps(classes)})
    rows = "".join(f"p/{k}.jpg,{person}\n" for k, person in enumerate(PEOPLE))
    lists = {
        "heading.csv": f"path,person\n{rows}".encode(),
        "bare.csv": rows.encode(),
        "semicolons.csv": f"path;person\n{rows}".replace(",", ";").encode("utf-16"),
        "quotes.csv": b'path,person,text\n"p/1.jpg","ann","two\nlines"\n',
        "tabs.tsv": f"# a comment\n{rows}".replace(",", "\t").encode("utf-8-sig"),
        "lines.jsonl": b"".join(
            json.dumps({"image": f"{k}.jpg", "person": p}).encode() + b"\n" for k, p in enumerate(PEOPLE)
        ),
    }
    samples_of = {f"{k}.{kind}": text for k, p in enumerate(PEOPLE) for kind, text in
                  (("jpg", jpeg(k)), ("cls", p.encode()), ("json", json.dumps({"person": p}).encode()), ("txt", b"x"))}  # fmt: skip
    return {
        **lists,
        "samples.tar": _tar(samples_of),
        "folder.tar": _tar({f"{p}/{k}.jpg": jpeg(k) for k, p in enumerate(PEOPLE)}),
        "plain.parquet": _parquet(table),
        "struct.parquet": _parquet(struct),
        "named.parquet": _parquet(named),
        "stream.arrow": _arrow(table, pa.ipc.new_stream),
        "file.arrow": _arrow(named, pa.ipc.new_file),
    }


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sound file after one to six edits, and its name."""
    names = sorted(sound())
    name = draw(st.sampled_from(names))
    data = sound()[name]
    for edit in draw(st.lists(edits(tuple(sound()[n] for n in names)), min_size=1, max_size=6)):
        data = edit(data)
    return name, data


def one_line(error: MintError) -> None:
    """Raises AssertionError if a refusal is not one line."""
    assert "\n" not in str(error), error


def outcome_of(name: str, data: bytes, told: dict[str, object], folder: Path) -> str:
    """``read``, or the kind of what it was refused with.

    Raises:
        AssertionError: a refusal is not one line, or a photo is nobody's.
    """
    (folder / name).write_bytes(data)
    photos = Photos()
    try:
        for sample in samples(PhotoSource(folder / name, side="members", **told)):  # type: ignore[arg-type]
            assert sample.id, sample
            assert sample.identity, sample
            try:
                photos.read(sample)
            except BadPhoto as error:
                one_line(error)
    except MintError as error:
        one_line(error)
        return type(error).__name__
    return "read"


marks = st.sampled_from(["#", "# ", '"', ",", ";", "\t", "|", "\n#", "a.jpg", "label"])
cells = (
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5) | marks, max_size=4)
    .map("".join)
    .map(str.strip)
)
columns = st.lists(st.tuples(cells.filter(bool), cells), min_size=1, max_size=6)


@st.composite
def lists(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, str]]]:
    """A list as some program writes it, and its rows: path and person."""
    # Of a path on more than one line nobody could say whether it is a comment.
    rows = [(f"p/{' '.join(path.split()).replace(chr(92), '/')}.jpg", person) for path, person in draw(columns)]
    heading = draw(st.sampled_from(HEADINGS))
    turned = draw(st.booleans())
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=draw(st.sampled_from(",;\t|")),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
    )
    for row in [heading] * bool(heading) + rows:
        writer.writerow(row[::-1] if turned else row)
    return text.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))), rows


def right_or_refused(data: bytes, rows: list[tuple[str, str]], folder: Path) -> str:
    """``read`` or ``refused``.

    Raises:
        AssertionError: it was read, and somebody is somebody else.
    """
    (folder / "list.csv").write_bytes(data)
    try:
        found = [(s.id, s.identity) for s in samples(PhotoSource(folder / "list.csv"))]
    except MintError as error:
        one_line(error)
        return "refused"
    assert found == [(path, normalize("NFC", person) or path) for path, person in rows]
    return "read"


def _tar(files: dict[str, bytes]) -> bytes:
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode="w") as archive:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        return out.getvalue()


def _parquet(table: pa.Table) -> bytes:
    with io.BytesIO() as out:
        pq.write_table(table, out, row_group_size=2)
        return out.getvalue()


def _arrow(table: pa.Table, kind: object) -> bytes:
    with io.BytesIO() as out:
        with kind(out, table.schema) as writer:  # type: ignore[operator]
            writer.write_table(table, max_chunksize=2)
        return out.getvalue()


def main() -> None:
    """Run it, and print what came of how many."""
    asked = timed(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as place, Rounds(asked.minutes, MOST_MB) as rounds:

        @settings(quick, max_examples=ROUND)
        @given(changed(), st.sampled_from(TOLD))
        def edited(made: tuple[str, bytes], told: dict[str, object]) -> None:
            rounds.tell(f"{made[0]}: {outcome_of(*made, told, Path(place))}")

        @settings(quick, max_examples=ROUND)
        @given(lists())
        def made_up(made: tuple[bytes, list[tuple[str, str]]]) -> None:
            rounds.tell(f"lists: {right_or_refused(*made, Path(place))}")

        rounds.run(asked.seed, [edited, made_up])
    rounds.print(asked.seed)


if __name__ == "__main__":
    main()
