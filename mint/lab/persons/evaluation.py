"""Measure how well sets of photos tell used people from others, counting people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from mint.errors import TooFew
from mint.evidence.bootstrap import DRAWS
from mint.evidence.conformal import evidence_rate
from mint.evidence.metrics import auc, auc_interval
from mint.evidence.person import MIN_PEOPLE, MIXED, NOT_USED, OTHERS, USED, PersonTest, size
from mint.evidence.score_table import CALIBRATION, TEST
from mint.judging.photo import DEFAULT_ALPHA

SHOWN = (1, 2, 3, 5, 10, 20)  # sizes of sets in reports
BRINGS = {USED: "photos that were used", NOT_USED: "photos that were not used", MIXED: "any of their photos"}


def evaluate_people(
    test: PersonTest, headless: Mapping[str, Mapping[str, np.ndarray]], alpha: float = DEFAULT_ALPHA, draws: int = DRAWS
) -> dict[str, Any]:
    """Return figures of the scores of test people, one set a person and size.

    Args:
        test: with its scores.
        headless: the same test people scored without the classification head.
        alpha: promised false-positive rate.
        draws: of the bootstrap over people.

    Returns:
        ``used`` and ``without the head``: AUC of people who were used against generated people who
        were not, by what they bring; ``not used``: false-positive rates by kind of people.
    """
    found: dict[str, Any] = {"alpha": alpha, "used": [], "not used": [], "without the head": []}
    for n in SHOWN:
        known = any(len(test.of(CALIBRATION, k, n)) >= MIN_PEOPLE for k in OTHERS)
        bounds = test.bounds(n) if known else {}
        for kind in OTHERS:
            scores = test.of(TEST, kind, n)
            if len(scores) and bounds:
                row = {"photos": n, "people": kind, "calibration people": len(test.of(CALIBRATION, kind, n))}
                found["not used"].append(row | asdict(evidence_rate(scores, bounds, alpha)))
        for kind in BRINGS:
            scores, others = test.of(TEST, kind, n), test.of(TEST, OTHERS[0], n)
            if not len(scores) or not len(others) or not bounds:
                continue
            head = {"photos": n, "bring": kind, "people": len(scores), "others": len(others)}
            evidence = asdict(evidence_rate(scores, bounds, alpha))
            found["used"].append(head | _auc(scores, others, draws) | {"evidence": evidence})
            plain = _auc(headless[kind][size(n)], headless[OTHERS[0]][size(n)], draws)
            found["without the head"].append(head | plain)
    return found


def _auc(members: np.ndarray, others: np.ndarray, draws: int) -> dict[str, float]:
    if not len(members) or not len(others):
        raise TooFew("There is nobody on one side.")
    low, high = auc_interval(members, others, np.arange(len(members)), -1 - np.arange(len(others)), draws)
    return {"auc": auc(members, others), "auc_low": low, "auc_high": high}
