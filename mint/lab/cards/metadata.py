"""Render a model card's front matter: licence, tags and a ``model-index`` of figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

SHOWN = ("consistency", "prototype", "centred", "combined")
METRICS = (("auc", "AUC"), ("accuracy", "balanced accuracy"), ("tpr_at_1pct_fpr", "TPR at 1 % FPR"))
DATASETS = {
    "sample": "photos used in training against other photos of the same people",
    "identity": "photos used in training against photos of people never seen",
}


def front_matter(name: str, found: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Return YAML between two lines of dashes, as the Hub reads it.

    Args:
        name: of the network.
        found: its ``evaluation.json``.
        facts: of its bundle.
    """
    results = [
        {
            "task": {"type": "image-classification", "name": "membership inference test"},
            "dataset": {
                "type": "mint-pool",
                "name": f"MINT pool, same source, {level} level: {DATASETS[level]}",
                "split": "test",
                "revision": facts["pool"]["ledger sha256"][:40],
            },
            "metrics": _metrics(found[level]["rows"]),
        }
        for level in DATASETS
    ]
    head = {
        "license": facts["licence"].lower(),
        "library_name": "mint-audit",
        "pipeline_tag": "image-feature-extraction",
        "tags": ["membership-inference", "face-recognition", "audit", "privacy", "mint"],
        "model-index": [{"name": name, "results": results}],
    }
    text: str = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=120)
    return f"---\n{text}---\n"


def _metrics(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for auditor in SHOWN:
        row = next((r for r in rows if r["auditor"] == auditor), None)
        for key, label in METRICS:
            if row is not None and row.get(key) is not None:
                interval = f"95 % {row[f'{key}_low']:.4f} to {row[f'{key}_high']:.4f}"
                counts = f"{row['members']} members, {row['non_members']} non-members"
                found.append(
                    {
                        "type": key,
                        "name": f"{label}, {auditor} ({interval}; {counts})",
                        "value": round(float(row[key]), 4),
                        "verified": False,
                    }
                )
    return found
