"""A series of versions as files, and its promises mended, as a forger does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from mint.bundles.series import INDEX, MEMBERS, TABLES, Series, save_series
from mint.evidence.sequence import Known
from mint.lab.versions.fit import calibrated
from tests.lab.versions.made_up_histories import made_up

NAMES = ("v1", "v2", "v3", "v4")
SHARE = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 40}
MEASURED = {"right": SHARE, "covered": {**SHARE, "value": 0.94}, "in_set": 1.2}


def series(folder: Path) -> Series:
    """A series that was calibrated on a planted jump; its bundles would lie in ``folder``."""
    return Series(
        NAMES,
        tuple(folder / name for name in NAMES),
        tuple(f"{k}" * 64 for k in range(4)),
        calibrated(made_up(30, 3.0)),
        {MEMBERS: Known(np.array([0.001, 0.02, 0.5, 0.9]), np.arange(4))},
        (0.9, 0.8, 0.95),
        MEASURED,
    )


def whole(folder: Path) -> None:
    """Write it."""
    save_series(series(folder.parent), folder)


def repromise(folder: Path) -> None:
    """Let the index promise the tables that are there."""
    index = json.loads((folder / INDEX).read_text())
    index["tables_sha256"] = hashlib.sha256((folder / TABLES).read_bytes()).hexdigest()
    (folder / INDEX).write_text(json.dumps(index))
