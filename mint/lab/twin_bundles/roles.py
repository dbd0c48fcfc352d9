"""Roles of crops for a network: members, siblings, outsiders, by purpose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mint.evidence.score_table import MEMBERS, OUTSIDERS, SIBLINGS
from mint.lab.inputs.splits import GROUPS, Indices
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row


def groups(rows: Sequence[Row], network: str) -> list[str]:
    """Return each row's group: ``members``, ``siblings`` or ``outsiders``.

    Siblings are other pictures of trained people.
    """
    trained = {row.identity for row in rows if row.member(network)}
    return [MEMBERS if row.member(network) else SIBLINGS if row.identity in trained else OUTSIDERS for row in rows]


def rows_by_role(
    rows: Sequence[Row], network: str, purpose: str, seed: int, most: int | None = None
) -> dict[str, Indices]:
    """Return the rows of one purpose, by group.

    Args:
        rows: the ledger.
        network: ``twin-a`` or ``twin-b``.
        purpose: as in the ledger.
        seed: of the choice, where there are too many.
        most: how many siblings and outsiders at most; None for as many as there are members. Crops
            of openpeople are few and are always kept.

    Returns:
        Group to sorted row numbers.
    """
    found: dict[str, Indices] = {}
    kinds = groups(rows, network)
    for group in GROUPS:
        here = [i for i, row in enumerate(rows) if row.purpose == purpose and kinds[i] == group]
        if group != MEMBERS:
            few = [i for i in here if rows[i].source != GAN]
            many = np.array([i for i in here if rows[i].source == GAN], dtype=np.int64)
            limit = max(0, (len(found[MEMBERS]) if most is None else most) - len(few))
            many = np.random.default_rng([seed, len(many)]).permutation(many)[:limit]
            here = sorted([*few, *many.tolist()])
        found[group] = np.array(here, dtype=np.int64)
    return found


def identity_numbers(rows: Sequence[Row]) -> NDArray[np.int32]:
    """Number each row's identity, the same for all its pictures."""
    return np.unique([row.identity for row in rows], return_inverse=True)[1].astype(np.int32)
