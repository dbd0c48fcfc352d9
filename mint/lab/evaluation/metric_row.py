"""One score's figures as a row of an evaluation: numbers, intervals and counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.evidence.estimates import Estimate, estimates
from mint.evidence.score_table import IDENTITY, PHOTO, Columns

Floats = NDArray[np.float64]
FPR_NAMES = {0.01: "tpr_at_1pct_fpr", 0.001: "tpr_at_01pct_fpr"}


def metric_row(
    members: Columns,
    others: Columns,
    column: str,
    draws: int,
    threshold: float | None = None,
    probability: Callable[[Floats], Floats] | None = None,
) -> dict[str, Any]:
    """Return AUC, balanced accuracy and TPR at low FPR with ``_low`` and ``_high``, and counts.

    Args:
        members: columns of the members, ``identity`` among them.
        others: of the non-members.
        column: which score.
        draws: of people, for the intervals.
        threshold: of the accuracy, fixed on calibration data; without it there is no accuracy.
        probability: score to probability; without it there is no calibration error.
    """
    found = estimates(
        members[column], others[column], members[IDENTITY], others[IDENTITY],
        threshold, probability, others.get("kind"), draws=draws,
    )  # fmt: skip
    result = _named("auc", found.auc)
    if threshold is not None:
        result |= _named("accuracy", found.accuracy)
    for fpr, name in FPR_NAMES.items():
        result |= _named(name, found.tpr[fpr])
    if probability is not None:
        result |= _named("calibration_error", found.calibration_error)
    return result | {
        "members": found.members,
        "non_members": found.non_members,
        "member_people": found.member_people,
        "non_member_people": found.non_member_people,
    }


def short_rows(members: Columns, others: Columns, columns: list[str], draws: int) -> list[dict[str, Any]]:
    """Return AUC and TPR of several columns, for a control."""
    return [
        {"auditor": "combined" if c == PHOTO else c, **metric_row(members, others, c, draws)}
        for c in columns
        if c in others
    ]


def _named(name: str, found: Estimate | None) -> dict[str, float | None]:
    if found is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
