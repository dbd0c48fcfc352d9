"""Every fuzzer, one after the other: ``python -m tests.hostile.fuzz_all [--minutes 10] [--seed 0]``, so long each.

Each runs in a process of its own, so that one that dies is told. The exit code is 1 if any found something; what it
found stands above its last line.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tests.hostile.fuzz_kept import KINDS
from tests.hostile.fuzz_sets import READERS

ROOT = Path(__file__).parents[2]


def commands(minutes: float, seed: int) -> dict[str, list[str]]:
    """Name of a reader to the command that fuzzes it for so many minutes."""
    timed = ["--minutes", str(minutes), "--seed", str(seed)]
    graphs = ["--seconds", str(60 * minutes), "--seed", str(seed), "--count", str(10**9)]
    return {
        "photos": ["tests.hostile.fuzz", *timed],
        "lists, tables, tars": ["tests.hostile.fuzz_inputs", *timed],
        "RecordIO, deep photos": ["tests.hostile.fuzz_records", *timed],
        **{f"sets, {reader}": ["tests.hostile.fuzz_sets", *timed, "--reader", reader] for reader in READERS},
        **{f"{kind}s": ["tests.hostile.fuzz_kept", *timed, "--kind", kind] for kind in KINDS},
        "lists over versions, series at the shell": ["tests.hostile.fuzz_series", *timed],
        "graphs": ["tests.networks.onnx.fuzz", *graphs],
        "detectors and packs": ["tests.networks.onnx.fuzz_packs", *graphs],
    }


def main() -> None:
    """Run them, and say which found something."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="of each")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    failed = []
    for name, command in commands(asked.minutes, asked.seed).items():
        print(f"{name}: python -m {' '.join(command)}", flush=True)
        done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
        print(done.stdout, flush=True)
        if (
            done.returncode or "seed " in done.stdout
        ):  # the fuzzer of graphs goes on, and names the seeds of what it found
            failed.append(name)
    print(f"Something was found in: {'; '.join(failed)}." if failed else "Nothing was found.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
