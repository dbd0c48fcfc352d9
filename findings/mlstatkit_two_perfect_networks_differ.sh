#!/usr/bin/env bash
# MLstatkit 0.1.91: DeLong's test of two equally good networks says that they differ, with p = 0.
#
# Delong_test(labels, scores of A, scores of B) compares two areas under the ROC curve. If the variance of their difference
# is 0, which is so when both rank the photos alike, it falls back to a bootstrap. Every difference of the bootstrap is 0
# then, and its two-sided p-value is twice the smaller of "at most 0" (all of them) and "above 0" (none of them): 0. So two
# verifiers that both separate every pair, two attacks that both find every member, a network and itself, or the same
# scores on another scale, differ with the highest certainty that there is, at z = 0. One swapped photo gives an ordinary
# answer. The library's own permutation test, and DeLong's test where it is not degenerate, are right.
#
# Seen with MLstatkit 0.1.91, scipy 1.17.1, scikit-learn 1.9.1 and numpy 2.4.6; 50 members and 50 others:
#   a network and itself: AUC 0.7408 and 0.7408, z 0.00, p 0.000 (bootstrap)
#   the same scores, doubled: AUC 0.7408 and 0.7408, z 0.00, p 0.000 (bootstrap)
#   two networks that find everybody: AUC 1.0000 and 1.0000, z 0.00, p 0.000 (bootstrap)
#   the same, one of them with one pair of photos exchanged: AUC 1.0000 and 0.9996, z -0.71, p 0.480 (delong)
#   permutation test of a network and itself: p 1.000
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check MLstatkit==0.1.91 scipy==1.17.1 scikit-learn==1.9.1 \
  numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - 2>"$work/progress" <<'PY'
from importlib.metadata import version

import numpy as np
from MLstatkit import Delong_test, Permutation_test

assert version("MLstatkit") == "0.1.91"
rng = np.random.default_rng(0)
member = np.repeat([0, 1], 50)
scores = rng.normal(size=100) + member
first, second = (member + 0.5 * rng.random(100) for _ in range(2))
swapped = second.copy()
lowest_member, highest_other = 50 + second[50:].argmin(), second[:50].argmax()
swapped[[lowest_member, highest_other]] = swapped[[highest_other, lowest_member]]


def told(name, one, other):
    """Print the test's answer; return z, p, how it was found and whether both areas are equal."""
    z, p, _, _, area, other_area, info = Delong_test(member, one, other, n_boot=500, random_state=0)
    print(f"{name}: AUC {area:.4f} and {other_area:.4f}, z {z:.2f}, p {p:.3f} ({info['method']})")
    return z, p, info["method"], area == other_area


for name, one, other in (
    ("a network and itself", scores, scores),
    ("the same scores, doubled", scores, 2 * scores),
    ("two networks that find everybody", first, second),
):
    assert told(name, one, other) == (0, 0, "bootstrap", True), "the behaviour has changed"
z, p, method, equal = told("the same, one of them with one pair of photos exchanged", first, swapped)
assert method == "delong" and not equal and p > 0.05
p = Permutation_test(member, scores, scores, "roc_auc", n_bootstraps=20)[2]
print(f"permutation test of a network and itself: p {p:.3f}")
assert p == 1
PY
