"""Lists of photos over versions, and series: ``python -m tests.hostile.fuzz_series [--minutes 10] [--seed 0]``.

A list as ``mint lab series`` takes it is made up from rows that are known, in whatever way programs write lists; what is read says
just that, or it is refused in one clear line. A sound list is also changed at random. And a series that was changed is given to
``mint audit PHOTO --versions`` with its bundles: an answer and exit code 0, or one line and 1. Nothing is written.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from functools import cache
from pathlib import Path
from unicodedata import normalize

from hypothesis import strategies as st

from mint.bundles.files import load_bundle
from mint.bundles.series import INDEX, TABLES, save_series
from mint.errors import MintError
from mint.lab.versions.fit import NEVER
from mint.lab.versions.series import COLUMNS, read_list
from tests.hostile import series_files
from tests.hostile.cases import FACE
from tests.hostile.files import in_json
from tests.hostile.fuzz import edits
from tests.hostile.fuzz_inputs import one_line
from tests.hostile.fuzz_kept import clear, contents, json_edit
from tests.hostile.fuzz_sets import names
from tests.hostile.rounds import Rounds, timed
from tests.lab.versions.made_up_series import NAMES, bundles
from tests.shell import typed

Draw = st.DrawFn
Folder = tempfile.TemporaryDirectory[str]
VERSIONS, ROUND = 4, 60
Row = tuple[str, str, int, int]  # name of the photo, person, first and out as ``Listed`` has them
PHOTOS = ("0.jpg", "p/1.jpg", "p/q/2.png", "a b.jpg", "é;x.jpg", "x,y.jpg", "#1.jpg", '"q".png')


@cache
def photos() -> Folder:
    """A folder of all photos, which are empty: nobody opens them."""
    place = tempfile.TemporaryDirectory(prefix="fuzz-series-")
    for name in PHOTOS:
        path = Path(place.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return place


@st.composite
def rows(draw: Draw) -> list[Row]:
    """What a list says."""
    found = []
    for photo in draw(st.lists(st.sampled_from(PHOTOS), min_size=1, unique=True)):
        first = draw(st.sampled_from([NEVER, *range(VERSIONS)]))
        gone = first not in (NEVER, VERSIONS - 1) and draw(st.booleans())
        found.append((photo, draw(names), first, draw(st.integers(first + 1, VERSIONS - 1)) if gone else VERSIONS))
    return found


@st.composite
def written(draw: Draw, known: list[Row]) -> bytes:
    """These rows as some program writes them."""
    order = draw(st.permutations(range(len(COLUMNS))))
    point, slash = draw(st.booleans()), draw(st.booleans())
    decomposed = draw(st.booleans())
    upper = draw(st.booleans())

    def number(value: int, none: int) -> str:
        return "" if value == none else f"{value + 1}{'.0' * point}"

    lines = [[name.upper() if upper else name for name in COLUMNS]]
    for photo, person, first, out in known:
        name = photo.replace("/", "\\") if slash else photo
        who = normalize("NFD", person) if decomposed else person
        lines.append([name, who, number(first, NEVER), number(out, VERSIONS)])
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter=draw(st.sampled_from(",;\t|")), lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )  # fmt: skip
    for line in lines:
        writer.writerow([line[k] for k in order])
    before = draw(st.sampled_from(["", "# versions of May\n", "\n"]))
    said, encoding = before + text.getvalue(), draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    fits = encoding != "latin-1" or all(ord(c) < 256 for c in said)
    return said.encode(encoding if fits else "utf-8")


def read(data: bytes) -> list[Row] | None:
    """What is read of a list beside the photos, or None where it is refused.

    Raises:
        AssertionError: not in one clear line, or something else was changed.
    """
    folder = Path(photos().name)
    path = folder / "list.csv"
    path.write_bytes(data)
    before = contents(folder)
    told: list[str] = []
    try:
        found = read_list(path, VERSIONS, told.append)
    except MintError as error:
        one_line(error)
        clear(str(error))
        return None
    finally:
        assert contents(folder) == before, "something was changed"
    who = {one.person for one in found}
    assert told[0].startswith(f"list.csv: {len(found)} photo{'s' * (len(found) > 1)} of {len(who)} p"), told
    for one in found:
        assert one.person
        assert one.photo.is_file()
        assert one.first == NEVER or 0 <= one.first < one.out <= VERSIONS
    return [(one.photo.relative_to(folder).as_posix(), one.person, one.first, one.out) for one in found]


@st.composite
def made_up(draw: Draw) -> str:
    """A list of known rows."""
    known = draw(rows())
    found = read(draw(written(known)))
    if found is None:
        return "made up: refused"
    wanted = [(photo, normalize("NFC", person.strip()), first, out) for photo, person, first, out in known]
    assert found == wanted, f"{found} instead of {wanted}"
    return "made up: read"


@st.composite
def changed(draw: Draw) -> str:
    """A list of known rows, changed at random: whoever is read of it is possible."""
    data = draw(written(draw(rows())))
    for edit in draw(st.lists(edits((data,)), min_size=1, max_size=4)):
        data = edit(data)
    return f"changed: {'refused' if read(data) is None else 'read'}"


@cache
def series() -> tuple[Path, Folder]:
    """A series with its bundles, and the folder that it goes with."""
    place = tempfile.TemporaryDirectory(prefix="fuzz-series-")
    folder = Path(place.name)
    bundles(folder)
    cores = tuple(load_bundle(folder / name).core_sha256 for name in NAMES)
    save_series(replace(series_files.series(folder), cores=cores), folder / "series")
    return folder, place


def audited(folder: Path) -> tuple[int, str, str]:
    """Exit code, and what ``mint audit PHOTO --versions`` prints on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = typed(["audit", str(FACE), "--versions", str(folder), "--json"])
    return code, out.getvalue(), err.getvalue()


@st.composite
def asked(draw: Draw) -> str:
    """A series with a file changed, at the shell."""
    around, _ = series()
    place = around / "series"
    name = draw(st.sampled_from([INDEX, TABLES]))
    path, kept = place / name, {path: path.read_bytes() for path in place.iterdir()}
    try:
        if name == INDEX and draw(st.integers(0, 3)):
            for edit in draw(st.lists(json_edit(), min_size=1, max_size=3)):
                in_json(path, edit)
        else:
            data = path.read_bytes()
            for change in draw(st.lists(edits(tuple(kept.values())), min_size=1, max_size=3)):
                data = change(data)
            path.write_bytes(data)
        if name == TABLES and draw(st.booleans()):
            series_files.repromise(place)
        before = contents(around)
        code, said, failed = audited(place)
        assert contents(around) == before, "something was changed"
    finally:
        for other, data in kept.items():
            other.write_bytes(data)
    assert "Traceback" not in said + failed, failed
    if code:
        assert not said.strip() or json.loads(said), said
        assert " ".join(failed.split()).count("mint: ") == 1, failed
        return f"at the shell, {name}: refused"
    assert json.loads(said)
    return f"at the shell, {name}: answered"


PARTS: dict[str, Callable[[], st.SearchStrategy[str]]] = {"made up": made_up, "changed": changed, "shell": asked}


def main() -> None:
    """Run it, and print what came of how many."""
    asked_for = timed(__doc__).parse_args()
    assert audited(series()[0] / "series")[0] == 0
    with Rounds(asked_for.minutes) as rounds:
        turns = {"made up": ROUND, "changed": ROUND, "shell": 3}
        rounds.run(asked_for.seed, [rounds.counting(PARTS[part](), count) for part, count in turns.items()])
    rounds.print(asked_for.seed)


if __name__ == "__main__":
    main()
