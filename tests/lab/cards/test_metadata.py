"""The Hub reads what we write."""

from __future__ import annotations

import json

import pytest
from huggingface_hub import ModelCard

from mint.lab.cards.metadata import front_matter
from mint.storage.paths import WEIGHTS


@pytest.mark.parametrize("network", ["twin-a", "twin-b"])
def test_the_hub_finds_the_measured_figures(network):
    found = json.loads((WEIGHTS / network / "evaluation.json").read_text(encoding="utf-8"))
    facts = json.loads((WEIGHTS / network / "bundle.json").read_text(encoding="utf-8"))["facts"]
    card = ModelCard(front_matter(network, found, facts) + "\n# a card\n")
    assert card.data.license == "mit"
    assert card.data.model_name == network
    results = card.data.eval_results
    combined = [r for r in results if r.metric_type == "auc" and "combined" in r.metric_name]
    wanted = [next(x for x in found[level]["rows"] if x["auditor"] == "combined") for level in ("sample", "identity")]
    assert [r.metric_value for r in combined] == [round(row["auc"], 4) for row in wanted]
    assert all(f"{row['members']} members" in r.metric_name for r, row in zip(combined, wanted, strict=True))
    assert {r.dataset_split for r in results} == {"test"}
    assert ModelCard(str(card)).data.eval_results == results, "written again, no level is lost in the other"


def test_figures_that_are_refused_are_not_in_the_index():
    row = {"auditor": "combined", "auc": 0.5, "auc_low": 0.4, "auc_high": 0.6, "members": 3, "non_members": 4}
    row |= {"tpr_at_1pct_fpr": None, "accuracy": 0.5, "accuracy_low": 0.4, "accuracy_high": 0.6}
    facts = {"licence": "MIT", "pool": {"ledger sha256": "0" * 64}}
    text = front_matter("n", {"sample": {"rows": [row]}, "identity": {"rows": [row]}}, facts)
    assert "auc" in text
    assert "tpr" not in text
