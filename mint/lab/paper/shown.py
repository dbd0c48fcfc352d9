"""What a network shows of the papers' crops: one store with whole maps of the first rows, one without of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mint.auditors.base import Auditor
from mint.auditors.features import MAPS
from mint.auditors.panel import Panel
from mint.lab.paper.table import Table
from mint.lab.store.crops import Crop, extract_crops
from mint.lab.store.reader import NETWORK, Store
from mint.lab.training.fit import Features
from mint.lab.training.store_features import StoreFeatures
from mint.networks.base import AuditedNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The features of a table's rows.

    Attributes:
        whole: of the first rows, with whole maps.
        pooled: of the rows behind them, or None if there are none.
    """

    whole: StoreFeatures
    pooled: StoreFeatures | None

    @classmethod
    def of(cls, network: AuditedNetwork, panel: Panel, table: Table, rows: int, with_maps: int, folder: Path) -> Shown:
        """Extract what auditors read of the first rows of a table, or take what an earlier run extracted.

        Args:
            network: under audit, or a control.
            panel: its auditors, trained or not.
            table: of crops.
            rows: how many of them.
            with_maps: whole maps are kept of the first so many only: they take most of the room.
            folder: gets a store, or two.
        """
        without = panel.only(c for c, a in panel.auditors.items() if not any(n.startswith(MAPS) for n in a.needs))
        first = extract_crops(network, panel, _crops(table, 0, with_maps), folder / "maps")
        more = (
            extract_crops(network, without, _crops(table, with_maps, rows), folder / "pooled")
            if rows > with_maps
            else None
        )

        def features(store: Store, start: int) -> StoreFeatures:
            return StoreFeatures(store, NETWORK, network.head, np.arange(start, start + len(store.rows)))

        return cls(features(first, 0), None if more is None else features(more, with_maps))

    def inputs(self, auditor: Auditor, rows: slice) -> Features:
        """Read what an auditor is fitted on, of rows that follow each other. Whole maps are channels last, in float16."""
        wanted, border = np.arange(rows.start, rows.stop), len(self.whole.store.rows)
        parts = [(self.whole, wanted[wanted < border]), (self.pooled, wanted[wanted >= border])]
        found = [
            auditor.inputs(shown.tensors(list(auditor.fitted_on), some), shown.head)
            for shown, some in parts
            if shown is not None and len(some)
        ]
        joined = [torch.cat(part) if len(part) > 1 else part[0] for part in zip(*found, strict=True)]
        return [f.contiguous(memory_format=torch.channels_last) if f.ndim == 4 else f for f in joined]


def _crops(table: Table, start: int, stop: int) -> Iterator[Crop]:
    for row in range(start, stop):
        yield Crop(f"{row:06d}", str(table.people[row]), table.crops[row])
