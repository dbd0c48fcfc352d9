"""Score the pictures of a twin's bundle, through stores: its own, and those of the other twin as a control."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mint.auditors.kinds import specs
from mint.auditors.panel import Panel
from mint.bundles.bundle import Columns
from mint.evidence.fusion import Fusion
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.inputs.splits import REAL_FROM, Indices
from mint.lab.training.scoring import FUSED, RECALL, Tables, drop_columns
from mint.lab.twin_bundles.pictures import roles_of
from mint.lab.twin_bundles.pool_store import Photo, PoolFeatures, show, show_pool
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row, counterpart
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork

Report = Callable[[str], None]
Real = tuple[np.ndarray, list[str]]  # (N, 112, 112, 3) uint8 crops, and the person of each
SCORED = ("calibration", "test")


def twin_scores(
    network: AuditedNetwork,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    pool: Pool,
    real: Real,
    name: str,
    seed: int,
    report: Report,
    work: Path,
) -> dict[str, Mapping[str, Columns]]:
    """Score the splits ``calibration`` and ``test``: every column of every source, real faces among them."""
    sources = {purpose: roles_of(pool.rows, name, purpose, seed) for purpose in SCORED}
    index = np.concatenate([rows for found in sources.values() for rows in found.values()])
    report(f"extracting {len(index)} pictures for calibration and test")
    own = show_pool(network, pool, name, np.sort(index), panel, work / "pool")
    report(f"extracting {len(real[0])} real faces")
    photos = [Photo(f"{number:06d}", person) for number, person in enumerate(real[1])]
    faces = show(network, photos, real[0], panel, work / "real")
    numbers = (REAL_FROM + np.unique(real[1], return_inverse=True)[1]).astype(np.int32)
    calibrates = np.array([for_calibration(person) for person in real[1]])
    found: dict[str, Mapping[str, Columns]] = {}
    for purpose in SCORED:
        report(f"scoring {purpose}")
        here = np.flatnonzero(calibrates == (purpose == "calibration"))
        found[purpose] = {
            **own.tables(panel, fusions, sources[purpose]),
            **faces.tables(panel, fusions, {"real": here}, numbers),
        }
    return found


def other_scores(
    other: AuditedNetwork, panel: Panel, fusions: Mapping[str, Fusion], pool: Pool, name: str, seed: int, work: Path
) -> Tables:
    """Score the test pictures under the other twin: a control that must find nothing."""
    sources = roles_of(pool.rows, name, "test", seed)
    del sources["openpeople"]
    shown = show_pool(other, pool, name, np.sort(np.concatenate(list(sources.values()))), panel, work / "other")
    return drop_columns(shown.tables(panel, fusions, sources))


def swapped_scores(
    network: AuditedNetwork,
    other: AuditedNetwork,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    pool: Pool,
    name: str,
    seed: int,
    work: Path,
) -> Tables:
    """Score both twins on what either was trained on: a control that must find everything."""
    both = {
        "members": roles_of(pool.rows, name, "test", seed)["members"],
        "counterparts": counterparts(pool.rows, name),
    }
    index = np.sort(np.concatenate(list(both.values())))
    online = panel.only(s.column for s in specs(network) if s.online and s.column in panel.auditors)

    def shown(twin: AuditedNetwork, folder: str) -> PoolFeatures:
        return show_pool(twin, pool, name, index, online, work / folder)

    tables = (
        drop_columns(shown(twin, folder).tables(online, fusions, both))
        for twin, folder in ((network, "swapped"), (other, "swapped-other"))
    )
    return difference(*tables)


def difference(own: Tables, other: Tables) -> Tables:
    """Return scores under the twin minus scores under the other twin, for the same pictures."""
    about = ("identity", "generated", "exposure")
    return {
        source: {c: v if c in about else v - other[source][c] for c, v in columns.items()}
        for source, columns in own.items()
    }


def counterparts(rows: Sequence[Row], name: str) -> Indices:
    """Return the generated test pictures that the other twin was trained on, in the ledger's order."""
    other = counterpart(name)
    return np.array(
        [i for i, row in enumerate(rows) if row.purpose == "test" and row.member(other) and row.source == GAN], np.int64
    )


def strongest(panel: Panel) -> Panel:
    """Return the auditors that get fused, and recall where there is one."""
    return panel.only(column for column in (*FUSED, RECALL) if column in panel.auditors)
