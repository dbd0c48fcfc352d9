"""Two versions of MINT side by side: ``python -m tests.benchmarks.side_by_side --base 2ba9e17``.

The base is checked out beside this tree and asked the same thing with the same interpreter, in turns, the order changing
from pair to pair, so that whatever else the machine does meets both. A line is the median of the pairs' ratios, now to
base, with the quartiles; the medians of both sides stand beside it.

``--only`` chooses among three parts: ``photo`` (one photo, cold and warm), ``folder`` (a folder of photos, each side pinned to one
core) and ``page`` (``python app.py``: served, a first photo answered, memory after many). Where other work takes the machine, the
lines on processor time are those that hold.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from tests.benchmarks.page_process import PageRun, run_page
from tests.benchmarks.photo_folder import drawn, taken

ROOT = Path(__file__).parents[2]
PHOTO = Path("examples/faces/05-gan.png")
COLD = "mint audit PHOTO, cold"
WARM = "one photo decoded, found and seen by both twins, warm"
FOLDER = "mint audit FOLDER --json, {photos} photos, one core"
FACELESS = re.compile(
    r"\d+ of \d+ photos could not be audited\.\s*$"
)  # what an audit says of a folder before it ends with 1
PAGE = "python app.py"
T = TypeVar("T")
PARTS = ("photo", "folder", "page")
PHOTOS = 12  # that the warm line looks at, after one that does not count
LOOKS = f"""
import sys, time
from pathlib import Path
from mint.membership import MembershipTest
test = MembershipTest.load()
photos = [path.read_bytes() for path in sorted(Path("examples/faces").glob("*.png"))[:{PHOTOS + 1}]]
test.look(photos[0])
start = time.process_time()
for photo in photos[1:]:
    test.look(photo)
print((time.process_time() - start) / {PHOTOS})
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took.

    Attributes:
        wall: seconds until it ended.
        processor: seconds of all threads, in user and system mode.
        memory: MB, the most that was resident.
    """

    wall: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both sides.

    Attributes:
        what: was measured.
        unit: of both sides' medians.
        now, base: medians.
        ratio: median of the pairs' ratios, now to base.
        low, high: quartiles of these.
        pairs: how many there were.
    """

    what: str
    unit: str
    now: float
    base: float
    ratio: float
    low: float
    high: float
    pairs: int

    @classmethod
    def of(cls, what: str, unit: str, now: Sequence[float], base: Sequence[float]) -> Line:
        """Compare paired values."""
        ratios = np.array(now) / np.array(base)
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        return cls(
            what,
            unit,
            float(np.median(now)),
            float(np.median(base)),
            float(middle),
            float(low),
            float(high),
            len(ratios),
        )


def table(lines: Sequence[Line]) -> str:
    """Return lines as a Markdown table."""
    rows = ["| | base | now | now ÷ base, median (quartiles) | pairs |", "|---|---|---|---|---|"]
    for line in lines:
        ratio = f"**{line.ratio:.2f}** ({line.low:.2f}–{line.high:.2f})"
        rows.append(
            f"| {line.what} | {line.base:.3g} {line.unit} | {line.now:.3g} {line.unit} | {ratio} | {line.pairs} |"
        )
    return "\n".join(rows)


def paired(measure: Callable[[Path], T], base: Path, now: Path, pairs: int) -> Iterator[tuple[T, T]]:
    """Yield what was measured of this tree and of the base, one after the other, each first in turn."""
    for number in range(pairs):
        order = (now, base) if number % 2 else (base, now)
        found = {tree: measure(tree) for tree in order}
        yield found[now], found[base]


def audit(tree: Path) -> Run:
    """Audit one photo in a fresh process."""
    return run([sys.executable, "-m", "mint", "audit", str(PHOTO)], tree)


def look(tree: Path) -> float:
    """Return the processor seconds that one photo's faces take under both twins, once they are loaded."""
    command = [sys.executable, "-c", LOOKS]
    said = subprocess.run(command, cwd=tree, env=environment(tree), check=True, capture_output=True, text=True).stdout
    return float(said.split()[-1])


def audit_folder(tree: Path, photos: Path) -> Run:
    """Audit a folder in a fresh process that has one core, the last one."""
    return run([sys.executable, "-m", "mint", "audit", str(photos), "--json"], tree, pinned=True)


