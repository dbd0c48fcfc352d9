"""Fit, calibrate and measure the test that judges several photos of one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mint.errors import TooFew
from mint.evidence.fusion import Fusion
from mint.evidence.person import (
    COMPACT,
    MAX_PHOTOS,
    MIXED,
    NOT_USED,
    OTHERS,
    STEADY,
    USED,
    PersonTest,
    Photos,
    mean_pair,
    set_features,
    size,
)
from mint.evidence.score_table import CALIBRATION, OUTSIDERS, TEST, VALIDATION
from mint.lab.persons.evaluation import evaluate_people
from mint.lab.persons.fusion_fit import fit_fusion
from mint.lab.persons.odd_checks import mixed_up, odd_checks
from mint.lab.persons.photos import Known

FITTED_SIZES, SETS_DRAWN = (1, 2, 3, 5, 8, 12), 12  # sets of validation people that the weights are fitted on
HEADLESS = (COMPACT, STEADY)  # what is left to somebody who has the network without its classification head


def person_test(known: Known, head: np.ndarray | None, seed: int) -> PersonTest:
    """Fit on validation people, calibrate on calibration people, score test people."""
    expected = expected_cosine(known[VALIDATION].get(OUTSIDERS, ()))
    return calibrated(known, fit(known[VALIDATION], expected, head, seed), expected, head)


def measured_test(known: Known, head: np.ndarray | None, seed: int) -> tuple[PersonTest, dict[str, Any]]:
    """Return ``person_test``, and its figures of test people."""
    test = person_test(known, head, seed)
    figures = evaluate_people(test, headless(known, test.expected, seed))
    return test, {**figures, "one wrong photo": mixed_up(test)}


def calibrated(
    known: Known, fused: Fusion, expected: tuple[float, float], head: np.ndarray | None = None
) -> PersonTest:
    """Return the test with these weights, its limits and its scores."""
    return PersonTest(
        fusion=fused,
        expected=expected,
        alike_most=_limit(known, lambda p: mean_pair(p.alike), lambda values: max(v.max() for v in values)),
        odd=odd_checks(known),
        scores={
            purpose: {kind: tables(people, fused, expected, head) for kind, people in known[purpose].items()}
            for purpose in (CALIBRATION, TEST)
        },
    )


def headless(known: Known, expected: tuple[float, float], seed: int) -> dict[str, dict[str, np.ndarray]]:
    """Fit and score the test without a classification head."""
    fused = fit(known[VALIDATION], expected, None, seed, HEADLESS)
    return {kind: tables(people, fused, expected, None) for kind, people in known[TEST].items()}


def tables(
    people: Sequence[Photos], fusion: Fusion, expected: tuple[float, float], head: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Return one score a person for each size, from the first n photos."""
    found = {}
    for n in range(1, MAX_PHOTOS + 1):
        rows = [set_features(p[:n], expected, head) for p in people if len(p) >= n]
        columns = {key: np.array([row[key] for row in rows]) for key in (rows[0] if rows else fusion.weights)}
        found[size(n)] = np.asarray(fusion.score(columns), np.float32)
    return found


def expected_cosine(outsiders: Sequence[Photos]) -> tuple[float, float]:
    """Fit the expected cosine of two photos of a person: base and rise over squared likeness."""
    alike: list[np.ndarray] = [np.zeros(0)]
    cosine: list[np.ndarray] = [np.zeros(0)]
    for person in outsiders:
        pairs = np.triu_indices(len(person), 1)
        alike.append(person.alike[pairs])
        cosine.append((person.unit @ person.unit.T)[pairs])
    x, y = np.concatenate(alike).astype(np.float64), np.concatenate(cosine).astype(np.float64)
    if len(x) < 2:
        raise TooFew("There are no two photos of one validation outsider.")
    rise, base = np.polyfit(x**2, y, 1)
    return float(base), max(0.0, float(rise))


def fit(
    people: Mapping[str, Sequence[Photos]],
    expected: tuple[float, float],
    head: np.ndarray | None,
    seed: int,
    only: Sequence[str] = (),
) -> Fusion:
    """Fit non-negative logistic weights on sets drawn of validation people.

    The same weights serve every size: fitted for each size alone they are as good, and noisier.

    Args:
        people: kinds to people; who was used brings used, other and mixed photos.
        expected: see ``PersonTest``.
        head: class centres, or None.
        seed: of the sets.
        only: features to use; all if empty.
    """
    random = np.random.default_rng(seed)
    rows, used = [], []
    for n in FITTED_SIZES:
        for kind in (USED, NOT_USED, MIXED, OUTSIDERS):
            for person in people.get(kind, ()):
                for _ in range(SETS_DRAWN if len(person) >= n else 0):
                    photos = person[random.choice(len(person), n, replace=False)]
                    rows.append(set_features(photos, expected, head))
                    used.append(kind != OUTSIDERS)
    names = [key for key in rows[0] if not only or key in only]
    return fit_fusion({key: [row[key] for row in rows] for key in names}, used)


def _limit(known: Known, of: Callable[[Photos], float], bound: Callable[[list[np.ndarray]], float]) -> dict[str, float]:
    """Return a bound for each size over the calibration sets of everybody who was not used."""
    found = {}
    for n in range(2, MAX_PHOTOS + 1):
        values = [np.array([of(p[:n]) for p in known[CALIBRATION].get(kind, ()) if len(p) >= n]) for kind in OTHERS]
        if there := [v for v in values if len(v)]:
            found[size(n)] = float(bound(there))
    return found
