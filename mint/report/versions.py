"""Versions of the report's format: the one that is written, and those that are still read."""

from __future__ import annotations

from typing import Any

from mint.report.case import NOT_STATED
from mint.report.precision import precision
from mint.report.results import results
from mint.report.sentences import NOT_TESTED

FIRST, FORMAT = "mint-report-1", "mint-report-2"
READ = (FIRST, FORMAT)
UNKNOWN = ("privacy", "false_alarms", "compared_with")  # of a network, in a report of the first version


def current(document: dict[str, Any]) -> dict[str, Any]:
    """Return a report of any version as the newest: what follows from its figures is added, what it lacks is None.

    Raises:
        AttributeError, IndexError, KeyError, TypeError, ValueError: it is no such document.
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
