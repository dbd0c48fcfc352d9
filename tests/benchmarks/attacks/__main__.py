"""Honesty under attack: ``python -m tests.benchmarks.attacks --pool POOL [--lfw TAR]``.

Writes ``weights/cards/attacks.json``; ``mint lab cards`` renders it. Edited members must still be found,
and no non-member accused more often than promised, whatever was done to the photo. Test people are
read for the shipped card only; ``--purpose calibration`` is for trying things.
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from mint.lab.twin_bundles.same_pool import check_pools
from mint.lab.twins.ledger import PAIRS
from mint.storage.files import write_json
from mint.storage.paths import WEIGHTS
from tests.benchmarks.attacks.judging import ALPHAS
from tests.benchmarks.attacks.lines import STEPS, measured


def main() -> None:
    """Measure both twins, one process each."""
    parser = argparse.ArgumentParser(description="Edits, drawings and adversaries against the shipped verdicts.")
    parser.add_argument("--pool", type=Path, required=True, help="The folder of `mint lab pool`: ledger and seed.")
    parser.add_argument("--lfw", type=Path, help="Real photos, one folder a person.")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--purpose", choices=("test", "calibration"), default="test")
    parser.add_argument(
        "--most",
        type=int,
        default=300,
        help="Photos of a kind; outsiders and drawings take half, adversaries a quarter.",
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    check_pools(options.weights, PAIRS[0], options.pool)
    with ProcessPoolExecutor(len(PAIRS[0]), multiprocessing.get_context("spawn")) as workers:
        found = dict(zip(PAIRS[0], workers.map(partial(measured, options), PAIRS[0]), strict=True))
    write_json(
        options.out or options.weights / "cards" / "attacks.json",
        {"purpose": options.purpose, "most": options.most, "alphas": ALPHAS, "steps": STEPS, "twins": found},
    )


if __name__ == "__main__":
    main()
