"""Who is trained on and who is told to the auditor: groups of fictional people, drawn by a seed.

| group | trained on | the auditor is told |
|---|---|---|
| known | yes | used |
| secret | yes | nothing |
| external | no | not used |
| ghost | no | used |
| siblings of known and of secret people, outsiders | no | nothing |

No person is in two groups; siblings are other photos of known or secret people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.errors import BadPool
from mint.evidence.score_table import OUTSIDERS, VALIDATION
from mint.lab.inputs.splits import Indices
from mint.lab.twin_bundles.roles import identity_numbers
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import by_person

KNOWN, SECRET, EXTERNAL, GHOST = "known", "secret", "external", "ghost"
KNOWN_SIBLINGS, SECRET_SIBLINGS = "siblings of known", "siblings of secret"
TRAINED = (KNOWN, SECRET)
TOLD = {KNOWN: 1.0, GHOST: 1.0, EXTERNAL: 0.0}  # what the auditor is told; nothing of the others
# Of the unseen, those whose people the auditor knows as well as it knows the group: siblings of known people look like
# photos of its list, which must not count against the secret ones.
UNSEEN = {KNOWN: (KNOWN_SIBLINGS, OUTSIDERS), SECRET: (SECRET_SIBLINGS, OUTSIDERS), GHOST: (OUTSIDERS,)}
VALIDATED = 1 / 3  # of known people and of outsiders: weights of losses and thresholds are chosen on them


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people a group has. There are as many external ones as the auditor is told are used.

    Attributes:
        known, secret, ghost, outsiders: people.
        photos: of each, that are trained on or told of.
        siblings: of each known and secret person, at most; an outsider has ``photos`` to be scored, and all to be recognised.
    """

    known: int = 80
    secret: int = 120
    ghost: int = 20
    outsiders: int = 200
    photos: int = 3
    siblings: int = 3

    @property
    def external(self) -> int:
        """People told as not used."""
        return self.known + self.ghost

    @property
    def people(self) -> int:
        """All people that are needed."""
        return self.known + self.secret + self.ghost + self.external + self.outsiders


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows of a pool by group.

    Attributes:
        rows: group to sorted row numbers.
        people: (N,) number of the person of every row of the pool.
        validated: numbers of the people that choices are made on; those of other groups than known and outsiders are none.
        strangers: all photos of outsiders.
    """

    rows: Mapping[str, Indices]
    people: NDArray[np.int32]
    validated: frozenset[int]
    strangers: Indices

    def part(self, group: str, purpose: str) -> Indices:
        """Return the rows of a group that are for validation or for test."""
        return self._of(self.rows[group], purpose)

    def strangers_of(self, purpose: str) -> Indices:
        """Return all photos of outsiders who are for validation or for test."""
        return self._of(self.strangers, purpose)

    def told(self) -> tuple[Indices, NDArray[np.float32]]:
        """Return the rows of the auditor's list, and 1 where it says that the photo was used."""
        values = [np.full(len(self.rows[group]), value, np.float32) for group, value in TOLD.items()]
        return np.concatenate([self.rows[group] for group in TOLD]), np.concatenate(values)

    def _of(self, rows: Indices, purpose: str) -> Indices:
        chosen = np.isin(self.people[rows], list(self.validated))
        return rows[chosen if purpose == VALIDATION else ~chosen]


def draw_groups(rows: Sequence[Row], sizes: Sizes, seed: int) -> Groups:
    """Draw the groups from the generated people of a ledger, whatever their roles there; the same for a seed.

    Raises:
        BadPool: too few people have as many photos as are needed.
    """
    random = np.random.default_rng([seed, 19])
    people = identity_numbers(rows)
    able = [theirs for theirs in by_person(rows) if len(theirs) > sizes.photos]
    if len(able) < sizes.people:
        raise BadPool(
            f"The pool gives {len(able)} people with more than {sizes.photos} photos, not {sizes.people}. Ask for fewer "
            "people, or make a larger pool."
        )
    deck = iter([able[k] for k in random.permutation(len(able))])
    found: dict[str, list[int]] = {}
    validated: set[int] = set()
    strangers: list[int] = []
    for group in (KNOWN, SECRET, GHOST, EXTERNAL, OUTSIDERS):
        count: int = getattr(sizes, group)
        for place in range(count):
            photos = next(deck)
            theirs = [photos[k] for k in random.permutation(len(photos))]
            found.setdefault(group, []).extend(theirs[: sizes.photos])
            if group in TRAINED:
                siblings = KNOWN_SIBLINGS if group == KNOWN else SECRET_SIBLINGS
                found.setdefault(siblings, []).extend(theirs[sizes.photos :][: sizes.siblings])
            if group == OUTSIDERS:
                strangers.extend(theirs)
            if group in (KNOWN, OUTSIDERS) and place < round(VALIDATED * count):
                validated.add(int(people[photos[0]]))
    return Groups(
        {group: np.array(sorted(index), np.int64) for group, index in found.items()},
        people, frozenset(validated), np.array(sorted(strangers), np.int64),
    )  # fmt: skip
