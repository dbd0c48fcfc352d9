"""Shuffled ledgers: whatever an auditor still finds is not membership."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import PURPOSES, Row


def shuffle_pictures(rows: Sequence[Row], seed: int) -> list[Row]:
    """Shuffle roles among the pictures of each person: a null for "was this photo used"."""
    random = np.random.default_rng(seed)
    found = list(rows)
    for indices in _by_identity(rows).values():
        for i, j in zip(indices, random.permutation(indices), strict=True):
            found[i] = replace(rows[i], role_a=rows[j].role_a, role_b=rows[j].role_b)
    return found


def shuffle_people(rows: Sequence[Row], seed: int) -> list[Row]:
    """Shuffle roles among generated people of each purpose: a null for "does it know them"."""
    random = np.random.default_rng(seed)
    found = list(rows)
    people = {p: i for p, i in _by_identity(rows).items() if rows[i[0]].source == GAN}
    for purpose in PURPOSES:
        here = [p for p, i in people.items() if rows[i[0]].purpose == purpose]
        for person, other in zip(here, random.permutation(here), strict=True):
            roles = [(rows[i].role_a, rows[i].role_b) for i in people[other]]
            roles = [roles[k % len(roles)] for k in range(len(people[person]))]
            for i, (role_a, role_b) in zip(people[person], roles, strict=True):
                found[i] = replace(rows[i], role_a=role_a, role_b=role_b)
    return found


def _by_identity(rows: Sequence[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        found.setdefault(row.identity, []).append(i)
    return found
