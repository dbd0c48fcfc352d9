"""What was tried for the consistency auditor: ``python -m tests.benchmarks.strength --pool POOL --twins TWINS --out JSON``.

On training, validation and calibration people; no test person is read. ``mint lab cards`` renders the JSON.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from mint.lab.cards.strength import COMMAND
from mint.lab.twins.ledger import PAIRS
from mint.lab.twins.pool import load_pool
from mint.storage.files import write_json
from tests.benchmarks.strength.attempts import ATTEMPTS, EARLIER, OTHER_TWIN, SIXTEEN
from tests.benchmarks.strength.rows import Row, kept_row, row_of
from tests.benchmarks.strength.subject import subjects

SHIPPED, BEFORE_IT, SATURATED = 48, 32, 16  # epochs; at the last one training accuracy first saturates


def main() -> None:
    """Try everything again, and write it after every line."""
    parser = argparse.ArgumentParser(description="Every attempt to strengthen the consistency auditor.")
    parser.add_argument("--pool", type=Path, required=True, help="A folder made by `mint lab pool`.")
    parser.add_argument("--twins", type=Path, required=True, help="The folder of `mint lab twins`, all epochs kept.")
    parser.add_argument("--out", type=Path, required=True, help="The JSON to write.")
    parser.add_argument("--work", type=Path, help="Keeps what the networks showed, for another run.")
    parser.add_argument("--seed", type=int, default=1, help="As given to `mint lab train`.")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pool = load_pool(options.pool)
    at = {
        epoch: subjects(pool, options.twins, epoch, options.seed, options.work, PAIRS[0])
        for epoch in (SHIPPED, BEFORE_IT, SATURATED)
    }
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        write_json(options.out, {"command": COMMAND, "seed": options.seed, "rows": rows})
        figures = "  ".join(f"{row[f'auc_{s}']:.3f}/{row[f'tpr_{s}']:.3f}" for s in ("validation", "calibration"))
        print(f"[{time.process_time() / 60:4.1f} min] {row['twin']} {row['epoch']} {figures} {row['what']}", flush=True)

    for attempt in ATTEMPTS:
        for name in attempt.twins:
            (other,) = (n for n in PAIRS[0] if n != name)
            others = {OTHER_TWIN: at[SHIPPED][other], EARLIER: at[BEFORE_IT][name]}
            add(row_of(attempt, at[SHIPPED][name], others, SHIPPED))
    for epoch in (SHIPPED, SATURATED):
        for name in PAIRS[0]:
            add(kept_row(at[epoch][name], len(SIXTEEN), epoch))


if __name__ == "__main__":
    main()
