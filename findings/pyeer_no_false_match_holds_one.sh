#!/usr/bin/env bash
# pyeer 0.5.6: "zero false matches" can hold a false match, and FMR1000 can be a higher rate than 1 in 1000.
#
# The report of a face recogniser's errors gives the false non-match rate at fixed false match rates: none (ZeroFMR), and
# 1 in 1000 (FMR1000). pyeer takes the point of the curve whose rate is nearest, on either side, and its curve has a point
# at each score but none above the highest. So if the highest of all scores is an impostor's (one photo filed under two
# people is enough), "fmr0" is the error with that false match accepted, where no false match means that nobody is
# accepted, an error of 1. And with 700 impostors, whose rates are multiples of 1/700, "fmr1000" is told for 1 in 700.
#
# Seen with pyeer 0.5.6 and numpy 2.4.6 (it imports pkg_resources, so setuptools below 81), 2000 genuine scores:
#   one photo under two people, 1000 impostors: fmr0 told 0.1220 at a false match rate of 0.00100; without any: 1.0000
#   700 impostors: fmr1000 told 0.0660 at a false match rate of 0.00143; at most 0.001: 0.0915
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check setuptools==80.9.0 wheel==0.45.1
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation pyeer==0.5.6 numpy==2.4.6 matplotlib==3.11.2
cd "$work"
export MPLCONFIGDIR="$work" MPLBACKEND=Agg
"$work/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
from pyeer.eer_info import get_eer_stats

assert version("pyeer") == "0.5.6"


def told_and_true(name, limit, genuine, impostors):
    """Return pyeer's error, its false match rate, and the error where that rate is really within the limit."""
    stats = get_eer_stats(genuine, impostors)
    threshold = getattr(stats, f"{name}_th")
    candidates = np.append(np.unique(np.concatenate([genuine, impostors])), np.inf)
    allowed = next(t for t in candidates if np.mean(impostors >= t) <= limit)
    return getattr(stats, name), np.mean(impostors >= threshold), np.mean(genuine < allowed)


rng = np.random.default_rng(0)
genuine = rng.normal(0.5, 0.12, 2000)
impostors = np.append(rng.normal(0, 0.12, 999), genuine.max() + 0.1)
told, rate, true = told_and_true("fmr0", 0, genuine, impostors)
print(f"one photo under two people, 1000 impostors: fmr0 told {told:.4f} at a false match rate of {rate:.5f};", end=" ")
print(f"without any: {true:.4f}")
assert rate == 0.001 and true == 1 and told < 0.5, "the behaviour has changed"

impostors = rng.normal(0, 0.12, 700)
told, rate, true = told_and_true("fmr1000", 0.001, genuine, impostors)
print(f"700 impostors: fmr1000 told {told:.4f} at a false match rate of {rate:.5f}; at most 0.001: {true:.4f}")
assert rate > 0.00142 and true > told, "the behaviour has changed"
PY
