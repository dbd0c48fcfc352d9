#!/usr/bin/env bash
# pauc 0.2.2: at low false match rates two equally good recognisers differ in 85 of 100 trials, or no two ever do.
#
# Face recognisers and membership attacks are compared where false matches are rare, by the partial area under the ROC curve:
# pauc.ROC(..., partial_auc=(0.99, 1)) for rates up to 1 %. Its .auc is that area, but ci_auc(roc) and compare(roc, roc), both
# DeLong's by default, take the variance of the whole area for it. Of a good recogniser the whole area hardly varies and the
# standardised partial area does, so the interval is a fifteenth as wide as it must be and chance looks like a difference.
# Not standardised, the partial area is at most 0.01 and the variance far too large for it: recognisers that do differ are told
# to be alike, and intervals reach beyond what is possible. Nothing is said about it. compare(..., method="bootstrap") is
# right only if the area is not standardised: it resamples the one that is not.
#
# Seen with pauc 0.2.2, numpy 2.4.6, scipy 1.17.1 and matplotlib 3.11.2; 200 trials of 1000 genuine and 1000 impostor scores:
#   whole area, equal recognisers: 95 % intervals hold the mean in 95%, width 0.0059 (needed 0.0057); differ in 6%
#   standardised part, equal recognisers: 95 % intervals hold the mean in 10%, width 0.0059 (needed 0.0901); differ in 85%
#   part as it is, equal recognisers: 95 % intervals hold the mean in 100%, width 0.0060 (needed 0.0019); differ in 0%
#   part as it is, the second one better: 95 % intervals hold the mean in 100%, width 0.0060 (needed 0.0017); differ in 0%
#   (by the areas' own scatter 6 %, 6 %, 6 % and 92 % differ)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pauc==0.2.2 numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2
cd "$work"
export MPLCONFIGDIR="$work" MPLBACKEND=Agg
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from pauc import ROC, ci_auc, compare

assert version("pauc") == "0.2.2"
rng = np.random.default_rng(0)
TRIALS, SCORES = 200, 1000
labels = np.repeat([0, 1], SCORES)


def curve(strength, **part):
    """Return the curve of a recogniser whose genuine scores lie this many deviations above the impostors'."""
    scores = np.concatenate([rng.normal(size=SCORES), rng.normal(strength, 1, SCORES)])
    return ROC(labels, scores, direction="<", **part)


def trials(first, second, **part):
    """Return areas, whether an interval holds their mean, widths, and p-values of pauc and of the areas' real scatter."""
    pairs = [(curve(first, **part), curve(second, **part)) for _ in range(TRIALS)]
    areas = np.array([(a.auc, b.auc) for a, b in pairs])
    intervals = np.array([ci_auc(a) for a, _ in pairs])
    mean = areas[:, 0].mean()
    holds = (intervals[:, 0] <= mean) & (mean <= intervals[:, 1])
    differ = np.array([compare(a, b, paired=False).p_value < 0.05 for a, b in pairs])
    really = np.abs(areas[:, 0] - areas[:, 1]) > 1.96 * np.sqrt(areas.var(0, ddof=1).sum())
    return holds.mean(), np.ptp(intervals, axis=1).mean(), 3.92 * areas[:, 0].std(), differ.mean(), really.mean()


whole, part = {}, {"partial_auc": (0.99, 1)}
results = {}
for name, second, settings in (
    ("whole area, equal recognisers", 3.3, whole),
    ("standardised part, equal recognisers", 3.3, part | {"standardize_pauc": True}),
    ("part as it is, equal recognisers", 3.3, part),
    ("part as it is, the second one better", 4.0, part),
):
    holds, width, needed, differ, really = results[name] = trials(3.3, second, **settings)
    print(f"{name}: 95 % intervals hold the mean in {holds:.0%}, width {width:.4f} (needed {needed:.4f});", end=" ")
    print(f"differ in {differ:.0%} ({really:.0%} by the areas' own scatter)")
_, standardised, raw, better = results.values()
assert results["whole area, equal recognisers"][0] > 0.9 and results["whole area, equal recognisers"][3] < 0.12
assert standardised[0] < 0.3 and standardised[3] > 0.4, "the behaviour has changed"
assert raw[1] > 1.5 * raw[2] and better[3] < 0.1 and better[4] > 0.9, "the behaviour has changed"
PY
