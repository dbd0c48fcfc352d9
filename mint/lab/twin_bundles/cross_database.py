"""The papers' protocol: members from one database, non-members from another.

MINT-Demo (arXiv 2503.08332, section 3) takes members from Glint360K and non-members from other
databases. Here: the twin's members against real faces. An auditor may then win by telling the
databases apart, so the same auditors also score the twin's own non-members, and stand beside
auditors that see only pixels or an untrained network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from mint.errors import BadPool
from mint.evidence.score_table import (
    CALIBRATION,
    MEMBERS,
    OUTSIDERS,
    REAL,
    SIBLINGS,
    TEST,
    TRAINING,
    VALIDATION,
    Tables,
)
from mint.lab.controls.names import CROSS, CROSS_CALIBRATION
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.inputs.splits import GROUPS, Indices
from mint.lab.training.control_scores import control_scores
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import FITTED, SCORED, StoreSplits
from mint.lab.twin_bundles.ledger_splits import MAX_CONTROLLED, about, roles_of, some
from mint.lab.twin_bundles.roles import rows_by_role
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row

SHARES = ((TRAINING, 0.6), (VALIDATION, 0.75), (CALIBRATION, 1.0))


def real_part(person: str) -> str:
    """Return a real person's split under this protocol, drawn with the name alone."""
    if not for_calibration(person):
        return TEST
    coin = hashlib.sha256(person.encode()).digest()[1] / 256
    return next(name for name, end in SHARES if coin < end)


def cross_splits(rows: Sequence[Row], people: Sequence[str], name: str, seed: int) -> StoreSplits:
    """Split a gallery as the papers do: auditors are fitted to the twin's members against real faces.

    Args:
        rows: the ledger.
        people: the person of each real face, the other database.
        name: of the twin.
        seed: of the choices.

    Raises:
        BadPool: there are too few real people.
    """
    found, parts = {}, real_parts(people, seed)
    for split in FITTED:
        members = rows_by_role(rows, name, split, seed)[MEMBERS]
        members = some(rows, members[[rows[i].source == GAN for i in members]], MAX_CONTROLLED, seed)
        found[split] = {MEMBERS: members, SIBLINGS: members[:0], OUTSIDERS: len(rows) + parts[split]}
    for split in SCORED:
        picked = {s: some(rows, i, MAX_CONTROLLED, seed) for s, i in roles_of(rows, name, split, seed).items()}
        kept = (MEMBERS,) if split == CALIBRATION else GROUPS
        found[split] = {**{source: picked[source] for source in kept}, REAL: len(rows) + parts[split]}
    return StoreSplits(found, np.zeros(0, np.int64), about(rows, people), mirrored=True, whole_maps=None)


def cross_database(
    own: StoreFeatures, blind: Mapping[str, StoreFeatures], splits: StoreSplits, seed: int
) -> dict[str, Tables]:
    """Fit and score auditors under the papers' protocol.

    Args:
        own: what the twin shows.
        blind: what controls in its place show, by name.
        splits: see ``cross_splits``.
        seed: of the auditors.

    Returns:
        Splits ``cross-database``, ``cross-database/calibration`` and one a control,
        ``cross-database/NAME``.
    """
    found = control_scores(own, splits, seed, layers=True, scored=SCORED)
    controls = {f"{CROSS}/{name}": control_scores(shown, splits, seed)[TEST] for name, shown in blind.items()}
    return {CROSS: found[TEST], CROSS_CALIBRATION: found[CALIBRATION], **controls}


def real_parts(people: Sequence[str], seed: int) -> dict[str, Indices]:
    """Return the real faces of each split, as row numbers, ``MAX_CONTROLLED`` at most."""
    parts = np.array([real_part(person) for person in people])
    found = {}
    for part in (*FITTED, *SCORED):
        if part not in parts:
            raise BadPool(f"There are too few real people: none is left for {part}. Give a larger collection.")
        found[part] = np.sort(
            np.random.default_rng([seed, len(part)]).permutation(np.flatnonzero(parts == part))[:MAX_CONTROLLED]
        )
    return found