def run(command: Sequence[str], tree: Path, pinned: bool = False) -> Run:
    """Run a command in a tree, and measure it.

    Args:
        command: with its arguments.
        tree: whose ``mint`` it imports.
        pinned: whether it has one core only.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.TemporaryFile() as said, one_core() if pinned else nullcontext():
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=tree, env=environment(tree), stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)  # it is waited for: Popen must not do it again
        if process.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace")
            if not FACELESS.search(words):  # some drawn photos show no face to either: both are paid for looking
                raise RuntimeError(f"{' '.join(command)} in {tree}: {words[-2000:]}")
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KB elsewhere
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, on the last of its cores."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def environment(tree: Path) -> Mapping[str, str]:
    """Return the variables for a process that imports the ``mint`` of a tree."""
    return {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""}


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Check a commit out beside this tree, for as long as it is measured."""
    with tempfile.TemporaryDirectory(prefix="mint-base-") as folder:
        tree = Path(folder) / "base"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(tree), commit], check=True, capture_output=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True, capture_output=True)


Report = Callable[[str], None]


def compare_photo(base: Path, now: Path, pairs: int, report: Report) -> list[Line]:
    """Measure one photo, in a fresh process and warm."""
    for tree in (base, now):  # once, uncounted: bytecode is written, files are read from the disk
        audit(tree)
    lines = lines_of(COLD, runs_of(COLD, audit, base, now, pairs, report))
    looks = runs_of(WARM, look, base, now, pairs, report)
    seconds = [[1e3 * each[side] for each in looks] for side in (0, 1)]
    return [*lines, Line.of(f"{WARM}: processor time", "ms", *seconds)]


def compare_folder(base: Path, now: Path, pairs: int, report: Report, photos: Path) -> list[Line]:
    """Measure a folder of photos."""
    count = sum(1 for _ in photos.iterdir())
    what = FOLDER.format(photos=count)
    for tree in (base, now):
        audit(tree)
    return lines_of(what, runs_of(what, lambda tree: audit_folder(tree, photos), base, now, pairs, report))


def compare_page(base: Path, now: Path, pairs: int, report: Report, photos: int) -> list[Line]:
    """Measure a start of the page, and its memory after many photos."""
    runs = runs_of(PAGE, lambda tree: run_page(tree, environment(tree), photos), base, now, pairs, report)

    def line(what: str, unit: str, value: Callable[[PageRun], float]) -> Line:
        return Line.of(f"{PAGE}, {what}", unit, *([value(each[side]) for each in runs] for side in (0, 1)))

    return [
        line("to the first part of the page: wall time", "s", lambda run: run.first.wall),
        line("to a served page: wall time", "s", lambda run: run.served.wall),
        line("to a served page: processor time", "s", lambda run: run.served.processor),
        line("to networks ready and a first answer: wall time", "s", lambda run: run.answered.wall),
        line("to networks ready and a first answer: processor time", "s", lambda run: run.answered.processor),
        line(f"resident memory after {photos} photos", "MB", lambda run: run.memory),
    ]


def runs_of(
    what: str, measure: Callable[[Path], T], base: Path, now: Path, pairs: int, report: Report
) -> list[tuple[T, T]]:
    """Return the pairs of ``paired``, each reported when it is there."""
    runs = []
    for mine, theirs in paired(measure, base, now, pairs):
        runs.append((mine, theirs))
        report(f"{what}: {mine} against {theirs}")
    return runs


def lines_of(what: str, runs: Sequence[tuple[Run, Run]]) -> list[Line]:
    """Return a line each on wall time, processor time and memory."""
    return [
        Line.of(f"{what}: {name}", unit, *([getattr(each[side], field) for each in runs] for side in (0, 1)))
        for name, unit, field in (
            ("wall time", "s", "wall"),
            ("processor time", "s", "processor"),
            ("peak memory", "MB", "memory"),
        )
    ]


def main() -> None:
    """Print the table, and write it as JSON if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.side_by_side", description=__doc__)
    parser.add_argument("--base", default="2ba9e17", help="a commit; the one that the issue names, if not given")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--photos", type=int, default=200, help="of the folder")
    parser.add_argument(
        "--photos-from", type=Path, help="a folder or tar that they are taken from; else examples, altered"
    )
    parser.add_argument("--page-photos", type=int, default=100, help="that the page is asked about")
    parser.add_argument("--json", type=Path, help="write the lines here as well")
    options = parser.parse_args()
    pairs = options.pairs

    def report(said: str) -> None:
        print(said, file=sys.stderr, flush=True)

    with checked_out(options.base) as base, tempfile.TemporaryDirectory(prefix="mint-photos-") as work:
        lines: list[Line] = []
        if "photo" in options.only:
            lines += compare_photo(base, ROOT, pairs, report)
        if "folder" in options.only:
            into, count = Path(work) / "photos", options.photos
            photos = taken(options.photos_from, into, count) if options.photos_from else drawn(into, count)
            lines += compare_folder(base, ROOT, pairs, report, photos)
        if "page" in options.only:
            lines += compare_page(base, ROOT, pairs, report, options.page_photos)
    print(table(lines))
    if options.json:
        options.json.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
