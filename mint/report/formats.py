"""Versions of the report's format: the one that is written, and those that are still read."""

from __future__ import annotations

from typing import Any

from mint.errors import BadReport
from mint.report.case import NOT_STATED
from mint.report.precision import precision
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
        return document
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
