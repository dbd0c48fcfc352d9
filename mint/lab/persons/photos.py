"""Collect each person's distinct photos and their scores, by purpose and kind of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mint.auditors.panel import Panel
from mint.evidence.fusion import Fusion
from mint.evidence.near_duplicates import copies, likeness, thumbnails
from mint.evidence.person import CALIBRATION, CONSISTENCY, MAX_PHOTOS, MIXED, NOT_USED, TEST, USED, Photos
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork

VALIDATION = "validation"
OVERSAMPLING = 4  # times as many pictures as count: further copies are not looked for
Known = dict[str, dict[str, list[Photos]]]  # purpose to kind of people to one entry a person


@dataclass(frozen=True, slots=True, eq=False)
class PersonFeatures:
    """A network and its auditors, which turn crops into ``Photos``."""

    network: AuditedNetwork
    panel: Panel
    fusion: Fusion

    def photos(self, crops: np.ndarray, most: int, random: np.random.Generator) -> tuple[Photos, np.ndarray]:
        """Return up to ``most`` distinct crops of a person in random order, and which they are."""
        order = random.permutation(len(crops))[: OVERSAMPLING * MAX_PHOTOS]
        thumbs = thumbnails(crops[order])
        alike = likeness(thumbs, thumbs)
        kept, _ = copies(alike, most)
        return self.show(crops[order[kept]], alike[np.ix_(kept, kept)]), order[kept]

    def show(self, crops: np.ndarray, alike: np.ndarray) -> Photos:
        """Return the ``Photos`` of distinct crops."""
        columns, unit = self.panel.look(self.network, crops)
        return Photos(self.fusion.score(columns), columns[CONSISTENCY].astype(np.float64), unit, alike)

    @property
    def head(self) -> np.ndarray | None:
        """The (C, E) unit class centres, or None."""
        return None if self.network.head is None else self.network.head.numpy()


def pool_people(features: PersonFeatures, pool: Pool, name: str, seed: int) -> Known:
    """Collect generated people of the pool, by purpose."""
    found: Known = {p: {k: [] for k in (USED, NOT_USED, MIXED, "outsiders")} for p in (VALIDATION, CALIBRATION, TEST)}
    for number, rows in enumerate(by_person(pool)):
        purpose = pool.rows[rows[0]].purpose
        if purpose not in found:
            continue
        random = np.random.default_rng([seed, number])
        member = np.array([pool.rows[i].member(name) for i in rows])
        photos, which = features.photos(pool.crops[rows], len(rows) if member.any() else MAX_PHOTOS, random)
        if not member.any():
            found[purpose]["outsiders"].append(photos)
            continue
        was = np.flatnonzero(member[which])
        was_not = np.flatnonzero(~member[which])
        for kind, places in ((USED, was), (NOT_USED, was_not), (MIXED, np.arange(len(photos)))):
            if len(places):
                found[purpose][kind].append(photos[places[:MAX_PHOTOS]])
    return found


def unknown_people(features: PersonFeatures, strangers: Pool, purpose: str, seed: int) -> list[Photos]:
    """Collect generated people that no twin saw, split by name into calibration and test."""
    people = [
        rows
        for rows in by_person(strangers)
        if for_calibration(strangers.rows[rows[0]].identity) == (purpose == CALIBRATION)
    ]
    return [
        features.photos(strangers.crops[rows], MAX_PHOTOS, np.random.default_rng([seed, 1, number]))[0]
        for number, rows in enumerate(people)
    ]


def real_people(
    features: PersonFeatures, real: tuple[np.ndarray, Sequence[str]], purpose: str, seed: int
) -> list[Photos]:
    """Collect real people with two photos or more, split by ``for_calibration``."""
    return [
        features.photos(real[0][rows], MAX_PHOTOS, np.random.default_rng([seed, 2, rows[0]]))[0]
        for person, rows in several(real[1]).items()
        if for_calibration(person) == (purpose == CALIBRATION)
    ]


def several(people: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows of each person who has two or more."""
    found: dict[str, list[int]] = {}
    for row, person in enumerate(people):
        found.setdefault(person, []).append(row)
    return {person: rows for person, rows in found.items() if len(rows) > 1}


def by_person(pool: Pool, source: str = GAN) -> list[list[int]]:
    """Return the rows of each person of a source."""
    found: dict[str, list[int]] = {}
    for place, row in enumerate(pool.rows):
        if row.source == source:
            found.setdefault(row.identity, []).append(place)
    return list(found.values())
