"""Split a pool as its ledger says: who fits the auditors, who calibrates and who tests them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.evidence.score_table import (
    CALIBRATION,
    EXPOSURE,
    GENERATED,
    IDENTITY,
    OPENPEOPLE,
    OUTSIDERS,
    REAL,
    TRAINING,
    VALIDATION,
)
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.inputs.splits import REAL_FROM, Indices
from mint.lab.training.store_splits import SCORED, StoreSplits
from mint.lab.twin_bundles.roles import identity_numbers, rows_by_role
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row

# Siblings and outsiders each in calibration and test: all siblings that there are. The promise about people reads the few
# highest scores, and photos of a person beyond the fifth still add to it.
MAX_PER_SOURCE = 2600
MAX_FITTED = 1300  # siblings and outsiders each that auditors are trained on
MAX_CONTROLLED = (
    500  # pictures of a kind that controls are fitted to and tested on, members as well: each is a pipeline
)


def ledger_splits(
    rows: Sequence[Row],
    name: str,
    seed: int,
    fitted: int | None = None,
    scored: int | None = None,
    real: Sequence[str] = (),
) -> StoreSplits:
    """Split a gallery by what the ledger says of a network.

    In training there are at most ``MAX_FITTED`` siblings, and outsiders; half of the outsiders are the reference: people
    of whom no picture is a sample. In validation there are as many siblings and outsiders as members.

    Args:
        rows: the ledger.
        name: of the network that it is asked for.
        seed: of the choices.
        fitted: pictures of a kind that auditors are fitted to at most; all if None.
        scored: of a kind in calibration and in test; all if None.
        real: the person of each real face; half of the people are for calibration, half for test.
    """
    found: dict[str, dict[str, Indices]] = {}
    for split, others in ((TRAINING, MAX_FITTED), (VALIDATION, None)):
        picked = rows_by_role(rows, name, split, seed, others)
        found[split] = {group: some(rows, index, fitted, seed) for group, index in picked.items()}
    held = _half_of_people(rows, found[TRAINING][OUTSIDERS], seed)
    reference = found[TRAINING][OUTSIDERS][held]
    found[TRAINING][OUTSIDERS] = found[TRAINING][OUTSIDERS][~held]
    calibrates = np.array([for_calibration(person) for person in real], bool)
    for split in SCORED:
        found[split] = {s: some(rows, i, scored, seed) for s, i in roles_of(rows, name, split, seed).items()}
        if len(real):
            found[split][REAL] = len(rows) + np.flatnonzero(calibrates == (split == CALIBRATION))
    return StoreSplits(found, reference, about(rows, real), mirrored=True, whole_maps=None)


def about(rows: Sequence[Row], real: Sequence[str] = ()) -> dict[str, NDArray[Any]]:
    """Return what is known of each crop of a gallery; of a real face only who it is."""
    people = REAL_FROM + np.unique(list(real), return_inverse=True)[1]
    return {
        IDENTITY: np.concatenate([identity_numbers(rows), people]).astype(np.int32),
        GENERATED: np.array([row.source == GAN for row in rows], dtype=np.uint8),
        EXPOSURE: np.array([row.exposure for row in rows], dtype=np.uint8),
    }


def some(rows: Sequence[Row], index: Indices, most: int | None, seed: int) -> Indices:
    """Return ``most`` of these rows of the ledger in their order, drawn by the seed, as many of each person; all if None.

    Everybody stays, as far as ``most`` reaches: a bootstrap over people then draws the same ones with or without it.
    """
    if most is None or len(index) <= most:
        return index
    people = identity_numbers(rows)[index]
    order = np.random.default_rng([seed, len(index)]).permutation(len(index))
    dealt: Counter[int] = Counter()
    turn = np.zeros(len(index), np.int64)
    for place in order:
        turn[place] = dealt[int(people[place])]
        dealt[int(people[place])] += 1
    return np.sort(index[order[np.argsort(turn[order], kind="stable")][:most]])


def roles_of(rows: Sequence[Row], name: str, purpose: str, seed: int, most: int = MAX_PER_SOURCE) -> dict[str, Indices]:
    """Return the rows of one purpose that are scored for a network, by source; at most so many siblings, and outsiders.

    Photographic outsiders are few and unlike the generated ones, so they are a source of their own.
    """
    found = rows_by_role(rows, name, purpose, seed, most)
    generated = np.array([rows[i].source == GAN for i in found[OUTSIDERS]], dtype=bool)
    return {**found, OUTSIDERS: found[OUTSIDERS][generated], OPENPEOPLE: found[OUTSIDERS][~generated]}


def _half_of_people(rows: Sequence[Row], index: Indices, seed: int) -> NDArray[np.bool_]:
    """Return (N,) bool: the rows of a seeded half of these people."""
    people = identity_numbers(rows)[index]
    drawn = np.random.default_rng([seed, len(index)]).permutation(np.unique(people))
    return np.isin(people, drawn[: len(drawn) // 2])
