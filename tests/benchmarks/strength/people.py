"""Who is looked at: people of training, validation and calibration. No test person is ever read here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mint.lab.training.store_splits import FITTED
from mint.lab.twin_bundles.ledger_splits import MAX_PER_SOURCE, ledger_splits, roles_of
from mint.lab.twin_bundles.roles import rows_by_role
from mint.lab.twins.pool import Pool

MEMBER, SIBLING, OUTSIDER = range(3)
TRAINING, CHOOSING = "training", "choosing"
HELD_OUT = ("validation", "calibration")


@dataclass(frozen=True, eq=False)
class People:
    """Crops of one split.

    Attributes:
        crops: (N, 112, 112, 3) uint8 RGB.
        group: (N,) ``MEMBER``, ``SIBLING`` (another picture of a trained person) or ``OUTSIDER``.
    """

    crops: np.ndarray
    group: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> People:
        return People(self.crops[rows], self.group[rows])


def splits(pool: Pool, network: str, seed: int) -> dict[str, People]:
    """Training as `mint lab train` draws it, and, of validation, what that chooses by; then who is scored.

    Scored are members and siblings: all of them in validation and in calibration.
    """
    found = {}
    fitting = ledger_splits(pool.rows, network, seed)
    for split, fitted in zip((TRAINING, CHOOSING), FITTED, strict=True):
        index, member, known = fitting.samples(fitted)
        found[split] = People(pool.crops[index], np.where(member, MEMBER, np.where(known, SIBLING, OUTSIDER)))
    for split in HELD_OUT:
        roles = roles_of(pool.rows, network, split, seed)
        sides = [roles[name] for name in ("members", "siblings")]
        group = np.repeat([MEMBER, SIBLING], [len(side) for side in sides])
        found[split] = People(pool.crops[np.concatenate(sides)], group)
    return found


def reference(pool: Pool, network: str, seed: int) -> np.ndarray:
    """(R, 112, 112, 3) crops of outsiders with no crop elsewhere, as `mint lab train` draws them."""
    return pool.crops[ledger_splits(pool.rows, network, seed).reference]


def strangers(pool: Pool, network: str, seed: int) -> np.ndarray:
    """(S, 112, 112, 3) crops of every outsider among the training people."""
    return pool.crops[rows_by_role(pool.rows, network, "training", seed, len(pool.rows))["outsiders"]]


def fewer_siblings(people: People, most: int = MAX_PER_SOURCE) -> np.ndarray:
    """Row numbers of the members and of a seeded draw of the siblings, without outsiders."""
    siblings = np.random.default_rng(7).permutation(np.flatnonzero(people.group == SIBLING))[:most]
    return np.sort(np.concatenate([np.flatnonzero(people.group == MEMBER), siblings]))
