import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta
from sklearn.metrics import roc_auc_score

from mint.bundles.bundle import Bundle
from mint.evidence.metrics import rate
from mint.evidence.score_table import PERSON, PHOTO
from mint.lab.evaluation.evaluate import evaluate, verdict_rates
from mint.lab.evaluation.gate import gates, open_gates
from tests.tiny_bundles import made_up_scores, tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle(tmp_path_factory.mktemp("b") / "twin-a")


@pytest.mark.parametrize(("level", "others"), [("sample", "siblings"), ("identity", "outsiders")])
def test_rows_agree_with_scikit_learn(bundle: Bundle, level: str, others: str) -> None:
    found = evaluate(bundle, level, draws=50)
    row = next(r for r in found["rows"] if r["auditor"] == "combined")
    m, n = bundle.test["members"][PHOTO], bundle.test[others][PHOTO]
    labels = np.r_[np.ones(len(m)), np.zeros(len(n))]
    assert row["auc"] == pytest.approx(roc_auc_score(labels, np.r_[m, n]))
    assert row["auc_low"] < row["auc"] < row["auc_high"]
    assert (row["members"], row["non_members"]) == (len(m), len(n))
    assert row["tpr_at_1pct_fpr"] is None  # 240 non-members are too few for one in a hundred
    json.dumps(found, allow_nan=False)


def test_figures_compare_generated_people_with_generated_people(bundle: Bundle) -> None:
    members = dict(bundle.test["members"])
    members["generated"] = np.r_[np.ones(100, np.uint8), np.zeros(140, np.uint8)]
    mixed = replace(bundle, scores={**bundle.scores, "test": {**bundle.test, "members": members}})
    counts = {level: evaluate(mixed, level, draws=5)["rows"][0]["members"] for level in ("sample", "identity")}
    assert counts == {"sample": 100, "identity": 100}


def test_noise_does_not_pass_the_gate_and_a_planted_leak_does(bundle: Bundle) -> None:
    for strength, passes in ((0.0, False), (2.0, True)):
        scores = {**bundle.scores, "test": made_up_scores(["consistency/views"], 77, strength)}
        found = gates(scores, "siblings", draws=300)[PHOTO]
        assert found["passes"] is passes
        assert found["low"] <= found["margin"] <= found["high"] + 0.05


def test_a_database_detector_does_not_pass_the_gate(bundle: Bundle) -> None:
    """Scores that are high for the network and just as high for pixels show the source, not membership."""
    shifted = made_up_scores(["consistency/views"], 78, 3.0)
    scores = {**bundle.scores, "test": shifted, "pixels": made_up_scores(["x/y"], 79, 3.0)}
    assert not any(found["passes"] for found in gates(scores, "outsiders", draws=300).values())


def test_each_auditor_has_a_gate_of_its_own_and_the_verdict_needs_both_levels(bundle: Bundle) -> None:
    """The made-up scores of the fused column know membership; every single auditor's are noise."""
    found = open_gates(bundle.scores, draws=300)
    assert {column for column, passes in found.items() if passes} == {PHOTO, PERSON}
    test = {**bundle.test, "outsiders": {**bundle.test["outsiders"], PHOTO: bundle.test["members"][PHOTO]}}
    found = open_gates({**bundle.scores, "test": test}, draws=300)
    assert not found[PHOTO]
    assert not found[PERSON]


@pytest.mark.parametrize("missing", ["pixels", "untrained"])
def test_without_its_controls_nothing_may_speak(bundle: Bundle, missing: str) -> None:
    scores = {name: tables for name, tables in bundle.scores.items() if name != missing}
    assert not any(open_gates(scores, draws=10).values())
    without = replace(bundle, scores=scores)
    assert bundle.passed_gate(PHOTO)
    assert not without.passed_gate(PHOTO)
    assert not bundle.passed_gate("no such auditor")


def test_the_margin_is_the_claim(bundle: Bundle) -> None:
    """AUC of the network minus the best AUC of any auditor on pixels or on the untrained network."""
    found = gates(bundle.scores, "siblings", draws=100)["vanilla/stage1"]

    def score(tables: dict[str, dict[str, np.ndarray]], column: str) -> float:
        m, n = tables["members"][column], tables["siblings"][column]
        return float(roc_auc_score(np.r_[np.ones(len(m)), np.zeros(len(n))], np.r_[m, n]))

    blind = [
        score(bundle.scores[c], column) for c in ("pixels", "untrained") for column in ("consistency/views", PHOTO)
    ]
    assert found["margin"] == pytest.approx(score(bundle.test, "vanilla/stage1") - max(blind))


def test_verdict_rates_count_what_the_verdict_would_say(bundle: Bundle) -> None:
    found = verdict_rates(bundle, PHOTO, alpha=0.05)
    # 240 people with a photo each: at most 7 may score as high for Clopper and Pearson's bound to be 5 %.
    assert beta.ppf(0.9, 7 + 1, 240 - 7) <= 0.05 < beta.ppf(0.9, 8 + 1, 240 - 8)
    kinds = ("siblings", "outsiders", "openpeople", "real")
    worst = [max((bundle.calibration[s][PHOTO] >= score).sum() for s in kinds) for score in bundle.test["real"][PHOTO]]
    assert found["real"]["value"] == pytest.approx(np.mean(np.array(worst) <= 7))
    assert found["real"]["low"] <= found["real"]["value"] <= found["real"]["high"]
    assert found["members"]["value"] > 0.5


def test_verdict_rates_are_by_people(bundle: Bundle) -> None:
    table = bundle.test["siblings"]
    highest = np.argsort(-table[PHOTO])  # so that all alarms are a few people's
    table = {**{name: v[highest] for name, v in table.items()}, "identity": np.arange(240).astype(np.int32) // 24}
    test = {**bundle.test, "siblings": table}
    found = verdict_rates(replace(bundle, scores={**bundle.scores, "test": test}), PHOTO, alpha=0.3)["siblings"]
    alike = rate(round(240 * found["value"]), 240)  # were every photo another person's
    assert (found["people"], found["n"], found["value"]) == (10, 240, alike.value)
    assert found["low"] < alike.low - 0.1 < alike.high + 0.1 < found["high"]


def test_the_same_bundle_gives_the_same_figures(bundle: Bundle, tmp_path: Path) -> None:
    again = tiny_bundle(tmp_path / "twin-a")
    assert evaluate(bundle, draws=30) == evaluate(again, draws=30)
