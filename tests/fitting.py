"""Auditors fitted to crops of a test, through a store as everybody's are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.auditors import Spec
from mint.auditors.panel import Panel
from mint.lab.training.fit import Schedule
from mint.lab.training.store_splits import FITTED, StoreSplits
from mint.lab.twin_bundles.gallery import Gallery, numbers_in, untrained_panel
from mint.lab.twins.ledger import HELD_OUT, Row
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Crops of one split, (N, 112, 112, 3) uint8, and which are members."""

    crops: np.ndarray
    member: np.ndarray


def fitted(
    network: AuditedNetwork,
    specs: Sequence[Spec],
    samples: Mapping[str, Samples],
    seed: int,
    folder: Path,
    schedule: Schedule | None = None,
    reference: np.ndarray | None = None,
) -> Panel:
    """Fit auditors to ``training`` and ``validation``; members come first among the samples of a split."""
    parts = [samples[split].crops for split in FITTED] + ([] if reference is None else [reference])
    crops = np.concatenate(parts)
    first = np.cumsum([0, *map(len, parts)])
    rows = [
        Row(f"{k}", f"gan/{k:04d}", "gan", f"gan/{k:04d}/0", HELD_OUT, HELD_OUT, 0, "test") for k in range(len(crops))
    ]
    member = {split: start + np.flatnonzero(samples[split].member) for split, start in zip(FITTED, first, strict=False)}
    other = {split: start + np.flatnonzero(~samples[split].member) for split, start in zip(FITTED, first, strict=False)}
    nobody = np.zeros(0, np.int64)
    splits = StoreSplits(
        {split: {"members": member[split], "siblings": other[split], "outsiders": nobody} for split in FITTED},
        np.arange(first[2], len(crops)),
        {"identity": np.arange(len(crops), dtype=np.int32)},
        mirrored=True,
        whole_maps=None,
    )
    reads = untrained_panel(network, specs)
    shown = Gallery(Pool(tuple(rows), crops)).show(network, reads, numbers_in(reads, splits), folder)
    return shown.fit(specs, splits, seed, schedule)
