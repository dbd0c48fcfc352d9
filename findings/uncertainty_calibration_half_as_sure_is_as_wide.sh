#!/usr/bin/env bash
# uncertainty-calibration 0.1.4: the interval of a calibration error is as wide at 50 % as it is at 90 %, and both are 99 % or more.
#
# get_calibration_error_uncertainties(probabilities, labels, p, alpha=0.1) is to give "1-alpha confidence intervals produced by
# bootstrap resampling": 90 % unless told otherwise. It draws 100 new samples and asks np.percentile for alpha / 2 and
# 100 - alpha / 2. np.percentile counts to 100, so an alpha of 0.1 asks for 0.05 and 99.95 of 100, the least and the largest of
# the 100 errors, and so does nearly any alpha below 1. Whether 90 % or 50 % is asked for, the interval hardly changes and is
# nearly twice, or almost four times, as wide as it should be; the calibration errors of two membership tests that
# differ may be told to overlap. An alpha of 10 gives the 90 % that 0.1 names. Nothing is printed.
#
# Seen with uncertainty-calibration 0.1.4, scikit-learn 1.9.1 and numpy 2.4.6; a made-up test, 400 photos, the same draws:
#   90% asked for: told 0.016 to 0.158, by hand 0.048 to 0.133; told at alpha=10: 0.048 to 0.133
#   50% asked for: told 0.020 to 0.155, by hand 0.072 to 0.107; told at alpha=50: 0.072 to 0.107
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check setuptools==80.9.0 wheel==0.45.1
"$work/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation --no-deps uncertainty-calibration==0.1.4
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import calibration
import numpy as np

assert version("uncertainty-calibration") == "0.1.4"
PHOTOS, DRAWS, BINS = 400, 100, 15
rng = np.random.default_rng(0)
told = rng.uniform(0.05, 0.95, PHOTOS)
label = (rng.random(PHOTOS) < 0.5 + 0.7 * (told - 0.5)).astype(int)


def error(rows):
    """Return the root mean squared calibration error of these photos, with equally filled bins."""
    p, y = told[rows], label[rows]
    pieces = np.array_split(np.sort(p), BINS)
    bounds = [(a[-1] + b[0]) / 2 for a, b in zip(pieces, pieces[1:])]
    bins = np.searchsorted(np.unique(bounds), p)
    return sum((p - y)[bins == b].mean() ** 2 * (bins == b).mean() for b in np.unique(bins)) ** 0.5


def by_hand(alpha):
    """Return the 1 - alpha interval from the same draws as the library's, turned about the error as it does."""
    np.random.seed(0)
    draws = [error(np.random.choice(PHOTOS, PHOTOS)) for _ in range(DRAWS)]
    return 2 * error(np.arange(PHOTOS)) - np.quantile(draws, [1 - alpha / 2, alpha / 2])


def by_library(alpha):
    """Return the library's interval at alpha."""
    np.random.seed(0)
    low, _, high = calibration.get_calibration_error_uncertainties(told, label, alpha=alpha)
    return np.array([low, high])


for alpha in (0.1, 0.5):
    library, right = by_library(alpha), by_hand(alpha)
    percent = by_library(100 * alpha)
    print(f"{1 - alpha:.0%} asked for: told {library[0]:.3f} to {library[1]:.3f},", end=" ")
    print(f"by hand {right[0]:.3f} to {right[1]:.3f};", end=" ")
    print(f"told at alpha={100 * alpha:.0f}: {percent[0]:.3f} to {percent[1]:.3f}")
    assert np.allclose(percent, right), "the behaviour has changed"
    assert np.allclose(library, by_hand(alpha / 100)), "the behaviour has changed"
    assert np.ptp(library) > 1.3 * np.ptp(right), "the behaviour has changed"
assert np.ptp(by_library(0.5)) > 0.85 * np.ptp(by_library(0.1)), "the behaviour has changed"
PY
