"""The pool as a store like everybody's: its crops are the photos, and two lists by the ledger are the sides."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mint.lab.inputs.splits import Indices
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import MEMBERS, NON_MEMBERS, Rows, Store
from mint.lab.store.run import Progress, extract
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork
from mint.storage.files import write_bytes
from mint.vision.images import to_png

PHOTOS = "photos"


def write_photos(pool: Pool, name: str, folder: Path) -> dict[str, Path]:
    """Write every crop as a PNG, and a list of each side: path and person.

    Args:
        pool: crops and ledger.
        name: ``twin-a`` or ``twin-b``: whose members the ledger is asked for.
        folder: gets ``photos`` and the lists.

    Returns:
        Side to its list, as ``extract`` takes it; the members are left out where there are none.
    """
    lists: dict[str, list[tuple[str, str]]] = {MEMBERS: [], NON_MEMBERS: []}
    for row, crop in zip(pool.rows, pool.crops, strict=True):
        place = f"{PHOTOS}/{row.picture}.png"
        write_bytes(folder / place, to_png(crop))
        lists[MEMBERS if row.member(name) else NON_MEMBERS].append((place, row.identity))
    sides = {}
    for side, lines in lists.items():
        if lines:
            sides[side] = folder / f"{name}-{side}.csv"
            with sides[side].open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([("path", "person"), *lines])
    return sides


def extract_pool(
    network: AuditedNetwork,
    pool: Pool,
    name: str,
    folder: Path,
    recipe: Mapping[str, bool],
    report: Callable[[Progress], None] = lambda progress: None,
) -> Store:
    """Extract a pool's crops into ``folder/store``.

    Args:
        network: a twin, or a control in its place.
        pool: crops and ledger.
        name: of the twin whose members the ledger is asked for.
        folder: for photos, lists and store.
        recipe: fields of ``ExtractionRecipe``: controls, views, maps, recall.
        report: told how far it is.
    """
    sides = write_photos(pool, name, folder)
    return extract(ExtractionRecipe(network, aligned=True, **recipe), sides, folder / "store", report=report)


def ledger_rows(rows: Rows, ledger: Sequence[Row]) -> Rows:
    """Return the photos of a pool's store with the splits of the ledger in place of the coin's."""
    purpose = {row.picture: row.purpose for row in ledger}
    return replace(rows, split=np.array([purpose[picture_of(name)] for name in rows.id], object))


def places(rows: Rows, ledger: Sequence[Row], index: Indices) -> Indices:
    """Return the row numbers in the store of rows of the ledger."""
    there = {picture_of(name): number for number, name in enumerate(rows.id)}
    return np.array([there[ledger[i].picture] for i in index], dtype=np.int64)


def picture_of(name: str) -> str:
    """Return the picture of the ledger that a photo of the store shows."""
    return name.removeprefix(f"{PHOTOS}/").removesuffix(".png")
