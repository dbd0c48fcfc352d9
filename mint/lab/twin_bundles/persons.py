"""Make a twin's test of several photos of one person: its pool, strangers of another pool, and real people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.errors import BadPool
from mint.evidence.near_duplicates import thumbnails
from mint.evidence.person import CONSISTENCY, MAX_PHOTOS, OTHERS, PersonTest
from mint.evidence.score_table import CALIBRATION, OUTSIDERS, PERSON, REAL, TEST, VALIDATION
from mint.lab.inputs.real_faces import for_calibration, several
from mint.lab.inputs.splits import Indices
from mint.lab.persons.bursts import Eye, bursts, taken_for_copies
from mint.lab.persons.fit import measured_test
from mint.lab.persons.photos import Known, Person, distinct
from mint.lab.training.persons_from_store import known_people
from mint.lab.twin_bundles.gallery import FITTED_APART, OWN, Gallery
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import Pool, by_person
from mint.networks.modules.in_runtime import in_runtime


def make_people_test(
    bundle: Bundle,
    gallery: Gallery,
    strangers: Pool | None,
    seed: int,
    work: Path,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[PersonTest, dict[str, Any]]:
    """Fit the weights on validation people, calibrate on calibration people, measure on test people.

    Args:
        bundle: of the twin. Its name, network, auditors (consistency and those of *person*'s fusion) and fusions are used.
        gallery: with the people that the twin was trained on, and real faces.
        strangers: a pool made with another seed, of which no twin saw a picture, for more people; its photographic
            people are in the other pool as well and are left out. None for the gallery's people alone.
        seed: of the order of everybody's photos.
        work: gets the stores; a run that was cut off goes on there. What ``OWN`` in it holds is not extracted again.
        report: told a line now and then.

    Raises:
        BadPool: a stranger is in the pool, or there is nobody to compare with.
    """
    pool, real = gallery.pool, gallery.real
    known, panel = people_of_twin(bundle, gallery, strangers, seed, work, report)
    test, figures = measured_test(known, bundle.network.centres(), seed)
    eye = Eye(in_runtime(bundle.network), panel, bundle.fusions[PERSON])
    report("photos of one person: bursts and mixed-up folders")
    others = pool if strangers is None else strangers
    return test, {
        **figures,
        "bursts": bursts(eye, test, pool, bundle.name, real, seed),
        "two photos taken for one": {
            OUTSIDERS: taken_for_copies([others.crops[rows] for rows in by_person(others.rows)], seed),
            REAL: taken_for_copies([real[0][rows] for rows in several(real[1]).values()], seed),
        },
    }


def people_of_twin(
    bundle: Bundle,
    gallery: Gallery,
    strangers: Pool | None,
    seed: int,
    work: Path,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[Known, Panel]:
    """Return what a twin shows of everybody's photos, and the auditors that scored them. Arguments and errors as above."""
    pool, name, fusion = gallery.pool, bundle.name, bundle.fusions[PERSON]
    if strangers is not None and {row.sha256 for row in strangers.rows if row.source == GAN} & {
        row.sha256 for row in pool.rows
    }:
        raise BadPool("The strangers' pool holds pictures of the twins' pool. Make it with another --seed.")
    panel = bundle.panel.only({CONSISTENCY, *fusion.columns})
    report("photos of one person: pool, strangers, real people")

    def known_of(where: Gallery, people: list[Person], folder: str) -> Known:
        numbers = np.concatenate([person.rows for person in people])
        shown = where.show(bundle.network, panel, numbers, work / folder, [work / OWN, work / OWN / FITTED_APART])
        return known_people(shown, panel, fusion, people)

    known = known_of(gallery, [*pool_people(gallery, name, seed), *real_people(gallery, seed)], "people")
    if strangers is not None:
        unknown = Gallery(strangers)
        for purpose, kinds in known_of(unknown, [*unknown_people(unknown, seed)], "strangers").items():
            known[purpose].setdefault(OUTSIDERS, []).extend(kinds.get(OUTSIDERS, ()))
    for kind in OTHERS:
        if not known[CALIBRATION].get(kind):
            raise BadPool(f"There is nobody of the kind {kind} with two photos to compare a person with.")
    return known, panel


def pool_people(gallery: Gallery, name: str, seed: int) -> Iterator[Person]:
    """Yield the generated people of the pool who fit no auditor."""
    pool = gallery.pool
    for number, rows in enumerate(by_person(pool.rows)):
        purpose = pool.rows[rows[0]].purpose
        if purpose not in (VALIDATION, CALIBRATION, TEST):
            continue
        used = any(pool.rows[i].member(name) for i in rows)
        random = np.random.default_rng([seed, number])
        kept, alike = distinct(rows, _thumbnails(gallery), len(rows) if used else MAX_PHOTOS, random)
        member = np.array([pool.rows[i].member(name) for i in kept], bool)
        yield Person(purpose, kept, alike, member if used else None)


def unknown_people(gallery: Gallery, seed: int) -> Iterator[Person]:
    """Yield generated people that no twin saw, split by name into calibration and test."""
    pool = gallery.pool
    for purpose in (CALIBRATION, TEST):
        people = (
            rows
            for rows in by_person(pool.rows)
            if for_calibration(pool.rows[rows[0]].identity) == (purpose == CALIBRATION)
        )
        for number, rows in enumerate(people):
            random = np.random.default_rng([seed, 1, number])
            yield Person(purpose, *distinct(rows, _thumbnails(gallery), MAX_PHOTOS, random))


def real_people(gallery: Gallery, seed: int) -> Iterator[Person]:
    """Yield real people with two photos or more, split by ``for_calibration``."""
    first = len(gallery.pool.rows)
    for person, rows in several(gallery.real[1]).items():
        random = np.random.default_rng([seed, 2, rows[0]])
        kept, alike = distinct(first + np.array(rows), _thumbnails(gallery), MAX_PHOTOS, random)
        yield Person(CALIBRATION if for_calibration(person) else TEST, kept, alike, kind=REAL)


def _thumbnails(gallery: Gallery) -> Callable[[Indices], np.ndarray]:
    return lambda numbers: thumbnails(gallery.crops(numbers))
