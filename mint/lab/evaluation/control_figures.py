"""Figures of a bundle's controls."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.bundles.bundle import Bundle
from mint.bundles.evaluation import NEW_PEOPLE, NON_MEMBERS
from mint.evidence.bootstrap import DRAWS
from mint.evidence.score_table import EXPOSURE, Tables, sides
from mint.lab.controls.names import (
    DOSE_RESPONSE,
    OTHER_TWIN,
    PIXELS,
    POSITIVE,
    SHUFFLED,
    SHUFFLED_PEOPLE,
    SWAPPED,
    UNTRAINED,
)
from mint.lab.evaluation.gate import gates, score_columns
from mint.lab.evaluation.metric_row import short_rows

CONTROLS = (PIXELS, UNTRAINED, OTHER_TWIN, SHUFFLED, SWAPPED, POSITIVE)


def control_report(bundle: Bundle, level: str, draws: int = DRAWS) -> dict[str, Any]:
    """Return every control's figures and which auditors may speak, for ``mint lab controls``.

    Args:
        bundle: with its scores.
        level: ``sample`` or ``identity``.
        draws: bootstrap draws, by identity.
    """
    scores = bundle.scores
    # Shuffled within each person, labels are a null at sample level; at identity level people are shuffled.
    splits = {n: SHUFFLED_PEOPLE if (n, level) == (SHUFFLED, NEW_PEOPLE) else n for n in CONTROLS}
    return {
        "network": bundle.name,
        "level": level,
        "controls": {n: control(scores[s], level, draws) for n, s in splits.items() if s in scores},
        "dose_response": dose_response(scores[DOSE_RESPONSE], level, draws) if DOSE_RESPONSE in scores else [],
        "gates": gates(scores, NON_MEMBERS[level], draws),
    }


def control(tables: Tables, level: str, draws: int) -> dict[str, Any]:
    """Return the figures of a control's fused score and of each of its auditors."""
    # Swapped halves have no level: on one side what this twin was trained on, on the other what its twin was.
    others = "counterparts" if "counterparts" in tables else NON_MEMBERS[level]
    members, non_members = sides(tables, others)
    rows = short_rows(members, non_members, score_columns(members), draws)
    fused = next(r for r in rows if r["auditor"] == "combined")
    return {**{k: v for k, v in fused.items() if k != "auditor"}, "rows": [r for r in rows if r is not fused]}


def dose_response(tables: Tables, level: str, draws: int) -> list[dict[str, Any]]:
    """Return for each exposure how well auditors tell these members from the same non-members."""
    members, others = sides(tables, NON_MEMBERS[level])
    columns = score_columns(members)
    found = []
    for exposure in np.unique(members[EXPOSURE]):
        shown = {name: values[members[EXPOSURE] == exposure] for name, values in members.items()}
        found.append({"exposure": int(exposure), "rows": short_rows(shown, others, columns, draws)})
    return found
