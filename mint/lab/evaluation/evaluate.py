"""Compute every reported figure of a bundle from the scores that ship with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from mint.bundles.bundle import SOURCES, Bundle
from mint.bundles.evaluation import LEVELS, NEW_PEOPLE, NON_MEMBERS, SAMPLE, levels
from mint.errors import BundleMismatch
from mint.evidence.bootstrap import DRAWS
from mint.evidence.conformal import largest_p_values
from mint.evidence.metrics import best_threshold, clustered_rate
from mint.evidence.score_table import (
    GENERATED,
    IDENTITY,
    MEMBERS,
    OUTSIDERS,
    PERSON,
    PHOTO,
    REAL,
    SIBLINGS,
    Columns,
    Tables,
    sides,
)
from mint.judging.photo import DEFAULT_ALPHA, verdict_p_values
from mint.lab.controls.names import CROSS, CROSS_CALIBRATION, PIXELS, UNTRAINED
from mint.lab.evaluation.control_figures import control, control_report
from mint.lab.evaluation.gate import CLOSED, gates, score_columns
from mint.lab.evaluation.metric_row import metric_row, short_rows
from mint.types import REFERENCE

SAME_SOURCE = "same-source"
PROTOCOLS = (SAME_SOURCE, CROSS)


def evaluate(bundle: Bundle, level: str = SAMPLE, protocol: str = SAME_SOURCE, draws: int = DRAWS) -> dict[str, Any]:
    """Evaluate a bundle under one protocol, at one level.

    Args:
        bundle: with its test scores.
        level: ``sample``: against held-out pictures of the same people. ``identity``: against
            pictures of people that the network never saw.
        protocol: ``same-source``: these are the non-members. ``cross-database``: the non-members, for
            the auditors to fit and for the test, are real faces; those of the level are then scored
            as well, to see what is left when the database is the same.
        draws: bootstrap draws, by identity.

    Returns:
        The design's contract for ``mint lab evaluate``.

    Raises:
        BundleMismatch: the bundle has no scores for this protocol, or none at this level.
    """
    if protocol == CROSS:
        return _cross_database(bundle, level, draws)
    if bundle.tier == REFERENCE:
        return _reference(bundle)
    check_level(bundle, level)
    members, others = sides(bundle.test, NON_MEMBERS[level])
    calibration = sides(bundle.calibration, NON_MEMBERS[level])
    report = control_report(bundle, level, draws)
    rows = []
    for layer, auditor, column in _columns(bundle):
        threshold = best_threshold(*(side[column] for side in calibration))
        found = metric_row(members, others, column, draws, threshold)
        error = _calibration_error(bundle, column, max(100, draws // 5)) if column in _shown(bundle) else {}
        more = {"fpr": false_positive_rates(bundle, column), "gate": report["gates"][column]}
        rows.append({"layer": layer, "auditor": auditor, **found, **error, **more})
    if level == NEW_PEOPLE and bundle.sources(PERSON):
        rows.append({"layer": "all", "auditor": "person", **_person_row(bundle, draws)})
    return {
        "network": bundle.network.name,
        "protocol": SAME_SOURCE,
        "level": level,
        "rows": rows,
        "controls": report["controls"],
        "dose_response": report["dose_response"],
        "gate": report["gates"][PHOTO],
        "verdicts": {question: verdict_rates(bundle, question) for question in (PHOTO, PERSON)},
        "checkpoints": [
            {"epoch": int(split.removeprefix("epoch-")), "rows": _short(bundle.scores[split], level, draws)}
            for split in sorted(bundle.scores)
            if split.startswith("epoch-")
        ],
    }


def evaluate_all(bundle: Bundle, draws: int = DRAWS) -> dict[str, Any]:
    """Return what ``evaluation.json`` holds: all levels under both protocols."""
    found: dict[str, Any] = {level: evaluate(bundle, level, draws=draws) for level in levels_of(bundle)}
    if CROSS in bundle.scores:
        found[CROSS] = {level: evaluate(bundle, level, CROSS, draws) for level in LEVELS}
    return found


def levels_of(bundle: Bundle) -> tuple[str, ...]:
    """Return the levels at which a bundle can be evaluated, the harder one first."""
    return (NEW_PEOPLE,) if bundle.tier == REFERENCE else levels(bundle.scores)


def check_level(bundle: Bundle, level: str) -> None:
    """Raise BundleMismatch if a bundle cannot be evaluated at a level."""
    there = levels_of(bundle)
    if level not in there:
        raise BundleMismatch(
            f"{bundle.name} has no {level} level: it knows too few members or {NON_MEMBERS[level]} who are left for "
            f"calibration and test. There is {', '.join(there) or 'none'}."
        )


def false_positive_rates(bundle: Bundle, column: str, alpha: float = DEFAULT_ALPHA) -> dict[str, Any]:
    """Return the share of test non-members with p <= alpha in this column, by source."""
    bounds = bundle.bounds(column, PHOTO)
    found = {}
    for source in SOURCES[PHOTO] if bounds else ():
        columns = bundle.test.get(source, {})
        if len(columns.get(column, ())):
            hits = largest_p_values(columns[column], bounds) <= alpha
            found[source] = asdict(clustered_rate(hits, columns[IDENTITY]))
    return found


def verdict_rates(bundle: Bundle, question: str, alpha: float = DEFAULT_ALPHA) -> dict[str, Any]:
    """Return the share of each kind of test picture that gets "evidence of use" at this alpha.

    The range check is left out.
    """
    found: dict[str, Any] = {"alpha": alpha}

    def add(name: str, p: np.ndarray, people: np.ndarray) -> None:
        if len(p):
            found[name] = asdict(clustered_rate(p <= alpha, people))

    for source, columns in bundle.test.items():
        p, people = verdict_p_values(bundle, question, source), columns[IDENTITY]
        add(source, p, people)
        if source == MEMBERS and GENERATED in columns and len(p):
            photographic = ~columns[GENERATED].astype(bool)
            add("members (openpeople)", p[photographic], people[photographic])
    return found


def _reference(bundle: Bundle) -> dict[str, Any]:
    """Return how often non-members are suspected: all that can be measured without members."""
    return {
        "network": bundle.network.name,
        "protocol": SAME_SOURCE,
        "level": NEW_PEOPLE,
        "tier": REFERENCE,
        "rows": [],
        "controls": {},
        "dose_response": [],
        "gate": CLOSED,
        "verdicts": {question: verdict_rates(bundle, question) for question in (PHOTO, PERSON)},
        "checkpoints": [],
    }


def _cross_database(bundle: Bundle, level: str, draws: int) -> dict[str, Any]:
    if CROSS not in bundle.scores:
        raise BundleMismatch(f"{bundle.name} has no scores under the cross-database protocol: make it anew.")
    tables = bundle.scores[CROSS]
    members, external = sides(tables, REAL)
    same_source = tables[NON_MEMBERS[level]]
    calibration = sides(bundle.scores[CROSS_CALIBRATION], REAL)
    opened = gates(bundle.scores, REAL, draws, CROSS, f"{CROSS}/")
    rows = []
    for column in score_columns(members):
        threshold = best_threshold(*(side[column] for side in calibration))
        auditor, _, layer = column.partition("/")
        rows.append(
            {
                "layer": layer or "all",
                "auditor": "combined" if column == PHOTO else auditor,
                **metric_row(members, external, column, draws, threshold),
                # The same auditor, the same database, and no membership on either side.
                "without_membership": metric_row(same_source, external, column, draws),
                "same_source": metric_row(members, same_source, column, draws),
                "fpr": {
                    source: asdict(clustered_rate(tables[source][column] >= threshold, tables[source][IDENTITY]))
                    for source in (REAL, SIBLINGS, OUTSIDERS)
                },
                "gate": opened[column],
            }
        )
    splits = {name: bundle.scores[f"{CROSS}/{name}"] for name in (PIXELS, UNTRAINED)}
    return {
        "network": bundle.network.name,
        "protocol": CROSS,
        "level": level,
        "rows": rows,
        "controls": {n: control({**t, NON_MEMBERS[level]: t[REAL]}, level, draws) for n, t in splits.items()},
        "gate": opened[PHOTO],
    }


def _columns(bundle: Bundle) -> list[tuple[str, str, str]]:
    return [*((s.layer, s.auditor, s.column) for s in bundle.specs), ("all", "combined", PHOTO)]


def _shown(bundle: Bundle) -> set[str]:
    """Return the columns whose probability is shown."""
    return {PHOTO, *(s.column for s in bundle.specs if s.online)}


def _calibration_error(bundle: Bundle, column: str, draws: int) -> dict[str, Any]:
    """Return the calibration error over all kinds of non-members alike, as it was fitted."""
    tables = [bundle.test[s] for s in bundle.sources(PHOTO) if len(bundle.test.get(s, {}).get(column, ()))]
    kinds = np.repeat(np.arange(len(tables)), [len(t[column]) for t in tables])
    joined = {name: np.concatenate([t[name] for t in tables]) for name in (column, IDENTITY)}
    found = metric_row(
        bundle.test[MEMBERS], {**joined, "kind": kinds}, column, draws, None, bundle.platt[column].probability
    )
    return {name: value for name, value in found.items() if name.startswith("calibration_error")}


def _person_row(bundle: Bundle, draws: int) -> dict[str, Any]:
    def both(tables: Tables) -> tuple[Columns, Columns]:
        members = [tables[s] for s in bundle.members(PERSON) if s in tables]
        return {k: np.concatenate([t[k] for t in members]) for k in (PERSON, IDENTITY)}, tables[OUTSIDERS]

    threshold = best_threshold(*(side[PERSON] for side in both(bundle.calibration)))
    return metric_row(*both(bundle.test), PERSON, draws, threshold)


def _short(tables: Tables, level: str, draws: int) -> list[dict[str, Any]]:
    members, others = sides(tables, NON_MEMBERS[level])
    return short_rows(members, others, score_columns(members), draws)
