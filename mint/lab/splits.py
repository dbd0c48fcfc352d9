"""Roles of crops for a network: members, siblings, outsiders, by purpose."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mint.lab.ledger import Row
from mint.lab.sources import GAN

Indices = NDArray[np.int64]
GROUPS = ("members", "siblings", "outsiders")
SHARES = {"training": 0.45, "validation": 0.10, "calibration": 0.20, "test": 0.25}  # of the people of a store


def groups(rows: Sequence[Row], network: str) -> list[str]:
    """Return each row's group: ``members``, ``siblings`` or ``outsiders``.

    Siblings are other pictures of trained people.
    """
    trained = {row.identity for row in rows if row.member(network)}
    return [
        "members" if row.member(network) else "siblings" if row.identity in trained else "outsiders" for row in rows
    ]


def pick(rows: Sequence[Row], network: str, purpose: str, seed: int, most: int | None = None) -> dict[str, Indices]:
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
        if group != "members":
            few = [i for i in here if rows[i].source != GAN]
            many = np.array([i for i in here if rows[i].source == GAN], dtype=np.int64)
            limit = max(0, (len(found["members"]) if most is None else most) - len(few))
            many = np.random.default_rng([seed, len(many)]).permutation(many)[:limit]
            here = sorted([*few, *many.tolist()])
        found[group] = np.array(here, dtype=np.int64)
    return found


def identity_numbers(rows: Sequence[Row]) -> NDArray[np.int32]:
    """Number each row's identity, the same for all its pictures."""
    return np.unique([row.identity for row in rows], return_inverse=True)[1].astype(np.int32)


def split_of(person: str) -> str:
    """Return a person's split in a store, drawn with the name alone; see ``SHARES``."""
    coin = int.from_bytes(hashlib.sha256(person.encode()).digest()[:8], "big") / 2**64
    for split, share in SHARES.items():
        if coin < share:
            return split
        coin -= share
    return "test"


def source_of_photo(member: bool, person_trained: bool) -> str:
    """Return one of ``GROUPS``."""
    return "members" if member else "siblings" if person_trained else "outsiders"
