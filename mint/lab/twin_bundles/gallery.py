"""Crops as a store like everybody's: a pool's in the ledger's order, real faces behind them, and mirror images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.auditors import Spec, build
from mint.auditors.panel import Panel
from mint.errors import StoreIncomplete, StoreMismatch
from mint.evidence.score_table import TRAINING
from mint.lab.inputs.splits import Indices
from mint.lab.store.crops import STORE, Crop, extract_crops, file_of
from mint.lab.store.reader import NETWORK, open_store
from mint.lab.training.joined_store import JoinedStore, Part
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import FITTED, StoreSplits
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork, FeatureShapes
from mint.storage.files import work_folder
from mint.vision.faces import CROP_SIZE

Real = tuple[np.ndarray, Sequence[str]]  # (R, 112, 112, 3) uint8 crops, and the person of each
FITTED_APART = "fitted"  # in a folder of crops: those that auditors are fitted to
NOTHING: Indices = np.zeros(0, np.int64)
OWN, OTHER = "own", "other"  # in a folder for work: what the network under audit shows, and its counterpart
NOBODY: Real = (np.zeros((0, CROP_SIZE, CROP_SIZE, 3), np.uint8), ())


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Crops by number: row k of the ledger is k, real face r is r behind the last row, the mirror image of k is ``~k``.

    Attributes:
        pool: crops and ledger; who was trained on what is for ``StoreSplits`` to say.
        real: crops of real faces.
    """

    pool: Pool
    real: Real = NOBODY

    def crop(self, number: int) -> np.ndarray:
        """Return one (112, 112, 3) uint8 crop."""
        if number < 0:
            return np.ascontiguousarray(self.crop(~number)[:, ::-1])
        rows = len(self.pool.rows)
        found: np.ndarray = self.pool.crops[number] if number < rows else self.real[0][number - rows]
        return found

    def crops(self, numbers: Iterable[int]) -> np.ndarray:
        """Return (N, 112, 112, 3) uint8 crops."""
        return np.stack([self.crop(number) for number in numbers])

    def show(
        self,
        network: AuditedNetwork,
        panel: Panel,
        numbers: Indices,
        folder: Path,
        known: Sequence[Path] = (),
        fitted: Indices = NOTHING,
    ) -> StoreFeatures:
        """Extract what auditors read of some crops.

        Args:
            network: under audit, or a control.
            panel: that will be fitted or score; may be untrained.
            numbers: of the crops, in any order.
            folder: gets pictures, their list and the store; a run that was cut off goes on there.
            known: folders of other calls, which may show the same network the same crops: what lies in a finished store there
                is not extracted again.
            fitted: crops that auditors are fitted to: torch shows them to the network, in a store of their own. Where two
                strengths of a penalty are all but equally good the last digit decides, so that the runtime's would give other
                auditors than those that ship; scores, in contrast, differ in the last digit alone.
        """
        wanted, parts = np.unique(numbers), list[Part]()
        exact = np.intersect1d(wanted, fitted)
        if len(exact):
            parts.append(self._extracted(network, panel, exact, folder / FITTED_APART, runtime=False))
        wanted = np.setdiff1d(wanted, exact)
        mine = self._finished(network, panel, folder, wanted) if known else None
        here = wanted[:0] if mine is None else mine[2]
        left = np.setdiff1d(wanted, here)
        for place in known:
            found = self._finished(network, panel, place, left)
            if found is not None and len(found[2]):
                parts.append(found)
                left = np.setdiff1d(left, found[2])
        due = np.union1d(here, left)
        if len(due) or not parts:
            parts.append(self._extracted(network, panel, due, folder))
        if len(parts) == 1 and len(due):
            return StoreFeatures(parts[0][0], NETWORK, network.head, due)
        joined = JoinedStore(parts)
        return StoreFeatures(joined, NETWORK, network.head, joined.numbers)

    def _extracted(
        self, network: AuditedNetwork, panel: Panel, numbers: Indices, folder: Path, runtime: bool = True
    ) -> Part:
        crops = (Crop(*self._called(number), self.crop(number)) for number in map(int, numbers))
        return extract_crops(network, panel, crops, folder, runtime), np.arange(len(numbers)), numbers

    def _finished(self, network: AuditedNetwork, panel: Panel, folder: Path, wanted: Indices) -> Part | None:
        """Return which of these crops a finished store of a folder holds, or None where it is of no use to a panel."""
        try:
            store = open_store(folder / STORE, network)
            files = store.rows.id
        except (StoreIncomplete, StoreMismatch):
            return None
        if not panel.needs <= store.shapes().keys():
            return None
        held = {file: row for row, file in enumerate(files)}
        rows = np.array([held.get(file_of(self._called(k)[0], self.crop(k)), -1) for k in map(int, wanted)], np.int64)
        return store, rows[rows >= 0], wanted[rows >= 0]

    def _called(self, number: int) -> tuple[str, str]:
        """Return a crop's name and its person."""
        if number < 0:
            name, person = self._called(~number)
            return f"{name}/mirrored", person
        rows = self.pool.rows
        if number < len(rows):
            return rows[number].picture, rows[number].identity
        return f"real/{number - len(rows):06d}", self.real[1][number - len(rows)]


def untrained_panel(network: AuditedNetwork, specs: Iterable[Spec]) -> Panel:
    """Return auditors that know what they will read of a network, and nothing else yet."""
    shapes = FeatureShapes.of(network)
    return Panel({spec.column: build(spec, shapes) for spec in specs})


def numbers_in(panel: Panel, *splits: StoreSplits) -> Indices:
    """Return the numbers of all crops that are needed to fit a panel and to score by splits."""
    found = [np.zeros(0, np.int64)]
    mirrored = any(auditor.mirrored for auditor in panel.auditors.values())
    for one in splits:
        found += [one.reference, *(index for tables in one.rows.values() for index in tables.values())]
        if one.mirrored and mirrored and TRAINING in one.rows:
            found.append(~one.samples(TRAINING)[0])
    return np.unique(np.concatenate(found))


def fitted_in(panel: Panel, *splits: StoreSplits) -> Indices:
    """Return the numbers of the crops that a panel is fitted to, by splits that may have others as well."""
    return numbers_in(panel, *(one.only(*(split for split in FITTED if split in one.rows)) for one in splits))


@contextmanager
def show(network: AuditedNetwork, pool: Pool, specs: Iterable[Spec], *splits: StoreSplits) -> Iterator[StoreFeatures]:
    """Yield what a network shows of a pool's crops to the auditors of ``specs``; the store is removed after use."""
    reads = untrained_panel(network, specs)
    with work_folder(None, network.name) as folder:
        yield Gallery(pool).show(network, reads, numbers_in(reads, *splits), folder, fitted=fitted_in(reads, *splits))
