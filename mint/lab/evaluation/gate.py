"""The gate: an auditor may speak only if it beats pixels and an untrained network.

The claim is AUC(network) - max(AUC(pixels), AUC(untrained)), with a paired bootstrap over
identities; it holds when the 95 % interval lies above zero. What does not pass can only answer
``cannot say``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.bundles.bundle import BLIND
from mint.bundles.evaluation import NON_MEMBERS, levels
from mint.evidence.bootstrap import DRAWS
from mint.evidence.metrics import auc, auc_draws
from mint.evidence.score_table import (
    EXPOSURE,
    GENERATED,
    IDENTITY,
    NEAREST,
    PERSON,
    PHOTO,
    TEST,
    Columns,
    ScoreTable,
    Tables,
    sides,
)
from mint.vision.faces import QUALITIES

NO_SCORE = (IDENTITY, GENERATED, EXPOSURE, NEAREST, PERSON, *QUALITIES)  # columns that are not a score of membership
CLOSED: dict[str, Any] = {"passes": False, "margin": None, "low": None, "high": None}  # where nothing could be compared
Floats = NDArray[np.float64]


def score_columns(columns: Columns) -> list[str]:
    """Return the names of score columns, sorted, because files keep no order."""
    return sorted(c for c in columns if c not in NO_SCORE)


def gates(
    scores: Mapping[str, Tables], others: str, draws: int = DRAWS, test: str = TEST, prefix: str = ""
) -> dict[str, Any]:
    """Try every column of a bundle's test split against its blind controls.

    Every draw resamples the same identities for the network and for its controls. In each, the
    controls count with the best that any auditor reaches on them.

    Args:
        scores: a bundle's splits.
        others: source of the non-members.
        draws: bootstrap draws.
        test: split of the network's own scores.
        prefix: of the controls' splits.

    Returns:
        Column to ``passes``, ``margin``, ``low`` and ``high``; all closed where a control is missing.
    """
    members, non_members = sides(scores[test], others)
    columns = score_columns(members)
    if any(prefix + name not in scores for name in BLIND):
        return dict.fromkeys(columns, CLOSED)
    blind = [_figures(*sides(scores[prefix + name], others), draws) for name in BLIND]
    best = max(value for found in blind for value, _ in found.values())
    best_draws = np.max([drawn for found in blind for _, drawn in found.values()], axis=0)
    result = {}
    for column, (value, drawn) in _figures(members, non_members, draws).items():
        low, high = np.quantile(drawn - best_draws, [0.025, 0.975])
        result[column] = {"passes": bool(low > 0), "margin": value - best, "low": float(low), "high": float(high)}
    return result


def open_gates(scores: Mapping[str, Tables], draws: int = DRAWS) -> dict[str, bool]:
    """Decide which columns may speak: auditors at the sample level, verdicts at both levels.

    A level that cannot be measured is left out; where none can, nothing may speak.
    """
    found = [gates(scores, NON_MEMBERS[level], draws) for level in levels(ScoreTable.of(scores), (TEST,))]
    passed = {column: bool(gate["passes"]) for column, gate in found[0].items()} if found else {}
    every = bool(found) and all(gate.get(PHOTO, {}).get("passes") for gate in found)
    return {**passed, PHOTO: every, PERSON: every}


def _figures(members: Columns, others: Columns, draws: int) -> dict[str, tuple[float, Floats]]:
    return {
        c: (
            auc(members[c], others[c]),
            auc_draws(members[c], others[c], members[IDENTITY], others[IDENTITY], draws),
        )
        for c in score_columns(members)
        if c in others
    }
