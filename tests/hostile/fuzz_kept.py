"""What MINT itself keeps, changed at random: ``python -m tests.hostile.fuzz_kept [--minutes 10] [--seed 0] [--kind store]``.

Bundles, stores, reports and series of versions. A file, or a value of its JSON, is changed, and now and then the hashes that promise it are
mended, as a forger does. It is refused with one clear line; or it opens, as what it was or as what it then says it is,
and whoever renders it, reads it or judges with it meets no surprise. Nothing is written, unpickled or left behind.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mint.bundles import series
from mint.errors import MintError
from mint.report.files import read_report, render
from tests.hostile import bundle_files, series_files, store_files
from tests.hostile.files import MARK, in_json
from tests.hostile.fuzz import edits
from tests.hostile.rounds import Rounds, timed
from tests.report import papers

ROUND = 60  # examples of a kind in a turn
Draw = st.DrawFn
Folder = tempfile.TemporaryDirectory[str]
INSTEAD: tuple[Any, ...] = (
    None, True, 0, -1, 1, 0.5, 1e308, 10**30, "", "x", "../x", "<b>", "\ud800", [], {}, [[]], {"a": 1},
)  # fmt: skip
PLAIN_ENDS = (".", "?", ")")


def places(value: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where in a JSON value something stands."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, part in inside for path in places(part, (*above, key)))]


@st.composite
def json_edit(draw: Draw) -> Callable[[Any], Any]:
    """A value that is another one, gone, or there twice."""
    where, instead = draw(st.floats(0, 1)), draw(st.sampled_from(INSTEAD))
    kind = draw(st.sampled_from(["other", "other", "gone", "twice"]))

    def edit(value: Any) -> Any:
        found = places(value)[1:]
        if not found:
            return instead
        *above, last = found[int(where * (len(found) - 1))]
        holder = value
        for key in above:
            holder = holder[key]
        if kind == "gone":
            del holder[last]
        elif kind == "twice" and isinstance(holder, list):
            holder.append(holder[last])
        else:
            holder[last] = instead
        return value

    return edit


class Kept:
    """A kind of folder, made once, and copied and changed for every example."""

    files: tuple[str, ...]

    def __init__(self, place: Path) -> None:
        self.place = place / "whole"
        self.place.mkdir()
        self.make()
        # Read once: hypothesis keeps strategies by their arguments, and megabytes read anew for each would stay with it.
        self.contents = tuple(self.at(self.place, name).read_bytes() for name in self.files)

    def at(self, folder: Path, name: str) -> Path:
        """Where a file lies."""
        return folder / name

    def make(self) -> None:
        """Lay it out in ``place``."""
        raise NotImplementedError

    def mend(self, folder: Path, name: str) -> None:
        """Let the folder promise what its file now is."""

    def use(self, folder: Path, mended: bool) -> str:
        """Open it and go on; returns what became of it."""
        raise NotImplementedError


class Bundles(Kept):
    """A tiny bundle with everything in it."""

    files = ("bundle.json", *bundle_files.TENSORS, "evaluation.json")

    def make(self) -> None:
        bundle_files.whole(self.place)
        self.before = bundle_files.opened(self.place)

    def mend(self, folder: Path, name: str) -> None:
        if name != "bundle.json":
            bundle_files.repromise(folder / "twin-a", name)

    def at(self, folder: Path, name: str) -> Path:
        return folder / "twin-a" / name

    def use(self, folder: Path, mended: bool) -> str:
        found = bundle_files.opened(folder)
        same = (folder / "twin-a" / "bundle.json").read_bytes() == (self.place / "twin-a" / "bundle.json").read_bytes()
        assert same or bundle_files.is_fine(found, self.before), "another bundle has the old one's hash"
        assert all(gate in (True, False) for gate in found.gates.values())
        return "opened"


class Stores(Kept):
    """A store of a few photos."""

    files = (store_files.MANIFEST, store_files.ROWS, store_files.TENSORS, "rejected.csv")

    def make(self) -> None:
        store_files.whole(self.place)
        self.before = store_files.opened(self.place)

    def mend(self, folder: Path, name: str) -> None:
        if name in (store_files.ROWS, store_files.TENSORS):
            store_files.repromise(folder / "store")

    def at(self, folder: Path, name: str) -> Path:
        return folder / "store" / name

    def use(self, folder: Path, mended: bool) -> str:
        rows, numbers = store_files.opened(folder)
        assert mended or store_files.is_fine((rows, numbers), self.before), "it says something else than before"
        assert all(len(values) == len(rows) for values in numbers.values())
        assert all(isinstance(name, str) and name for name in rows.identity), "a photo is nobody's"
        return "opened"


class Reports(Kept):
    """Reports of every kind."""

    files = ("one.json", "many.json", "person.json")

    def make(self) -> None:
        (self.place / "made").mkdir()
        test = papers.make_test(self.place / "made")
        for maker in (papers.one, papers.many, papers.person):
            (self.place / f"{maker.__name__}.json").write_bytes(render(maker(test, thumbnail=True), "json"))
        shutil.rmtree(self.place / "made")

    def use(self, folder: Path, mended: bool) -> str:
        for name in self.files:
            document = read_report(folder / name)
            page = render(document, "html").decode()
            assert "<script" not in page.lower(), "a text became a part of the page"
            assert render(document, "json")
        return "rendered"


class SeriesOfVersions(Kept):
    """A series of four versions, without their bundles."""

    files = (series.INDEX, series.TABLES)

    def make(self) -> None:
        series_files.whole(self.place)

    def mend(self, folder: Path, name: str) -> None:
        if name == series.TABLES:
            series_files.repromise(folder)

    def use(self, folder: Path, mended: bool) -> str:
        found = series.load_series(folder)
        scores = np.random.default_rng(0).normal(size=(3, found.test.versions))
        for p in (found.test.p_values(scores), found.test.removal_p_values(scores)):
            assert ((p > 0) & (p <= 1)).all(), "a p-value is none"
        assert found.test.sets(scores).any(axis=1).all(), "no version is left"
        assert all(0 <= found.rate(group, 0.05).value <= 1 for group in found.tested)
        return "opened"


KINDS: dict[str, type[Bundles] | type[Stores] | type[Reports] | type[SeriesOfVersions]] = {
    "bundle": Bundles, "store": Stores, "report": Reports, "series": SeriesOfVersions,
}  # fmt: skip


@cache
def kept(kind: str) -> tuple[Bundles | Stores | Reports | SeriesOfVersions, Folder]:
    """One of a kind, and the folder that it goes with."""
    place = tempfile.TemporaryDirectory(prefix="fuzz-kept-")
    return KINDS[kind](Path(place.name)), place


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def run_one(kind: str, draw: Draw) -> str:
    """Change one and use it; returns what was changed and what became of it.

    Raises:
        AssertionError: it is used for what it is not, a refusal is not clear, or something is left behind.
    """
    sound, _ = kept(kind)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "one"
        shutil.copytree(sound.place, folder)
        name = draw(st.sampled_from(sound.files))
        path, mended = sound.at(folder, name), draw(st.booleans())
        if name.endswith(".json") and draw(st.integers(0, 3)):
            for edit in draw(st.lists(json_edit(), min_size=1, max_size=3)):
                in_json(path, edit)
        else:
            data = path.read_bytes()
            for edit_bytes in draw(st.lists(edits(sound.contents), min_size=1, max_size=3)):
                data = edit_bytes(data)
            path.write_bytes(data)
        if mended:
            try:
                sound.mend(folder, name)
            except Exception:  # what is no safetensors or Parquet any more cannot be mended: it is used as it is
                mended = False
        before = contents(folder)
        try:
            with np.errstate(all="ignore"):
                outcome = sound.use(folder, mended)
        except MintError as error:
            clear(str(error))
            outcome = "refused"
        assert contents(folder) == before, "something was changed"
        assert not Path(MARK).exists(), "something was unpickled"
    return f"{kind}, {name}{', promised' * mended}: {outcome}"


def clear(text: str) -> None:
    """Raises AssertionError if a message is not a sentence that a terminal can show."""
    assert 10 < len(text) <= 1200, text
    assert "Traceback" not in text, text
    assert all(c.isprintable() or c == "\n" for c in text), text
    assert text.rstrip().endswith(PLAIN_ENDS), text


@st.composite
def outcomes(draw: Draw, kind: str) -> str:
    """What becomes of one that was changed."""
    return run_one(kind, draw)


def main() -> None:
    """Run it, and print what came of how many."""
    parser = timed(__doc__)
    parser.add_argument("--kind", choices=sorted(KINDS), action="append", help="one of them; all, if none is named")
    asked = parser.parse_args()
    for kind in asked.kind or KINDS:
        kept(kind)
    with Rounds(asked.minutes) as rounds:
        rounds.run(asked.seed, [rounds.counting(outcomes(kind), ROUND) for kind in asked.kind or KINDS])
    rounds.print(asked.seed)


if __name__ == "__main__":
    main()
