"""Describe one network in a report: files, training set, how its test was checked, and what it claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mint.bundles.bundle import Bundle, on_record
from mint.bundles.evaluation import LEVELS
from mint.errors import TooFew
from mint.evidence.score_table import IDENTITY, MEMBERS, PERSON, PHOTO, SIBLINGS
from mint.judging.photo import false_alarms_by_kind
from mint.judging.privacy import USUAL_DELTA, MeasuredEpsilon, claimed_budget, contradiction, measured_epsilons
from mint.types import Rate

Found = Mapping[str, Any]

AUC = ("auc", "auc_low", "auc_high", "members", "non_members")
TPR = tuple(f"tpr_at_1pct_fpr{end}" for end in ("", "_low", "_high"))
GATE = ("passes", "margin", "low", "high")


def about(name: str, bundle: Bundle, alpha: float, photos: int | None = None) -> dict[str, Any]:
    """Return a network, its bundle, and the figures that a reader needs to judge an answer.

    Args:
        name: of the network.
        bundle: what was loaded for it.
        alpha: the false-positive rate that was accepted, in (0, 1).
        photos: of one person that were judged together; None where each photo was judged by itself.

    Raises:
        BundleMismatch: what the bundle claims of its network's privacy cannot be read.
    """
    facts = bundle.facts
    return {
        "name": name,
        "fingerprint": bundle.network.fingerprint,
        "opened_as": bundle.network.describe(),
        "tier": bundle.tier,
        "bundle": bundle.name,
        "bundle_sha256": bundle.sha256,
        "licence": facts.get("licence"),
        "training_set": facts.get("training set"),
        "real_faces": facts.get("real faces"),
        "pool": "pool" in facts,
        "made_with": {str(key): str(value) for key, value in facts.get("made with", {}).items()},
        "commands": on_record(map(str, facts.get("commands", ()))),
        "may_speak": {question: bundle.passed_gate(question) for question in (PHOTO, PERSON)},
        "outside": _outside(bundle),
        "evaluation": None if not bundle.evaluation else _evaluation(bundle.evaluation),
        "privacy": privacy(bundle, alpha),
        **_compared(bundle, alpha, photos),
    }


def _outside(bundle: Bundle) -> dict[str, dict[str, int]] | None:
    """Return how many of the used and of the other test photos lie outside the calibrated range; None where that is not known."""
    names, counted = bundle.ranges.bounds.keys(), {True: [0, 0], False: [0, 0]}
    for kind, columns in bundle.test.items():
        n = len(columns.get(IDENTITY, ()))
        if not names or any(len(columns.get(name, ())) != n for name in names):
            return None
        counted[kind == MEMBERS][0] += n
        counted[kind == MEMBERS][1] += int(bundle.ranges.mask(columns).sum())
    return {side: dict(zip(("photos", "outside"), counted[side == "used"], strict=True)) for side in ("used", "others")}


def privacy(bundle: Bundle, alpha: float) -> dict[str, Any]:
    """Return the ε that is claimed and the least that was measured, for one photo.

    Only other photos of the same people tell of one photo; where there are none, nothing was measured.

    Args:
        bundle: with test scores.
        alpha: the false-positive rate at which it is measured, in (0, 1).

    Raises:
        BundleMismatch: the claim cannot be read.
    """
    claimed = claimed_budget(bundle)
    delta = USUAL_DELTA if claimed is None else claimed.delta
    measured = measured_epsilons(bundle, alpha, delta)
    broken = None if claimed is None else contradiction(claimed, measured)
    return {
        "claimed": None if claimed is None else {"epsilon": claimed.epsilon, "delta": claimed.delta},
        "delta": delta,
        "measured": next((_measured(one) for one in measured if one.against == SIBLINGS), None),
        "contradiction": broken is not None,
    }


def _measured(found: MeasuredEpsilon) -> dict[str, Any]:
    return {"epsilon": found.by_people, "found": found.found.to_dict(), "alarms": found.alarms.to_dict()}


def _compared(bundle: Bundle, alpha: float, photos: int | None) -> dict[str, Any]:
    """Return how many known non-members an answer is compared with, and how often each kind of them is accused.

    Of several photos of one person judged together it is people that are counted.
    """
    if photos is None:
        kinds = {question: false_alarms_by_kind(bundle, question, alpha) for question in (PHOTO, PERSON)}
        rows = {q: sum(map(len, bundle.non_members(q, q).values())) for q in (PHOTO, PERSON)}
        return {"compared_with": rows, "false_alarms": {q: _rates(rates) for q, rates in kinds.items()}}
    people = bundle.people
    try:
        if people is not None and photos:
            rates = _rates(people.false_alarms_by_kind(photos, alpha))
            return {"compared_with": {PERSON: people.compared(photos)}, "false_alarms": {PERSON: rates}}
    except TooFew:
        pass
    return {"compared_with": None, "false_alarms": None}


def _rates(by_kind: Mapping[str, Rate]) -> list[dict[str, Any]]:
    return [{"kind": kind, **(rate.to_dict() or {})} for kind, rate in by_kind.items()]


def _evaluation(found: Found) -> dict[str, Any]:
    levels = [level for level in LEVELS if isinstance(found.get(level), Mapping)]
    verdicts = found[levels[0]].get("verdicts") or {} if levels else {}
    return {
        "levels": [_level(level, found[level]) for level in levels],
        "verdicts": {
            question: {
                "alpha": rates["alpha"],
                "rates": [{"kind": kind, **rate} for kind, rate in rates.items() if isinstance(rate, Mapping)],
            }
            for question, rates in verdicts.items()
        },
    }


def _level(level: str, found: Found) -> dict[str, Any]:
    return {
        "level": level,
        "protocol": found.get("protocol"),
        "gate": {key: found["gate"].get(key) for key in GATE} if found.get("gate") else None,
        "controls": [
            {"control": name, **{key: control.get(key) for key in AUC}}
            for name, control in (found.get("controls") or {}).items()
        ],
        "auditors": [
            {
                "layer": row.get("layer", ""),
                "auditor": row["auditor"],
                **{key: row.get(key) for key in (*AUC, *TPR)},
                "passes": row["gate"]["passes"] if row.get("gate") else None,
            }
            for row in found.get("rows") or ()
        ],
    }
