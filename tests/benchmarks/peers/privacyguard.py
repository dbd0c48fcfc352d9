"""PrivacyGuard: LiRA, RMIA and calibration with the other twin as reference, and the loss attack.

These attacks want the confidence in a picture's true class. Who audits a face has no class for it, so the confidence is
that in the nearest class; where the class is known, it is used in rows of their own. The softmax's scale
and RMIA's alpha are chosen by AUC on the people that the others are fitted on.
The other twin was trained on some of the outsiders: there its answer is no reference. RMIA is told so; for LiRA and the
calibration such a picture gets the mean reference of the pictures that the other twin was not trained on.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from privacy_guard.analysis.mia.aggregate_analysis_input import AggregationType
from privacy_guard.analysis.mia.mia_results import MIAResults
from privacy_guard.attacks.calib_attack import CalibAttack, CalibScoreType
from privacy_guard.attacks.lira_attack import LiraAttack
from privacy_guard.attacks.loss_attack import LossAttack
from privacy_guard.attacks.rmia_attack import RmiaAttack

from tests.benchmarks.peers.exchange import Attempt, Export, load_export, measure, paths, write_attempts

SCALES = (2.0, 4.0, 8.0, 16.0, 32.0)
ALPHAS = (0.1, 0.3, 0.5, 0.7, 0.9)
BOTH, BOTH_LABELLED = "cosines under both twins", "cosines under both twins, true class"
Score = Callable[[np.ndarray], np.ndarray]


class Signals:
    """Confidences under target and reference, for all rows of an export.

    The reference has no class for a person of the target's, so its confidence is always that in its nearest class.
    """

    def __init__(self, export: Export, labelled: bool) -> None:
        self.export, self.labelled = export, labelled
        self.known = export.reference_member
        cosines, reference = export.features["cosines"], export.features["reference cosines"]
        self.cosine = export.true_cosine() if labelled else cosines.max(1)
        self.reference = self.settled(reference.max(1))
        self.place = np.maximum(export.label, 0) if labelled else cosines.argmax(1)

    def settled(self, reference: np.ndarray) -> np.ndarray:
        """A picture that the reference was trained on gets the mean of those that it was not."""
        return np.where(self.known, reference[~self.known].mean(), reference)

    def confidence(self, scale: float, settle: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Softmax probabilities under target and reference."""
        target = softmax(self.export.features["cosines"], scale)[np.arange(len(self.place)), self.place]
        reference = softmax(self.export.features["reference cosines"], scale).max(1)
        return target, self.settled(reference) if settle else reference


def softmax(cosines: np.ndarray, scale: float) -> np.ndarray:
    """(N, C) probabilities in float64."""
    z = np.exp(scale * (cosines.astype(np.float64) - cosines.max(1, keepdims=True)))
    return z / z.sum(1, keepdims=True)


def logit(p: np.ndarray) -> np.ndarray:
    """Carlini et al.'s scaling of a confidence, which makes it nearly Gaussian."""
    return np.log(p + 1e-30) - np.log(1 - p + 1e-30)


def frame(target: np.ndarray, reference: np.ndarray, known: np.ndarray) -> pd.DataFrame:
    """Columns as LiRA and RMIA name them."""
    columns = {"score_orig": target, "score_mean": reference, "score_ref_0": reference, "member_ref_0": known}
    return pd.DataFrame({"user_id": np.arange(len(target)), **columns})


def lira(target: np.ndarray, reference: np.ndarray) -> Score:
    """Offline LiRA with one reference: its deviation is the global one."""

    def score(rows: np.ndarray) -> np.ndarray:
        data = frame(target[rows], reference[rows], np.zeros(len(rows), bool))
        attack = LiraAttack(
            data, data.iloc[:1].copy(), AggregationType.NONE, use_fixed_variance=True, std_dev_type="global"
        )
        return attack.run_attack().df_train_user["score"].to_numpy()

    return score


def calibrated(target: np.ndarray, reference: np.ndarray) -> Score:
    """Score minus the reference's score, as CalibAttack does it with logits."""

    def score(rows: np.ndarray) -> np.ndarray:
        def table(p: np.ndarray, rows: np.ndarray) -> pd.DataFrame:
            return pd.DataFrame({"user_id": np.arange(len(rows)), "label": 1, "predictions": p[rows]})

        tables = [table(p, r) for p in (target, reference) for r in (rows, rows[:1])]
        attack = CalibAttack(*tables, AggregationType.NONE, True, CalibScoreType.LOGITS)
        return attack.run_attack().df_train_user["score"].to_numpy()

    return score


