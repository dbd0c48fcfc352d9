"""Describe one network in a report: files, training set, and how its test was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mint.bundles.bundle import PERSON, PHOTO, Bundle

Found = Mapping[str, Any]

LEVELS = ("sample", "identity")
AUC = ("auc", "auc_low", "auc_high", "members", "non_members")
TPR = tuple(f"tpr_at_1pct_fpr{end}" for end in ("", "_low", "_high"))
GATE = ("passes", "margin", "low", "high")


def about(name: str, bundle: Bundle) -> dict[str, Any]:
    """Return a network, its bundle, and the figures that a reader needs to judge an answer.

    Args:
        name: of the network.
        bundle: what was loaded for it.
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
        "made_with": {str(key): str(value) for key, value in facts.get("made with", {}).items()},
        "commands": [str(command) for command in facts.get("commands", ())],
        "may_speak": {question: bundle.passed_gate(question) for question in (PHOTO, PERSON)},
        "evaluation": None if not bundle.evaluation else _evaluation(bundle.evaluation),
    }


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
