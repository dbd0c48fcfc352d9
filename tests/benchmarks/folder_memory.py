"""Is the memory of ``mint audit FOLDER`` flat in its photos? ``python -m tests.benchmarks.folder_memory``.

The peak of a process of its own for each number of photos, answers printed as JSON lines and written as a table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.photo_folder import drawn
from tests.benchmarks.side_by_side import ROOT, run

COUNTS = (100, 1_000, 10_000)
WAYS = {"--json": ("--json",), "--out ANSWERS.parquet": ("--out", "answers.parquet")}


def peaks(count: int) -> dict[str, float]:
    """Return the most MB that were resident, for each way of answering, with so many photos."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="mint-photos-") as work:
        photos = drawn(Path(work) / "photos", count)
        for way, options in WAYS.items():
            given = [str(Path(work) / option) if option.endswith(".parquet") else option for option in options]
            found[way] = run([sys.executable, "-m", "mint", "audit", str(photos), *given], ROOT).memory
    return found


def main() -> None:
    """Print a table, a row a number of photos."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.folder_memory", description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    rows: dict[int, dict[str, float]] = {}
    print("| photos |", " | ".join(f"`{way}`" for way in WAYS), "|")
    print("|---" * (len(WAYS) + 1) + "|")
    for count in parser.parse_args().counts:
        rows[count] = peaks(count)
        print(f"| {count} |", " | ".join(f"{peak:.0f} MB" for peak in rows[count].values()), "|", flush=True)
    first, last = min(rows), max(rows)
    for way in WAYS:
        print(f"{way}: {rows[last][way] / rows[first][way] - 1:+.1%} from {first} to {last} photos")


if __name__ == "__main__":
    main()
