"""Scores that ship with a bundle to every figure that is reported about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.bundle import MEMBERS, PERSON, PHOTO, SOURCES, Bundle, Columns
from mint.errors import TooFew
from mint.evidence.conformal import evidence_rate
from mint.evidence.metrics import auc, auc_draws, auc_interval, balanced_accuracy, best_threshold, tpr_at_fpr

LEVELS = ("sample", "identity")
NON_MEMBERS = {"sample": "siblings", "identity": "outsiders"}
CONTROLS = ("pixels", "untrained", "other-twin", "shuffled-labels")
ALPHA = 0.01
NO_SCORE = ("identity", "generated", PERSON)  # columns that are not a score of membership
Floats = NDArray[np.float64]


def evaluate(bundle: Bundle, level: str = "sample", draws: int = 1000) -> dict[str, Any]:
    """Everything there is to say about a bundle under the same-source protocol.

    Args:
        bundle: with its test scores.
        level: ``sample``: members against held-out pictures of the same people. ``identity``:
            members against pictures of people that the network never saw.
        draws: bootstrap draws, by identity.

    Returns:
        The design's contract for ``mint lab evaluate``.
    """
    members, others = _sides(bundle.test, level)
    calibration = _sides(bundle.calibration, level)
    rows = []
    for layer, auditor, column in [*((s.layer, s.auditor, s.column) for s in bundle.specs), ("all", "combined", PHOTO)]:
        rows.append({"layer": layer, "auditor": auditor, **_row(members, others, calibration, column, draws)})
    if level == "identity":
        rows.append({"layer": "all", "auditor": "person", **_person_row(bundle, draws)})
    # Shuffled within each person, labels are a null at sample level; at identity level people are shuffled.
    splits = {
        name: "shuffled-people" if (name, level) == ("shuffled-labels", "identity") else name for name in CONTROLS
    }
    controls = {n: _control(bundle.scores[s], level, draws) for n, s in splits.items() if s in bundle.scores}
    return {
        "network": bundle.network.name,
        "protocol": "same-source",
        "level": level,
        "rows": rows,
        "controls": controls,
        "gate": gate(bundle.scores, level, draws),
        "verdicts": {question: verdict_rates(bundle, question) for question in (PHOTO, PERSON)},
        "checkpoints": [
            {"epoch": int(split.removeprefix("epoch-")), "rows": _short(bundle.scores[split], level, draws)}
            for split in sorted(bundle.scores)
            if split.startswith("epoch-")
        ],
    }


def gate(scores: Mapping[str, Mapping[str, Columns]], level: str, draws: int = 1000) -> dict[str, Any]:
    """The claim: fused AUC minus the best that any auditor reaches on pixels or on an untrained network.

    It passes when the paired interval lies above zero: every draw resamples the same identities
    for the network and for its controls.
    """

    def of(split: str, column: str) -> tuple[float, Floats]:
        members, others = _sides(scores[split], level)
        pair = (members[column], others[column])
        return auc(*pair), auc_draws(*pair, members["identity"], others["identity"], draws)

    own, own_draws = of("test", PHOTO)
    blind = [of(split, c) for split in ("pixels", "untrained") for c in scores[split]["members"] if c not in NO_SCORE]
    margins = own_draws - np.max([d for _, d in blind], axis=0)
    low, high = np.quantile(margins, [0.025, 0.975])
    margin = own - max(a for a, _ in blind)
    return {"passes": bool(low > 0), "margin": margin, "low": float(low), "high": float(high)}


def verdict_rates(bundle: Bundle, question: str, alpha: float = ALPHA) -> dict[str, Any]:
    """Share of each kind of test picture that gets "evidence of use" at this alpha, range check aside."""
    calibration = {s: bundle.calibration[s][question] for s in SOURCES[question]}
    found: dict[str, Any] = {"alpha": alpha}

    def add(name: str, scores: np.ndarray) -> None:
        if len(scores):
            found[name] = asdict(evidence_rate(scores, calibration, alpha))

    for source, columns in bundle.test.items():
        add(source, columns[question])
        if source == "members":
            add("members (openpeople)", columns[question][~columns["generated"].astype(bool)])
    return found


def _sides(tables: Mapping[str, Columns], level: str) -> tuple[Columns, Columns]:
    """Members and non-members of a level, generated people on both sides: one source."""
    keep = tables["members"]["generated"].astype(bool)
    return {name: values[keep] for name, values in tables["members"].items()}, tables[NON_MEMBERS[level]]


def _row(
    members: Columns, others: Columns, calibration: tuple[Columns, Columns], column: str, draws: int
) -> dict[str, Any]:
    m, n = members[column], others[column]
    low, high = auc_interval(m, n, members["identity"], others["identity"], draws)
    threshold = best_threshold(calibration[0][column], calibration[1][column])
    return {
        "auc": auc(m, n),
        "auc_low": low,
        "auc_high": high,
        "accuracy": balanced_accuracy(m, n, threshold),
        "tpr_at_1pct_fpr": _or_none(lambda: tpr_at_fpr(m, n, 0.01)),
        "members": len(m),
        "non_members": len(n),
    }


def _person_row(bundle: Bundle, draws: int) -> dict[str, Any]:
    def sides(tables: Mapping[str, Columns]) -> tuple[Columns, Columns]:
        both = [tables[s] for s in MEMBERS[PERSON]]
        return {k: np.concatenate([t[k] for t in both]) for k in (PERSON, "identity")}, tables["outsiders"]

    return _row(*sides(bundle.test), sides(bundle.calibration), PERSON, draws)


def _control(tables: Mapping[str, Columns], level: str, draws: int) -> dict[str, Any]:
    """The fused score of a control, and each of its auditors."""
    rows = _short(tables, level, draws)
    fused = next(row for row in rows if row["auditor"] == "combined")
    return {**{k: v for k, v in fused.items() if k != "auditor"}, "rows": [r for r in rows if r is not fused]}


def _short(tables: Mapping[str, Columns], level: str, draws: int) -> list[dict[str, Any]]:
    members, others = _sides(tables, level)
    rows = []
    for column in members:
        if column in NO_SCORE:
            continue
        m, n = members[column], others[column]
        low, high = auc_interval(m, n, members["identity"], others["identity"], draws)
        rows.append(
            {
                "auditor": "combined" if column == PHOTO else column,
                "auc": auc(m, n),
                "auc_low": low,
                "auc_high": high,
                "tpr_at_1pct_fpr": _or_none(lambda m=m, n=n: tpr_at_fpr(m, n, 0.01)),  # type: ignore[misc]
            }
        )
    return rows


def _or_none(figure: Callable[[], float]) -> float | None:
    """None where there are too few non-members for the figure to mean anything."""
    try:
        return figure()
    except TooFew:
        return None
