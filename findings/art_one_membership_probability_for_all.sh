#!/usr/bin/env bash
# Adversarial Robustness Toolbox 1.20.1: the rule-based membership attack gives all photos of a call one probability.
#
# MembershipInferenceBlackBoxRuleBased.infer(x, y, probabilities=True) returns one row (not a member, member) for each
# photo. For a model of two classes ("the same person or not") the rows are filled column by column, so every photo
# overwrites those before it: all rows of an answer are equal, and a row's two numbers do not sum to 1: each is another photo's, the
# last of the call that was decided the one way or the other. Asked for alone, each photo has its own row. The decisions
# (probabilities=False) are right.
#
# Seen with adversarial-robustness-toolbox 1.20.1, scikit-learn 1.9.1, numpy 2.4.6 and packaging 26.4
# (which it imports and pip does not bring), five photos of a logistic regression's training set:
#   decisions: [1 1 1 0 1]
#   asked together: 1 different row(s) among 5: [0.374 0.255], sum 0.630
#   asked one by one: 5 different rows: [0.48 0.52] [0.126 0.874] [0.228 0.772] [0.745 0.255] [0.374 0.626]
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check adversarial-robustness-toolbox==1.20.1 scikit-learn==1.9.1 \
  numpy==2.4.6 scipy==1.17.1 packaging==26.4
cd "$work"
"$work/venv/bin/python" - <<'PY'
import art
import numpy as np
from art.attacks.inference.membership_inference import MembershipInferenceBlackBoxRuleBased
from art.estimators.classification.scikitlearn import SklearnClassifier
from sklearn.linear_model import LogisticRegression

assert art.__version__ == "1.20.1", art.__version__
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 8)).astype(np.float32)
y = (x[:, 0] + rng.normal(size=200) > 0).astype(int)
model = LogisticRegression().fit(x, y)
attack = MembershipInferenceBlackBoxRuleBased(SklearnClassifier(model))
photos, labels = x[:5], np.eye(2)[y[:5]]

decisions = attack.infer(photos, labels)
together = attack.infer(photos, labels, probabilities=True)
alone = np.concatenate([attack.infer(photos[i : i + 1], labels[i : i + 1], probabilities=True) for i in range(5)])
rows = np.unique(together, axis=0)
print("decisions:", decisions)
print(f"asked together: {len(rows)} different row(s) among {len(together)}: {rows[0].round(3)}, sum {rows[0].sum():.3f}")
print(f"asked one by one: {len(np.unique(alone, axis=0))} different rows:", *alone.round(3))
assert np.array_equal(decisions, model.predict(photos) == y[:5]), "the decisions have changed"
assert np.allclose(alone.sum(1), 1) and len(np.unique(alone, axis=0)) == 5, "the answers for one photo have changed"
assert len(rows) == 1 and abs(rows[0].sum() - 1) > 0.1, "the behaviour has changed"
assert together[0, 1] == alone[3, 0 if decisions[3] else 1], "the behaviour has changed"
PY
