"""Render a model card's front matter: licence, tags and a ``model-index`` of figures, as the Hub's own classes write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

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
    head = ModelCardData(
        license=facts["licence"].lower(),
        library_name="mint-audit",
        pipeline_tag="image-feature-extraction",
        tags=["membership-inference", "face-recognition", "audit", "privacy", "mint"],
        model_name=name,
        eval_results=[result for level in DATASETS for result in _results(level, found[level]["rows"], facts)],
    )
    return f"---\n{head.to_yaml()}\n---\n"


def _results(level: str, rows: list[dict[str, Any]], facts: Mapping[str, Any]) -> Iterator[EvalResult]:
    for auditor in SHOWN:
        row = next((r for r in rows if r["auditor"] == auditor), None)
        for key, label in METRICS:
            if row is not None and row.get(key) is not None:
                interval = f"95 % {row[f'{key}_low']:.4f} to {row[f'{key}_high']:.4f}"
                counts = f"{row['members']} members, {row['non_members']} non-members"
                yield EvalResult(
                    task_type="image-classification",
                    task_name="membership inference test",
                    dataset_type="mint-pool",
                    dataset_name=f"MINT pool, same source, {level} level: {DATASETS[level]}",
                    dataset_config=level,  # without it the Hub takes both levels for one
                    dataset_split="test",
                    dataset_revision=facts["pool"]["ledger sha256"][:40],
                    metric_type=key,
                    metric_name=f"{label}, {auditor} ({interval}; {counts})",
                    metric_value=round(float(row[key]), 4),
                    verified=False,
                )
