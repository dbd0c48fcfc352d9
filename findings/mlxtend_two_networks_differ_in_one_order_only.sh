#!/usr/bin/env bash
# mlxtend 0.25.0: whether two networks differ depends on which of the two is named first, with p = 0.04 or p = 0.96.
#
# proportion_difference(accuracy_1, accuracy_2, n) tells z and "the p-value" of a test whether two accuracies differ; the
# guide sets out the test with "the alternative hypothesis that the proportions are different" and a limit of 1.96 for z.
# The p-value is the area below z, without a second tail or an absolute value. So it is half of what it should be if the
# worse network is named first, and above 0.5, however much they differ, if the better one is. The guide's own example,
# "a statistically significant difference" with z = -1.754, is none at 5 %. Whoever holds a new membership attack against an
# older and worse one, in this order, finds that they do not differ. The p-value of the test is 2 norm.sf(abs(z)).
#
# Seen with mlxtend 0.25.0, numpy 2.4.6 and scipy 1.17.1:
#   0.84 and 0.92 of 100: p = 0.040; 0.92 and 0.84: p = 0.960; both tails: 0.079
#   0.70 and 0.90 of 1000: p = 0.000; 0.90 and 0.70: p = 1.000; both tails: 0.000
#   20000 pairs of equally good networks: 0.050 called different, 0 of them where the first did not do worse
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mlxtend==0.25.0 numpy==2.4.6 scipy==1.17.1 \
    scikit-learn==1.9.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
from mlxtend.evaluate import proportion_difference
from scipy import stats

assert version("mlxtend") == "0.25.0"
for low, high, n in ((0.84, 0.92, 100), (0.70, 0.90, 1000)):
    z, worse_first = proportion_difference(low, high, n)
    _, better_first = proportion_difference(high, low, n)
    both = 2 * stats.norm.sf(abs(z))
    print(f"{low:.2f} and {high:.2f} of {n}: p = {worse_first:.3f};", end=" ")
    print(f"{high:.2f} and {low:.2f}: p = {better_first:.3f}; both tails: {both:.3f}")
    assert np.isclose(2 * worse_first, both) and np.isclose(better_first, 1 - worse_first), "the behaviour has changed"
    assert worse_first < 0.05 < 0.95 < better_first, "the behaviour has changed"

# Equally good networks, right in 80 % of cases, on 400 photos each: which of the two does a test at 5 % call different?
rng = np.random.default_rng(0)
right = rng.binomial(400, 0.8, size=(20000, 2)) / 400
p = np.array([proportion_difference(a, b, 400)[1] for a, b in right])
first_is_worse = right[:, 0] < right[:, 1]
print(f"20000 pairs of equally good networks: {np.mean(p < 0.05):.3f} called different,", end=" ")
print(f"{int((p[~first_is_worse] < 0.05).sum())} of them where the first did not do worse")
assert not (p[~first_is_worse] < 0.05).any() and 0.03 < np.mean(p < 0.05) < 0.07, "the behaviour has changed"
PY
