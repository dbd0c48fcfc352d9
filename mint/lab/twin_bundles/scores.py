"""Score both twins: what either shows of one's test pictures, and of what each was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mint.auditors.kinds import specs
from mint.auditors.panel import Panel
from mint.evidence.fusion import Fusion
from mint.evidence.score_table import EXPOSURE, GENERATED, IDENTITY, MEMBERS, TEST, Tables
from mint.lab.controls.names import SWAPPED
from mint.lab.inputs.splits import Indices
from mint.lab.training.scoring import FUSED, RECALL, drop_columns
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import StoreSplits
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row, counterpart
from mint.networks.base import AuditedNetwork


def with_swapped(splits: StoreSplits, rows: Sequence[Row], name: str) -> StoreSplits:
    """Return the splits and one more, ``SWAPPED``: the test pictures that either twin was trained on."""
    both = {MEMBERS: splits.rows[TEST][MEMBERS], "counterparts": counterparts(rows, name)}
    return replace(splits, rows={**splits.rows, SWAPPED: both})


def swapped_scores(
    own: StoreFeatures, other: StoreFeatures, panel: Panel, fusions: Mapping[str, Fusion], splits: StoreSplits
) -> Tables:
    """Score both twins on what either was trained on: a control that must find everything."""
    return difference(*(drop_columns(shown.tables(panel, fusions, splits, SWAPPED)) for shown in (own, other)))


def difference(own: Tables, other: Tables) -> Tables:
    """Return scores under the twin minus scores under the other twin, for the same pictures."""
    about = (IDENTITY, GENERATED, EXPOSURE)
    return {
        source: {c: v if c in about else v - other[source][c] for c, v in columns.items()}
        for source, columns in own.items()
    }


def counterparts(rows: Sequence[Row], name: str) -> Indices:
    """Return the generated test pictures that the other twin was trained on, in the ledger's order."""
    other = counterpart(name)
    return np.array(
        [i for i, row in enumerate(rows) if row.purpose == TEST and row.member(other) and row.source == GAN], np.int64
    )


def strongest(panel: Panel) -> Panel:
    """Return the auditors that get fused, and recall where there is one."""
    return panel.only(column for column in (*FUSED, RECALL) if column in panel.auditors)


def online(network: AuditedNetwork, panel: Panel) -> Panel:
    """Return the auditors that a visitor's photo is shown to."""
    return panel.only(s.column for s in specs(network) if s.online and s.column in panel.auditors)
