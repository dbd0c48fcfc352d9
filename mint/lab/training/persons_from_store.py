"""Make the test of several photos of one person from a store, without the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from mint.auditors.features import EMBEDDING
from mint.auditors.panel import Panel
from mint.evidence.fusion import Fusion
from mint.evidence.person import CONSISTENCY, MAX_PHOTOS, MIXED, NOT_USED, USED, PersonTest, Photos
from mint.evidence.score_table import CALIBRATION, MEMBERS, OUTSIDERS, PERSON, TEST, VALIDATION
from mint.lab.inputs.splits import Indices
from mint.lab.persons.fit import measured_test
from mint.lab.persons.photos import Known, Person, distinct
from mint.lab.store.extractor import THUMBNAIL
from mint.lab.training.store_features import StoreFeatures

MOST_PEOPLE = 2_000  # of a split that are looked at
WHO = {OUTSIDERS: "not used", MIXED: "used"}
MIN_TEST_PEOPLE = 10  # people of a split with two photos, used and not used, without whom there is no test


def people_test_of_store(
    shown: StoreFeatures,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    seed: int,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[PersonTest, dict[str, Any]] | None:
    """Fit the weights on validation people, calibrate on calibration people, measure on test people.

    Args:
        shown: of the network.
        panel: with the consistency auditor and those that ``fusions`` names.
        fusions: the per-photo ones; ``person`` is used.
        seed: of the order of everybody's photos.
        report: told why there is no test.

    Returns:
        The test and its figures; None where too few people have two photos.
    """
    known = known_people(shown, panel, fusions[PERSON], people_of(shown, seed))
    lacking = [
        f"{len(several)} {WHO[kind]} in {split}"
        for split in (VALIDATION, CALIBRATION, TEST)
        for kind in WHO
        if len(several := [p for p in known[split].get(kind, ()) if len(p) > 1]) < MIN_TEST_PEOPLE
    ]
    if lacking:
        report(
            f"no test of several photos: {MIN_TEST_PEOPLE} people with two photos are needed, there are {', '.join(lacking)}"
        )
        return None
    return measured_test(known, None if shown.head is None else shown.head.numpy(), seed)


def known_people(shown: StoreFeatures, panel: Panel, fusion: Fusion, people: Iterable[Person]) -> Known:
    """Return what a network shows of people, by purpose and kind: those who were not used, and used people by photos."""
    panel = panel.only({CONSISTENCY, *fusion.columns})
    found: Known = {purpose: {} for purpose in (VALIDATION, CALIBRATION, TEST)}
    for person in people:
        columns = shown.scores(panel, person.rows)
        embedding = shown.tensors([EMBEDDING], person.rows)[EMBEDDING].numpy()
        unit = embedding / np.maximum(np.linalg.norm(embedding, axis=1, keepdims=True), 1e-12)
        thumbs = shown.tensors([THUMBNAIL], person.rows)[THUMBNAIL].numpy().astype(np.float32)
        photos = Photos(fusion.score(columns), columns[CONSISTENCY].astype(np.float64), unit, person.alike, thumbs)
        kinds = found[person.purpose]
        if person.used is None:
            kinds.setdefault(person.kind, []).append(photos[:MAX_PHOTOS])
            continue
        for kind, places in ((USED, person.used), (NOT_USED, ~person.used), (MIXED, np.ones(len(photos), bool))):
            if places.any():
                kinds.setdefault(kind, []).append(photos[np.flatnonzero(places)[:MAX_PHOTOS]])
    return found


def people_of(shown: StoreFeatures, seed: int) -> Iterator[Person]:
    """Yield the people of a store who have several photos."""
    rows = shown.store.rows

    def thumbnails(index: Indices) -> np.ndarray:
        return shown.store.read([THUMBNAIL], shown.part, index)[THUMBNAIL]

    for number, split in enumerate((VALIDATION, CALIBRATION, TEST)):
        here = np.flatnonzero((rows.split == split) & ~rows.unusable)
        people = _several(rows.identity, here)
        random = np.random.default_rng([seed, 3, number])
        for chosen in np.sort(random.permutation(len(people))[:MOST_PEOPLE]):
            kept, alike = distinct(people[chosen], thumbnails, len(people[chosen]), random)
            unused = (rows.source[kept] == OUTSIDERS).all()
            yield Person(split, kept, alike, None if unused else rows.source[kept] == MEMBERS)


def _several(identity: np.ndarray, index: Indices) -> list[Indices]:
    """Return the rows of each person with two photos or more."""
    order = index[np.argsort(identity[index].astype(str), kind="stable")]
    cuts: Indices = np.flatnonzero(identity[order[1:]] != identity[order[:-1]]) + 1
    return [rows for rows in np.split(order, cuts) if len(rows) > 1]
