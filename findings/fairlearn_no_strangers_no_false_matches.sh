#!/usr/bin/env bash
# fairlearn 0.15.0: a group of whom no two strangers were compared has a false match rate of 0, and sets the standard.
#
# MetricFrame compares a recogniser's false match rate by groups. Small groups of a set of faces often have pairs of one
# person only. Their false match rate is nothing divided by nothing; fairlearn.metrics.false_positive_rate makes it 0, as if
# it were measured, where scikit-learn's confusion_matrix(normalize="true") puts 0 into an empty row. difference(), ratio(),
# group_min() and equalized_odds_difference take it for the best group: a recogniser that treats all groups nearly alike is
# told to be infinitely unfair, and 50 pairs decide it. No NaN, no warning, though MetricFrame leaves NaN out where it meets
# one. false_negative_rate does the same with groups of strangers only. A function that returns NaN in its place helps.
#
# Seen with fairlearn 0.15.0, scikit-learn 1.9.1, pandas 2.3.3 and numpy 2.4.6; groups A and B with 1000 pairs each, and C
# with 50 pairs of one person each:
#   false match rates: A 0.0454, B 0.0526, C 0.0000
#   of A, B and C: ratio 0.000, difference 0.0526; of A and B: ratio 0.862, difference 0.0073
#   with NaN for C: ratio 0.862, difference 0.0073
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check fairlearn==0.15.0 scikit-learn==1.9.1 pandas==2.3.3 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import warnings
from importlib.metadata import version

import numpy as np
from fairlearn.metrics import MetricFrame, false_positive_rate

warnings.simplefilter("error")
assert version("fairlearn") == "0.15.0"
rng = np.random.default_rng(0)
same = np.concatenate([rng.integers(0, 2, 1000), rng.integers(0, 2, 1000), np.ones(50, int)])
group = np.repeat(["A", "B", "C"], [1000, 1000, 50])
told = np.where(same, rng.random(2050) < 0.9, rng.random(2050) < np.where(group == "B", 0.05, 0.04)).astype(int)


def or_nan(same, told):
    """Return the same rate, and NaN where there is none."""
    return false_positive_rate(same, told) if (same == 0).any() else np.nan


def frame(metric, kept):
    return MetricFrame(metrics=metric, y_true=same[kept], y_pred=told[kept], sensitive_features=group[kept])


everybody = frame(false_positive_rate, slice(None))
measured = frame(false_positive_rate, group != "C")
honest = frame(or_nan, slice(None))
print("false match rates:", ", ".join(f"{name} {rate:.4f}" for name, rate in everybody.by_group.items()))
for name, one, end in (("of A, B and C", everybody, "; "), ("of A and B", measured, "\n"), ("with NaN for C", honest, "\n")):
    print(f"{name}: ratio {one.ratio():.3f}, difference {one.difference():.4f}", end=end)
assert everybody.by_group["C"] == 0 and everybody.ratio() == 0, "the behaviour has changed"
assert everybody.difference() > 5 * measured.difference(), "the behaviour has changed"
assert measured.ratio() == honest.ratio() > 0.8
PY
