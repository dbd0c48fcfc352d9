"""Crops as a store like everybody's: pictures on disk, a list of each side, and the parts that the ledger gives them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.auditors.features import RECALLED
from mint.auditors.panel import Panel
from mint.evidence.fusion import Fusion
from mint.lab.inputs.splits import Indices
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import MEMBERS, NETWORK, NON_MEMBERS
from mint.lab.store.run import extract
from mint.lab.training.scoring import Tables
from mint.lab.training.store_features import StoreFeatures
from mint.lab.twin_bundles.roles import identity_numbers
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork
from mint.storage.files import write_bytes
from mint.vision.faces import fingerprint
from mint.vision.images import to_png

PHOTOS = "photos"


@dataclass(frozen=True, slots=True)
class Photo:
    """A crop to be extracted: the name of its file, its person and its side."""

    name: str
    person: str
    side: str = NON_MEMBERS


@dataclass(frozen=True, slots=True, eq=False)
class PoolFeatures:
    """What a network shows of crops of the pool, found by their row numbers in the ledger."""

    shown: StoreFeatures
    ledger: Sequence[Row]

    def tables(self, panel: Panel, fusions: Mapping[str, Fusion], sources: Mapping[str, Indices]) -> Tables:
        """Return score tables of rows of the ledger, by source, with what the ledger says of each."""
        where = {source: self._places(index) for source, index in sources.items()}
        numbers = np.zeros(len(self.shown.store.rows), np.int32)
        people = identity_numbers(self.ledger)
        for source, index in sources.items():
            numbers[where[source]] = people[index]
        found = self.shown.tables(panel, fusions, where, numbers)
        for source, columns in found.items():
            rows = [self.ledger[i] for i in sources[source]]
            columns["generated"] = np.array([row.source == GAN for row in rows], dtype=np.uint8)
            columns["exposure"] = np.array([row.exposure for row in rows], dtype=np.uint8)
        return found

    def _places(self, index: Indices) -> Indices:
        there = {_name(file): number for number, file in enumerate(self.shown.store.rows.id)}
        return np.array([there[self.ledger[i].picture] for i in index], dtype=np.int64)


def show_pool(
    network: AuditedNetwork, pool: Pool, name: str, index: Indices, panel: Panel, folder: Path
) -> PoolFeatures:
    """Extract what a panel reads of some crops of the pool; the ledger says which of them are members.

    Args:
        network: a twin, or the other one in its place.
        pool: crops and ledger.
        name: of the twin whose members the ledger is asked for.
        index: row numbers in the ledger.
        panel: auditors that will score.
        folder: gets pictures, lists and store; a run that was cut off goes on there.
    """
    photos = [
        Photo(row.picture, row.identity, MEMBERS if row.member(name) else NON_MEMBERS)
        for row in (pool.rows[i] for i in index)
    ]
    return PoolFeatures(show(network, photos, (pool.crops[i] for i in index), panel, folder), pool.rows)


def show(
    network: AuditedNetwork, photos: Sequence[Photo], crops: Iterable[np.ndarray], panel: Panel, folder: Path
) -> StoreFeatures:
    """Extract what a panel reads of crops; rows are in the order of the photos, members first."""
    lines: dict[str, list[tuple[str, str]]] = {}
    for photo, crop in zip(photos, crops, strict=True):
        file = _file(photo.name, crop)
        write_bytes(folder / file, to_png(crop))
        lines.setdefault(photo.side, []).append((file, photo.person))
    sides = {side: folder / f"{side}.csv" for side in lines}
    for side, place in sides.items():
        listed = io.StringIO()
        csv.writer(listed, lineterminator="\n").writerows([("path", "person"), *lines[side]])
        write_bytes(place, listed.getvalue().encode())
    recipe = ExtractionRecipe(
        network, aligned=True, controls=False, views=panel.views, maps=panel.maps, recall=RECALLED in panel.needs
    )
    return StoreFeatures(extract(recipe, sides, folder / "store"), NETWORK, network.head)


def _file(name: str, crop: np.ndarray) -> str:
    """Return where a crop lies; a run goes on by names, so another picture gets another one."""
    return f"{PHOTOS}/{name}-{fingerprint(crop)[:16]}.png"


def _name(file: str) -> str:
    return file.removeprefix(f"{PHOTOS}/").rpartition("-")[0]
