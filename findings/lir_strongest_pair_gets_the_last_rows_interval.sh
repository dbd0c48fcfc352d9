#!/usr/bin/env bash
# lir 1.3.1: how sure the strongest evidence is depends on the pair of faces that stands last in the training set.
#
# lir, of the Netherlands Forensic Institute, turns the score of two compared faces into a likelihood ratio, and BootstrapAtData
# gives the ratio an interval: it notes for each training pair how far its ratio moves when pairs are drawn anew, and reads
# new ones off between them. Above all training pairs, where the strongest evidence lies, the uppermost pair's is to hold.
# interp1d gets it as fill_value=(lower[0], lower[-1]) and sorts the pairs by their ratio; these two are those of the first and
# the last row as they came. lir's own InstancePairing puts pairs of different people last: a ratio of 10^8 is told to be as
# sure as one of 10^2, and its interval misses the truth more often than not. The same rows in reverse have another one. There
# is no warning, and within the range of the training pairs all is right. Both lines are still in 1.8.0 (Python 3.12).
#
# Seen with lir 1.3.1, scikit-learn 1.9.1, scipy 1.17.1 and numpy 2.4.6; 60 pairs of one person (scores around 6), then 240 of
# two (around 0); log10 of the ratio, 90 % intervals:
#   score 7.0: ratio 2.64, told 2.18 to 3.60, rows reversed 2.17 to 3.80, by refitting 2.18 to 3.67
#   score 15.0: ratio 8.21, told 7.69 to 8.61, rows reversed 7.85 to 9.15, by refitting 6.56 to 11.59
#   25 training sets, score 7.0: holds the truth in 76%, by refitting in 84%; mean width 1.20, by refitting 1.22
#   25 training sets, score 15.0: holds the truth in 44%, by refitting in 84%; mean width 1.44, by refitting 3.88
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check lir==1.3.1 scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
cd "$work"
export MPLCONFIGDIR="$work" MPLBACKEND=Agg
"$work/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
from lir.algorithms.bootstraps import BootstrapAtData
from lir.algorithms.logistic_regression import LogitCalibrator
from lir.data.models import FeatureData

assert version("lir") == "1.3.1"
SAME, OTHER, DEVIATION, SAMPLES, REFITS = 60, 240, 2, 25, 60
label = np.repeat([1, 0], [SAME, OTHER])
new = np.array([7.0, 15.0])
truth = (new**2 - (new - 6) ** 2) / (2 * DEVIATION**2) / np.log(10)


def told(scores, labels):
    """Return lir's ratios and 90 % intervals for the new scores, a row (ratio, low, high) each."""
    system = BootstrapAtData([("calibrator", LogitCalibrator())], n_bootstraps=REFITS, seed=0)
    system.fit(FeatureData(features=scores[:, None], labels=labels))
    return system.transform(FeatureData(features=new[:, None])).features


def refitted(scores):
    """Return 90 % intervals for the new scores, by refitting to resampled pairs and asking each for the new scores."""
    ratios = []
    for _ in range(REFITS):
        rows = rng.choice(len(scores), len(scores))
        ratios.append(LogitCalibrator().fit(scores[rows, None], label[rows]).transform(new[:, None]).ravel())
    return np.quantile(ratios, [0.05, 0.95], axis=0).T


rng = np.random.default_rng(0)
answers = []
for _ in range(SAMPLES):
    scores = DEVIATION * rng.normal(size=SAME + OTHER) + 6 * label
    assert scores.min() < new[0] < scores.max() < new[1]
    answers.append((told(scores, label), refitted(scores)))
    if len(answers) == 1:
        reverse = told(scores[::-1], label[::-1])
first, right = answers[0]
for i, score in enumerate(new):
    print(f"score {score}: ratio {first[i, 0]:.2f}, told {first[i, 1]:.2f} to {first[i, 2]:.2f},", end=" ")
    print(f"rows reversed {reverse[i, 1]:.2f} to {reverse[i, 2]:.2f}, by refitting {right[i, 0]:.2f} to {right[i, 1]:.2f}")
    assert np.isclose(first[i, 0], reverse[i, 0], atol=1e-3)


def holds(intervals):
    """Return for each new score how often its interval holds the true ratio."""
    return np.mean([(i[:, 0] <= truth) & (truth <= i[:, 1]) for i in intervals], axis=0)


by_lir, by_refits = holds([a[:, 1:] for a, _ in answers]), holds([c for _, c in answers])
width = np.mean([np.ptp(a[:, 1:], axis=1) for a, _ in answers], axis=0)
width_right = np.mean([np.ptp(c, axis=1) for _, c in answers], axis=0)
for i, score in enumerate(new):
    print(f"{SAMPLES} training sets, score {score}: holds the truth in {by_lir[i]:.0%},", end=" ")
    print(f"by refitting in {by_refits[i]:.0%};", end=" ")
    print(f"mean width {width[i]:.2f}, by refitting {width_right[i]:.2f}")
assert abs(width[0] / width_right[0] - 1) < 0.15 and abs(by_lir[0] - by_refits[0]) < 0.2 and by_refits.min() > 0.6
assert width[1] < 0.5 * width_right[1] and by_lir[1] < by_refits[1] - 0.2, "the behaviour has changed"
PY
