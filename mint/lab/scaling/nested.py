"""Nested training sets from one pool: each is a ledger of its own, and everything that is compared stays the same.

People stand in one seeded order, in which every stretch has all purposes in proportion; a training set takes the first of
them. Some people are kept out of all sets: they are the outsiders of every network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mint.errors import BadPool
from mint.evidence.score_table import CALIBRATION, TEST, TRAINING, VALIDATION
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row

# Nothing is calibrated here, so its people fit the auditors. Those of training and validation, on whom the auditors were
# once chosen, only stop the fit; test people stay test people.
PURPOSE = {CALIBRATION: TRAINING, TRAINING: VALIDATION, VALIDATION: VALIDATION, TEST: TEST}
LEFT_OUT = "left out"  # the purpose of who is of no use for a network
OUTSIDER_SHARE = 0.15  # of the people: a TPR at 1 % FPR needs a thousand pictures of those who are for test
SPARED_PICTURES = 2  # pictures of a person, at least, that are not trained on
MIN_OF_A_PURPOSE = 2  # people of each purpose, of those trained on and of outsiders


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """A training set's size: how many pictures, and how many of each person (the last one may have fewer)."""

    members: int
    photos: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.members:06d}-of-{self.photos:02d}"


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """The order in which people and their pictures are taken.

    Attributes:
        rows: the pool's ledger.
        people: those that networks may be trained on.
        outsiders: those that none is trained on.
        pictures: person to row numbers.
        purposes: a purpose of the pool's ledger to that of a network's.
    """

    rows: tuple[Row, ...]
    people: tuple[str, ...]
    outsiders: frozenset[str]
    pictures: Mapping[str, tuple[int, ...]]
    purposes: Mapping[str, str]

    def largest(self, photos: int) -> int:
        """Return the most pictures that can be trained on with so many of each person."""
        return photos * len(self._able(photos))

    def members(self, size: Size) -> dict[str, tuple[int, ...]]:
        """Return the trained people in their order, each with the row numbers of the pictures trained on."""
        found, left = {}, size.members
        for person in self._able(size.photos)[: _whole(size.members, size.photos)]:
            found[person] = self.pictures[person][: min(size.photos, left)]
            left -= len(found[person])
        return found

    def ledger(self, size: Size, fitted: int) -> tuple[Row, ...]:
        """Return the ledger of a network of this size, in the pool's order.

        Args:
            size: of its training set; see ``check``.
            fitted: pictures of the training set whose people auditors may be fitted on, the first of the order. With the
                smallest size of all, every network's auditors are fitted on as many pictures: a better auditor would
                look like a network that remembers more.
        """
        members = self.members(size)
        trained = {index for indices in members.values() for index in indices}
        fitting = set(list(members)[: _whole(fitted, size.photos)])
        found = []
        for index, row in enumerate(self.rows):
            purpose = LEFT_OUT
            if row.identity in self.outsiders or row.identity in members:
                purpose = self.purposes[row.purpose]
            if row.identity in members and purpose != TEST and row.identity not in fitting:
                purpose = LEFT_OUT
            role = TRAINED if index in trained else HELD_OUT
            found.append(replace(row, role_a=role, role_b=HELD_OUT, exposure=int(index in trained), purpose=purpose))
        return tuple(found)

    def check(self, sizes: Iterable[Size]) -> None:
        """Refuse sizes that cannot be trained and tested.

        Raises:
            BadPool: one is too large for the pool, or too small to have people of every purpose.
        """
        for size in sizes:
            largest = self.largest(size.photos)
            if size.members > largest:
                raise BadPool(
                    f"The pool gives {largest} training pictures at most with {size.photos} of a person, not "
                    f"{size.members}: {OUTSIDER_SHARE:.0%} of its people are kept as outsiders. Ask for less, or make a larger pool."
                )
            row_of = {row.identity: row for row in self.rows}
            count = Counter(self.purposes[row_of[person].purpose] for person in self.members(size))
            if min(count[purpose] for purpose in set(self.purposes.values())) < MIN_OF_A_PURPOSE:
                raise BadPool(
                    f"{size.members} pictures with {size.photos} of a person are {count.total()} people: too few to fit "
                    "auditors on some, validate them on others and test them on others. Ask for more."
                )

    def _able(self, photos: int) -> list[str]:
        return [person for person in self.people if len(self.pictures[person]) >= photos + SPARED_PICTURES]


def check_people(able: int, photos: int, wanted: int) -> None:
    """Refuse a pool in which fewer people than wanted have so many photos. Raises BadPool."""
    if able < wanted:
        fewer = (
            "Ask for fewer, or make a larger pool" if able else "For any, make a larger pool, of more pictures a person"
        )
        raise BadPool(f"The pool gives {able} people with {photos} photos, not {wanted} to train on. {fewer}.")


def order(rows: Sequence[Row], seed: int, purposes: Mapping[str, str] = PURPOSE) -> Order:
    """Draw who is taken when: the generated people of a ledger and their pictures, the same for a seed."""
    random = np.random.default_rng([seed, 3])
    pictures: dict[str, list[int]] = {}
    found: dict[str, list[str]] = {purpose: [] for purpose in purposes}
    for index, row in enumerate(rows):
        if row.source == GAN:
            if row.identity not in pictures:
                found[row.purpose].append(row.identity)
            pictures.setdefault(row.identity, []).append(index)
    outsiders: set[str] = set()
    places: list[tuple[float, str]] = []
    for people in found.values():
        dealt = [people[k] for k in random.permutation(len(people))]
        out = max(MIN_OF_A_PURPOSE, round(OUTSIDER_SHARE * len(dealt)))
        outsiders.update(dealt[:out])
        places += [((k + 0.5) / (len(dealt) - out), person) for k, person in enumerate(dealt[out:])]
    drawn = {person: tuple(random.permutation(indices).tolist()) for person, indices in pictures.items()}
    return Order(tuple(rows), tuple(person for _, person in sorted(places)), frozenset(outsiders), drawn, purposes)


def grid(members: Sequence[int], photos: Sequence[int]) -> tuple[list[Size], Size]:
    """Return the sizes to train, smallest first, and the one in the middle.

    Every number of members is trained with the middle number of photos, and every number of photos with the middle
    number of members.
    """
    middle = Size(sorted(set(members))[len(set(members)) // 2], sorted(set(photos))[len(set(photos)) // 2])
    sizes = {Size(m, middle.photos) for m in members} | {Size(middle.members, p) for p in photos}
    return sorted(sizes), middle


def _whole(pictures: int, photos: int) -> int:
    """Return how many people have so many pictures."""
    return -(-pictures // photos)
