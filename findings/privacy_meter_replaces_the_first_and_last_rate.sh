#!/usr/bin/env bash
# Privacy Meter 1.0.1: the first and the last false positive rate that one asks for become "nobody" and "everybody".
#
# A membership attack is read at false positive rates that the auditor chooses. Privacy Meter's default function for its
# thresholds, linear_itp_threshold_func(losses of non-members, rates), says that it returns the quantiles at these rates. It
# does for those in the middle. The first is the smallest loss less 0.0001, the last the largest loss plus 0.0001, whatever
# rates were given there. With the library's own 100 rates, from 0.00001 to 1, nobody sees it; with the three that papers
# report, "1 in 1000" finds no member and "1 in 10" finds all of them, which looks like a leak. Listed from high to low they
# are exchanged, and for one rate two thresholds come back. Gaussian thresholds of the same library are at the rates given.
#
# Seen with privacy-meter 1.0.1, numpy 2.4.6 and scipy 1.17.1; losses of members a little lower than those of others:
#   low to high: asked 0.0010 0.0100 0.1000; others called members 0.0000 0.0097 1.0000; members found 0.0000 0.0335 1.0000
#   high to low: asked 0.1000 0.0100 0.0010; others called members 0.0000 0.0097 1.0000; members found 0.0000 0.0335 1.0000
#   quantiles of the same losses: others 0.0010 0.0097 0.1011; members 0.0047 0.0335 0.2170
#   one rate, 0.0100: 2 thresholds, others 0.0000 1.0000
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps privacy-meter==1.0.1 numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from privacy_meter.hypothesis_test import gaussian_threshold_func, linear_itp_threshold_func

assert version("privacy-meter") == "1.0.1"
rng = np.random.default_rng(0)
reference, others, members = (rng.normal(mean, 1, 100_000) for mean in (10, 10, 9.5))
RATES = np.array([0.001, 0.01, 0.1])


def found(thresholds, losses):
    """Return the share whose loss is below each threshold: who is called a member."""
    return [float(np.mean(losses < t)) for t in thresholds]


def told(shares):
    return " ".join(f"{share:.4f}" for share in shares)


for name, rates in (("low to high", RATES), ("high to low", RATES[::-1])):
    thresholds = linear_itp_threshold_func(reference, rates)
    false, true = found(thresholds, others), found(thresholds, members)
    print(f"{name}: asked {told(rates)}; others called members {told(false)}; members found {told(true)}")
    assert false[0] < 1e-4 and false[2] > 0.9999 and abs(false[1] - 0.01) < 0.002, "the behaviour has changed"
    assert true[0] < 1e-3 and true[2] > 0.9999, "the behaviour has changed"
right = found(np.quantile(reference, RATES), others), found(np.quantile(reference, RATES), members)
print(f"quantiles of the same losses: others {told(right[0])}; members {told(right[1])}")
gaussian = found(gaussian_threshold_func(reference, RATES), others)
print(f"gaussian_threshold_func: others {told(gaussian)}")
single = linear_itp_threshold_func(reference, np.array([0.01]))
print(f"one rate, 0.0100: {len(single)} thresholds, others {told(found(single, others))}")
assert np.allclose(right[0], RATES, rtol=0.3) and np.allclose(gaussian, RATES, rtol=0.3)
assert len(single) == 2, "the behaviour has changed"
PY
