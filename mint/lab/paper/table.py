"""Both sides of the papers' protocol as one table of crops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mint.evidence.score_table import TEST, TRAINING, VALIDATION
from mint.lab.paper.faces import Side


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All crops in one row order: validation, test, then training with both classes in turn.

    So the first n rows of training are the training set of size n, and no subset is copied.

    Attributes:
        crops: (N, 112, 112, 3) uint8.
        member: (N,) bool.
        people: (N,) who is shown.
        validation: how many rows.
        test: how many rows.
    """

    crops: np.ndarray
    member: np.ndarray
    people: np.ndarray
    validation: int
    test: int

    @property
    def training(self) -> int:
        """The number of rows left to train on."""
        return len(self.member) - self.validation - self.test


def tabulate(inside: Side, outside: Side) -> Table:
    """Put both sides in one row order, with balanced classes in every split."""
    rows: list[tuple[Side, int]] = []
    lengths = {}
    for split in (VALIDATION, TEST, TRAINING):
        mine, theirs = (np.flatnonzero(side.split == split) for side in (inside, outside))
        both = min(len(mine), len(theirs))
        lengths[split] = 2 * both
        rows += [pair for m, n in zip(mine[:both], theirs[:both], strict=True) for pair in ((inside, m), (outside, n))]
    return Table(
        np.stack([side.crops[k] for side, k in rows]),
        np.array([side is inside for side, _ in rows]),
        np.array([f"{'member' if side is inside else 'external'} {side.people[k]}" for side, k in rows]),
        lengths[VALIDATION],
        lengths[TEST],
    )
