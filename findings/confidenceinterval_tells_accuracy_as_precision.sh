#!/usr/bin/env bash
# confidenceinterval 1.0.5: an auditor's precision, recall and F1 are all told as its accuracy, with an interval round it.
#
# The package has the names and arguments of scikit-learn's scores and adds an interval. But where scikit-learn scores the
# class 1, its precision_score(y, said), recall_score and f1_score count members and others alike ("micro"), which for two
# classes is the accuracy, three times over. Where members are few, as in any search for them, that is high even if most of
# those who are called members are not. The interval is narrow and leaves the true value out. The same package's ppv_score,
# another name of precision, tells it; precision_score(..., average="binary") raises unless a method is named as well.
#
# Seen with confidenceinterval 1.0.5, scikit-learn 1.9.1 and numpy 2.4.6: 50 members among 1000 people, one answer in ten
# wrong:
#   precision_score: 0.911, interval 0.893 to 0.929; scikit-learn's precision_score: 0.346
#   recall_score: 0.911, interval 0.893 to 0.929; scikit-learn's recall_score: 0.880
#   f1_score: 0.911, interval 0.893 to 0.929; scikit-learn's f1_score: 0.497
#   ppv_score: 0.346, interval 0.269 to 0.433; accuracy 0.911
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check confidenceinterval==1.0.5 scikit-learn==1.9.1 numpy==2.4.6 \
  scipy==1.17.1 pandas==3.1.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import confidenceinterval
import numpy as np
from sklearn import metrics

assert version("confidenceinterval") == "1.0.5"
rng = np.random.default_rng(0)
member = (np.arange(1000) < 50).astype(int)
said = np.where(rng.random(1000) < 0.1, 1 - member, member)
accuracy = np.mean(said == member)
for name in ("precision_score", "recall_score", "f1_score"):
    value, (low, high) = getattr(confidenceinterval, name)(member, said)
    right = getattr(metrics, name)(member, said)
    print(f"{name}: {value:.3f}, interval {low:.3f} to {high:.3f}; scikit-learn's {name}: {right:.3f}")
    assert np.isclose(value, accuracy), "the behaviour has changed"
    assert not low <= right <= high, "the behaviour has changed"
ppv, (low, high) = confidenceinterval.ppv_score(member, said)
print(f"ppv_score: {ppv:.3f}, interval {low:.3f} to {high:.3f}; accuracy {accuracy:.3f}")
assert np.isclose(ppv, metrics.precision_score(member, said), atol=1e-6)
PY
