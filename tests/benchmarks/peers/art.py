"""Adversarial Robustness Toolbox: its learned black-box attack, with each of three attack models.

Used as its authors do, on "predictions", which may be any features. Inputs are standardised (its
default) and its network trains for its default 100 epochs. Membership scores are its probabilities.
"""

from __future__ import annotations

import importlib.metadata

import numpy as np
import torch
from art.attacks.inference.membership_inference import MembershipInferenceBlackBox
from art.estimators.classification import PyTorchClassifier

from tests.benchmarks.peers.exchange import (
    FEATURES,
    LABELS,
    Attempt,
    Export,
    load_export,
    measure,
    paths,
    write_attempts,
)

KINDS = ("rf", "gb", "nn")
SETS = (
    "embedding",
    "channel maxima",
    "consistency of the embedding",
    "consistency",
    "prototype",
    "cosines",
    "cosines, true class first",
    "consistency + prototype",
)


def attempt(export: Export, kind: str, name: str) -> Attempt:
    """Fit one attack model on one feature set."""
    x = export.get(name)
    rows = export.fitting
    if LABELS in FEATURES[name].access:
        rows = rows[export.label[rows] >= 0]
    inside, outside = rows[export.member[rows]], rows[~export.member[rows]]

    def fit() -> MembershipInferenceBlackBox:
        torch.manual_seed(1)
        np.random.seed(1)
        # The estimator is never asked: the features are given. Its classes are the width of the attack's input.
        dummy = PyTorchClassifier(torch.nn.Identity(), torch.nn.CrossEntropyLoss(), (x.shape[1],), x.shape[1])
        attack = MembershipInferenceBlackBox(dummy, attack_model_type=kind)
        attack.fit(pred=x[inside], test_pred=x[outside])
        return attack

    def score(attack: MembershipInferenceBlackBox | None, rows: np.ndarray) -> np.ndarray:
        return attack.infer(None, pred=x[rows], probabilities=True).ravel()

    return measure(export, kind, name, fit, score)


def main() -> None:
    """Read an export, write attempts."""
    torch.set_num_threads(1)
    options = paths(__doc__)
    export = load_export(options.export)
    found = [attempt(export, kind, name) for name in SETS for kind in KINDS]
    write_attempts(options.out, "ART", importlib.metadata.version("adversarial-robustness-toolbox"), found)


if __name__ == "__main__":
    main()
