#!/usr/bin/env bash
# PyCalib 0.1.0.dev6: the calibration error of a two-class model pairs one photo's probability with another photo's label.
#
# pycalib.metrics.ECE(labels, probabilities) takes a row of probabilities a photo, one for each class. With three classes
# or more it lays the table of probabilities and the table of labels out as two equally long lists. With two classes
# (member or not, the same person or not) scikit-learn's label_binarize makes one column of labels instead of two, so the
# list of labels is half as long, and zip() cuts the other one: the label of photo 3 is held to the second probability of
# photo 1. The probabilities of the later half of the photos are never read. A perfectly calibrated model and one that says
# the opposite of the truth come out alike. No error. MCE(..., mce_full=True) does the same. binary_ECE and conf_ECE of
# the same library are right, and so is ECE with a third class that nobody is in.
#
# Seen with pycalib 0.1.0.dev6, scikit-learn 1.9.1 and numpy 2.4.6; 20000 probabilities that are exactly right, and the same
# with every label exchanged:
#   right: ECE 0.183; conf_ECE 0.006, binary_ECE 0.007, ECE with an empty third class 0.003; by hand 0.005
#   exchanged: ECE 0.183; conf_ECE 0.731, binary_ECE 0.731, ECE with an empty third class 0.487; by hand 0.730
#   right, the later half of the probabilities set to 0.5: ECE 0.183
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check setuptools==80.9.0 wheel==0.45.1
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation pycalib==0.1.0.dev6 \
  scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2 statsmodels==0.14.6
cd "$work"
export MPLCONFIGDIR="$work" MPLBACKEND=Agg
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from pycalib.metrics import ECE, binary_ECE, conf_ECE

assert version("pycalib") == "0.1.0.dev6"
PHOTOS = 20_000
rng = np.random.default_rng(0)
member = rng.beta(0.3, 0.3, PHOTOS)
labels = (rng.random(PHOTOS) < member).astype(int)
two = np.column_stack([1 - member, member])
three = np.column_stack([two, np.zeros(PHOTOS)])


def by_hand(truth, bins=15):
    """Return the calibration error over both classes, each photo judged by its own label."""
    given, true = two.ravel(), np.eye(2)[truth].ravel()
    place = np.clip(np.ceil(given * bins).astype(int) - 1, 0, bins - 1)
    return sum(abs(given[place == b].mean() - true[place == b].mean()) * (place == b).mean() for b in range(bins))


figures = {}
for name, truth in (("right", labels), ("exchanged", 1 - labels)):
    figures[name] = ECE(truth, two)
    others = conf_ECE(truth, two), binary_ECE(truth, member), ECE(truth, three)
    print(f"{name}: ECE {figures[name]:.3f}; conf_ECE {others[0]:.3f}, binary_ECE {others[1]:.3f},", end=" ")
    print(f"ECE with an empty third class {others[2]:.3f}; by hand {by_hand(truth):.3f}")
    assert all((figure < 0.02) == (name == "right") for figure in (*others, by_hand(truth)))
    assert figures[name] == ECE(np.eye(2)[truth], two), "the behaviour has changed"
assert abs(figures["right"] - figures["exchanged"]) < 0.01 and figures["right"] > 0.1, "the behaviour has changed"
half = two.copy()
half[PHOTOS // 2 :] = 0.5
unread = ECE(labels, half)
print(f"right, the later half of the probabilities set to 0.5: ECE {unread:.3f}")
assert unread == figures["right"], "the behaviour has changed"
PY
