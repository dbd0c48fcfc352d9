"""Render what was tried to make the consistency auditor stronger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mint.evidence.score_table import CALIBRATION, VALIDATION
from mint.lab.cards.markdown import rendered

Row = Mapping[str, Any]
COMMAND = "python -m tests.benchmarks.strength --pool POOL --twins TWINS --out weights/cards/strength.json"
SPLITS = (VALIDATION, CALIBRATION)


def strength_section(rows: Sequence[Row]) -> str:
    """Render every attempt, in the order tried.

    Args:
        rows: each with ``what``, ``views`` and ``features`` (how many), ``twin``, ``epoch``,
            ``auc_validation``, ``tpr_validation``, ``auc_calibration``, ``tpr_calibration`` (sample
            level, TPR at 1 % FPR, None where not measured), ``n_validation`` and ``n_calibration``
            (members, siblings), ``kept`` and ``note``.

    Returns:
        Markdown; nothing without rows.
    """
    return rendered("strength.md.j2", rows=rows, command=COMMAND, splits=SPLITS, cell=_cell) if rows else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
