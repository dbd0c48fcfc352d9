"""TensorFlow Privacy's membership inference tests (without TensorFlow): trained attackers and thresholds.

Its `run_attacks` cross-fits over pictures, which would put one person on both sides; so its attackers are fitted on
the people fitted on and asked about the test people. Inputs are standardised. The threshold attacks run as they are.
Its random forest fits 217 forests to choose one; ART's stands for it. Its MLP fits 19 networks: on four feature sets.
"""

from __future__ import annotations

import importlib.metadata
import warnings

import numpy as np
from tensorflow_privacy.privacy.privacy_tests.membership_inference_attack import membership_inference_attack as mia
from tensorflow_privacy.privacy.privacy_tests.membership_inference_attack import models
from tensorflow_privacy.privacy.privacy_tests.membership_inference_attack.data_structures import (
    AttackInputData,
    AttackType,
)

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

ATTACKERS = {
    "LR": models.LogisticRegressionAttacker,
    "KNN": models.KNearestNeighborsAttacker,
    "MLP": models.MultilayerPerceptronAttacker,
}
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
SLOW = {"MLP": ("consistency of the embedding", "consistency", "prototype", "consistency + prototype")}


def attempt(export: Export, kind: str, name: str) -> Attempt:
    """Fit one attacker on one feature set."""
    x = export.standardised(name)
    rows = export.fitting
    if LABELS in FEATURES[name].access:
        rows = rows[export.label[rows] >= 0]

    def fit() -> models.TrainedAttacker:
        np.random.seed(1)
        # Shuffled, as its own code does: the folds of its grid search are cut in order.
        order = np.random.permutation(rows)
        attacker = ATTACKERS[kind]()
        attacker.train_model(x[order], export.member[order].astype(int))
        return attacker

    return measure(export, kind, name, fit, lambda attacker, rows: attacker.predict(x[rows]))


def threshold(export: Export, kind: AttackType, labelled: bool) -> Attempt:
    """Loss with the true class, or entropy without it."""
    logits = export.features["cosines"].astype(np.float64) * float(export.about["scale"])

    def score(_: None, rows: np.ndarray) -> np.ndarray:
        member = export.member[rows]
        given = AttackInputData(
            logits_train=logits[rows][member],
            logits_test=logits[rows][~member],
            labels_train=export.label[rows][member] if labelled else None,
            labels_test=export.label[rows][~member] if labelled else None,
            loss_function_using_logits=True,
        )
        result = mia.run_attacks(given, attack_types=[kind]).single_attack_results[0]
        found = np.empty(len(rows))
        found[member], found[~member] = result.membership_scores_train, result.membership_scores_test
        return found

    name = "cosines, true class first" if labelled else "cosines"
    label = {
        AttackType.THRESHOLD_ATTACK: "threshold on loss",
        AttackType.THRESHOLD_ENTROPY_ATTACK: "threshold on entropy",
    }
    return measure(export, label[kind], name, None, score, f"scale {export.about['scale']:g}, as trained")


def main() -> None:
    """Read an export, write attempts."""
    warnings.filterwarnings("ignore", category=RuntimeWarning)  # its epsilon bounds divide by zero
    options = paths(__doc__)
    export = load_export(options.export)
    found = [threshold(export, AttackType.THRESHOLD_ENTROPY_ATTACK, labelled) for labelled in (False, True)]
    found.append(threshold(export, AttackType.THRESHOLD_ATTACK, True))
    found += [attempt(export, kind, name) for kind in ATTACKERS for name in SLOW.get(kind, SETS)]
    version = importlib.metadata.version("tensorflow-empirical-privacy")
    write_attempts(options.out, "TF Privacy", version, found)


if __name__ == "__main__":
    main()
