"""Versions of the report's format: the one that is written, and those that are still read."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from mint.errors import BadReport
from mint.report.case import NOT_STATED
from mint.report.precision import every_answer, precision, right, tells_any_kind
from mint.report.results import results
from mint.report.sentences import NOT_TESTED

FIRST, FORMAT = "mint-report-1", "mint-report-2"
READ = (FIRST, FORMAT)
INCOMPLETE = (AttributeError, IndexError, KeyError, TypeError, ValueError)  # what a damaged document raises
UNKNOWN = ("privacy", "false_alarms", "compared_with")  # of a network, in a report of the first version


def incomplete(error: Exception) -> BadReport:
    """Return what to say of a document that is damaged, by the error that it raised."""
    return BadReport(f"The report is not complete ({type(error).__name__}: {error}). Make it anew.")


def current(document: dict[str, Any]) -> dict[str, Any]:
    """Return a report of any version as the newest: what follows from its figures is added, what it lacks is None.

    Raises:
        INCOMPLETE: it is no such document.
    """
    if document["format"] != FIRST:
        return _of_any_kind(document)
    lacking = dict.fromkeys(UNKNOWN)
    raised = {
        **document,
        "format": FORMAT,
        "networks": [{**network, **lacking} for network in document["networks"]],
        "case": NOT_STATED.to_dict(),
        "precision": precision(document),
        "not_tested": [dict(one) for one in NOT_TESTED],
    }
    return {**raised, "results": results(raised)}


def _of_any_kind(document: dict[str, Any]) -> dict[str, Any]:
    """Add how high the false alarms of any kind may be, which the first reports of this version tell in their table alone."""
    kinds = {network["name"]: network["false_alarms"] or {} for network in document["networks"]}
    added = deepcopy(document)
    changed = False
    for network, question, said in every_answer(added):
        rate, rows = said["false_positive_rate"], kinds.get(network, {}).get(question)
        if rate is not None and rows and not tells_any_kind(rate):
            rate["high_of_any"] = max(row["high"] for row in rows)
            said["right_at_prior"] = right(document["prior"], said)
            changed = True
    return {**added, "precision": precision(added)} if changed else document