def rmia(target: np.ndarray, reference: np.ndarray, known: np.ndarray, population: np.ndarray, alpha: float) -> Score:
    """Offline RMIA against a population of known non-members."""

    def score(rows: np.ndarray) -> np.ndarray:
        data = frame(target[rows], reference[rows], known[rows])
        crowd = frame(target[population], reference[population], known[population])
        attack = RmiaAttack(
            data, data.iloc[:1], crowd, AggregationType.NONE, num_reference_models=1, alpha_coefficient=alpha
        )
        return attack.run_attack().df_train_user["score"].to_numpy()

    return score


def loss(cosine: np.ndarray) -> Score:
    """Negated distance to the nearest class centre, through LossAttack."""

    def score(rows: np.ndarray) -> np.ndarray:
        given = torch.from_numpy(1 - cosine[rows])
        attack = LossAttack(torch.nn.Identity(), [given], [given[:1]], lambda model, batches: batches[0])
        return attack.run_attack().df_train_user["score"].to_numpy()

    return score


def best(export: Export, options: dict[str, Score], labelled: bool) -> str:
    """The option with the largest AUC on the people fitted on."""
    rows = export.fitting
    rows = rows[export.label[rows] >= 0] if labelled else rows
    member = export.member[rows]
    return max(options, key=lambda name: auc(options[name](rows), member))


def auc(scores: np.ndarray, member: np.ndarray) -> float:
    """As PrivacyGuard computes it."""
    inside, outside = (torch.from_numpy(np.asarray(scores[m], np.float64)) for m in (member, ~member))
    return float(MIAResults(inside, outside).compute_acc_auc_epsilon(delta=1e-6)[1])


def attempts(export: Export, labelled: bool) -> list[Attempt]:
    """All attacks, with the class label of a person or without."""
    signals = Signals(export, labelled)
    one, both = ("cosines, true class first", BOTH_LABELLED) if labelled else ("cosines", BOTH)
    crowd = export.fitting[~export.member[export.fitting] & ~signals.known[export.fitting]]
    crowd = crowd[export.label[crowd] >= 0] if labelled else crowd
    settled = {scale: signals.confidence(scale) for scale in SCALES}
    logits = {f"scale {k:g}": (logit(t), logit(r)) for k, (t, r) in settled.items()}
    raw = {scale: signals.confidence(scale, settle=False) for scale in SCALES}

    def attempt(attack: str, features: str, options: dict[str, Score]) -> Attempt:
        if len(options) == 1:
            score = next(iter(options.values()))
            return measure(export, attack, features, None, lambda _, rows: score(rows))
        note = best(export, options, labelled)
        return measure(
            export,
            attack,
            features,
            lambda: best(export, options, labelled),
            lambda chosen, rows: options[chosen](rows),
            note,
        )

    return [
        attempt("loss", one, {"1 - cosine": loss(signals.cosine)}),
        attempt("LiRA on the cosine", both, {"cosine": lira(signals.cosine, signals.reference)}),
        attempt("LiRA on the logit", both, {name: lira(t, r) for name, (t, r) in logits.items()}),
        attempt("calibrated", both, {f"scale {k:g}": calibrated(t, r) for k, (t, r) in settled.items()}),
        attempt(
            "RMIA",
            both,
            {
                f"scale {k:g}, alpha {a:g}": rmia(t, r, signals.known, crowd, a)
                for k, (t, r) in raw.items()
                for a in ALPHAS
            },
        ),
    ]


def cross_check(path: Any) -> list[dict[str, Any]]:
    """PrivacyGuard's AUC of another tool's scores: an independent check of our metric."""
    found = []
    for attempt in json.loads(path.read_text(encoding="utf-8"))["attempts"]:
        inside = np.array(attempt["scores"]["members"])
        for group in ("siblings", "outsiders"):
            outside = np.array(attempt["scores"][group])
            member = np.arange(len(inside) + len(outside)) < len(inside)
            value = auc(np.concatenate([inside, outside]), member)
            found.append({k: attempt[k] for k in ("attack", "features")} | {"against": group, "auc": value})
    return found


def main() -> None:
    """Read an export, write attempts."""
    torch.set_num_threads(1)
    options = paths(__doc__)
    export = load_export(options.export)
    checked = cross_check(options.check) if options.check else []
    version = importlib.metadata.version("privacyguard-platform")
    found = [attempt for labelled in (False, True) for attempt in attempts(export, labelled)]
    write_attempts(options.out, "PrivacyGuard", version, found, cross_check=checked)


if __name__ == "__main__":
    main()
