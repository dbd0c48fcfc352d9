"""Make the test of several photos of one person from a store, without the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mint.auditors.features import EMBEDDING
from mint.auditors.panel import Panel
from mint.bundles.bundle import PERSON
from mint.evidence.fusion import Fusion
from mint.evidence.near_duplicates import copies, likeness
from mint.evidence.person import CALIBRATION, CONSISTENCY, MAX_PHOTOS, MIXED, NOT_USED, TEST, USED, PersonTest, Photos
from mint.lab.inputs.splits import Indices
from mint.lab.persons.evaluation import evaluate_people, mixed_up
from mint.lab.persons.fit import headless, person_test
from mint.lab.persons.photos import OVERSAMPLING, VALIDATION, Known
from mint.lab.store.extractor import THUMBNAIL
from mint.lab.training.store_features import StoreFeatures

PEOPLE = 2_000  # of a split that are looked at
WHO = {"outsiders": "not used", MIXED: "used"}
MIN_TEST_PEOPLE = 10  # people of a split with two photos, used and not used, without whom there is no test


def people_test_of_store(
    shown: StoreFeatures,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    seed: int,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[PersonTest, dict[str, Any]] | None:
    """Fit, calibrate and measure as ``mint.lab.persons.fit.make_people_test`` does.

    Args:
        shown: of the network.
        panel: with the consistency auditor and those that ``fusions`` names.
        fusions: the per-photo ones; ``person`` is used.
        seed: of the order of everybody's photos.
        report: told why there is no test.

    Returns:
        The test and its figures; None where too few people have two photos.
    """
    known = known_people(shown, panel, fusions[PERSON], seed)
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
    head = None if shown.head is None else shown.head.numpy()
    test = person_test(known, head, seed)
    figures = evaluate_people(test, headless(known, test.expected, seed))
    return test, {**figures, "one wrong photo": mixed_up(test, known[TEST])}


def known_people(shown: StoreFeatures, panel: Panel, fusion: Fusion, seed: int) -> Known:
    """Collect people with several photos by split: outsiders, and used people by photos."""
    rows = shown.store.rows
    panel = panel.only({CONSISTENCY, *fusion.columns})
    found: Known = {}
    for number, split in enumerate((VALIDATION, CALIBRATION, TEST)):
        here = np.flatnonzero((rows.split == split) & ~rows.on_both_sides)
        people = _several(rows.identity, here)
        random = np.random.default_rng([seed, 3, number])
        kept = [people[i] for i in np.sort(random.permutation(len(people))[:PEOPLE])]
        kinds: dict[str, list[Photos]] = {}
        for person in kept:
            photos, which = _photos(shown, panel, fusion, random.permutation(person)[: OVERSAMPLING * MAX_PHOTOS])
            used = rows.source[which] == "members"
            if (rows.source[which] == "outsiders").all():
                kinds.setdefault("outsiders", []).append(photos[:MAX_PHOTOS])
                continue
            for kind, places in ((USED, used), (NOT_USED, ~used), (MIXED, np.ones(len(which), bool))):
                if places.any():
                    kinds.setdefault(kind, []).append(photos[np.flatnonzero(places)[:MAX_PHOTOS]])
        found[split] = kinds
    return found


def _several(identity: np.ndarray, index: Indices) -> list[Indices]:
    """Return the rows of each person with two photos or more."""
    order = index[np.argsort(identity[index].astype(str), kind="stable")]
    cuts: Indices = np.flatnonzero(identity[order[1:]] != identity[order[:-1]]) + 1
    return [rows for rows in np.split(order, cuts) if len(rows) > 1]


def _photos(shown: StoreFeatures, panel: Panel, fusion: Fusion, rows: Indices) -> tuple[Photos, Indices]:
    """Return the distinct photos among rows of one person, in order."""
    stored = shown.store.read([EMBEDDING, THUMBNAIL], shown.part, rows)
    alike = likeness(stored[THUMBNAIL], stored[THUMBNAIL])
    kept, _ = copies(alike, len(rows))
    columns = shown.scores(panel, rows[kept])
    embedding = stored[EMBEDDING][kept]
    unit = embedding / np.maximum(np.linalg.norm(embedding, axis=1, keepdims=True), 1e-12)
    person, steady = fusion.score(columns), columns[CONSISTENCY].astype(np.float64)
    return Photos(person, steady, unit, alike[np.ix_(kept, kept)]), rows[kept]
