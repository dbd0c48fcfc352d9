"""Which photo each release of a network is trained on: cohorts that are added, photos that are dropped or taken out again.

Every person has photos of every fate that a shuffled deck dealt, in either twin, and some in neither: use differs, people do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mint.errors import BadPool
from mint.lab.scaling.nested import LEFT_OUT, check_people, order
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row
from mint.lab.versions.fit import NEVER

VERSIONS = 4
# Nobody fits an auditor here: a score is a cosine. Half of the people and more calibrate, the others test.
KNOWN, TEST = "known", "test"
PURPOSES = {"training": KNOWN, "validation": KNOWN, "calibration": KNOWN, "test": TEST}
PHOTOS = 6  # of a person that a twin is trained on
SPARED = 2  # of a person, at least, that neither twin is trained on
# First version that uses a photo and the version without it again, of four people's photos but the first of each: with it,
# the first version has half of all, and every later one adds an eighth that stays.
FATES = (
    *[(0, 4)] * 4, *[(0, 2)] * 2, *[(0, 3)] * 2,
    *[(1, 4)] * 3, *[(2, 4)] * 3, *[(3, 4)] * 3, *[(1, 2)] * 3,
)  # fmt: skip
DILUTED = (1, 2)  # used by the second version alone


@dataclass(frozen=True, slots=True, eq=False)
class Releases:
    """Who was used when, by a pair of twins.

    Attributes:
        rows: the pool's ledger.
        purposes: (N,) ``known``, ``test`` or ``left out``.
        used: (N,) bool: whether a photo shows one of the people that the twins are trained on.
        first, out: (2, N) of either twin: the first version that uses a photo, or ``NEVER``, and the version from which on
            none does any more (``VERSIONS``: all later ones do).
    """

    rows: tuple[Row, ...]
    purposes: NDArray[np.str_]
    used: NDArray[np.bool_]
    first: NDArray[np.int64]
    out: NDArray[np.int64]

    def trained(self, version: int) -> NDArray[np.bool_]:
        """Return (2, N) bool: the photos that a version of either twin is trained on."""
        found: NDArray[np.bool_] = (self.first != NEVER) & (self.first <= version) & (version < self.out)
        return found

    def ledger(self, version: int) -> tuple[Row, ...]:
        """Return the ledger of a version, in the pool's order."""
        roles = np.where(self.trained(version), TRAINED, HELD_OUT)
        return tuple(
            replace(row, role_a=str(a), role_b=str(b), exposure=int(TRAINED in (a, b)), purpose=str(purpose))
            for row, a, b, purpose in zip(self.rows, *roles, self.purposes, strict=True)
        )


def deal(rows: Sequence[Row], people: int, outsiders: int, seed: int) -> Releases:
    """Deal the photos of generated people to the versions of both twins, the same for a seed.

    Args:
        rows: the pool's ledger; its purposes are kept.
        people: that the twins are trained on.
        outsiders: people that they are not trained on, at most.
        seed: of all choices.

    Raises:
        BadPool: there are not so many people with enough photos, or none of a purpose.
    """
    drawn = order(rows, seed, PURPOSES)
    able = [person for person in drawn.people if len(drawn.pictures[person]) >= 2 * PHOTOS + SPARED]
    chosen = able[:people]
    purpose_of = {row.identity: PURPOSES[row.purpose] for row in rows}
    strangers = [*able[people:], *sorted(drawn.outsiders)][:outsiders]
    check_people(len(able), 2 * PHOTOS + SPARED, people)
    lacking = [k for group in (chosen, strangers) for k in (KNOWN, TEST) if k not in {purpose_of[p] for p in group}]
    if lacking:
        raise BadPool(
            f"Of the {people} people to train on and of {len(strangers)} others, some are needed to calibrate on and some to test "
            f"on; here one of these lacks people for {' and '.join(sorted(set(lacking)))}. Choose other numbers, or make a larger pool."
        )
    purposes = np.full(len(rows), LEFT_OUT, dtype="<U16")
    used = np.zeros(len(rows), bool)
    for person in (*chosen, *strangers):
        purposes[list(drawn.pictures[person])] = purpose_of[person]
    first, out = np.full((2, len(rows)), NEVER), np.full((2, len(rows)), VERSIONS)
    random = np.random.default_rng([seed, 4])
    slots = people * (PHOTOS - 1)
    for twin in range(2):
        deck = [FATES[k % len(FATES)] for k in random.permutation(slots)]
        for number, person in enumerate(chosen):
            fates = [(0, VERSIONS), *deck[number * (PHOTOS - 1) : (number + 1) * (PHOTOS - 1)]]
            for index, fate in zip(drawn.pictures[person][twin * PHOTOS :], fates, strict=False):
                first[twin, index], out[twin, index] = fate
            used[list(drawn.pictures[person])] = True
    return Releases(tuple(rows), purposes, used, first, out)
