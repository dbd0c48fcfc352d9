#!/usr/bin/env bash
# sacroml 2.0.1: a membership attack that says the same of everybody finds members with certainty, if they stand last.
#
# Beside the AUC, SACRO-ML reports how many members are among the tenth that an attack is surest of, less how many are among
# the tenth that it is least sure of (FDIF01), with a p-value as -log p (PDIF01). It sorts by the attack's probability, and
# equal ones stay in the order of their rows. Its get_metrics(..., permute_rows=True), the default, is to shuffle the rows
# before; the shuffled copies are local to a function that returns nothing, so that the rows stay as they were. Where members
# were put behind the others, an attack that knows nothing is told to be right about all of both tenths, with p below 1e-50; in
# front of them, to be wrong about all. Attacks that give equal probabilities to many are told something in between, and
# another thing for another order of the same rows. Shuffling rows and labels before the call helps. AUC is right.
#
# Seen with sacroml 2.0.1, numpy 2.4.6, scipy 1.17.1 and scikit-learn 1.9.1; 500 members, 500 others, no information:
#   every probability 0.5, members last: AUC 0.500, FDIF01 1.00, PDIF01 115.13
#   every probability 0.5, members first: AUC 0.500, FDIF01 -1.00, PDIF01 0.00
#   every probability 0.5, rows shuffled by hand: AUC 0.500, FDIF01 -0.09, PDIF01 0.11
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
pip() { "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
pip numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
pip --no-deps sacroml==2.0.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import warnings
from importlib.metadata import version

import numpy as np
from sacroml.metrics import get_metrics

warnings.simplefilter("ignore")
assert version("sacroml") == "2.0.1"
first = np.repeat([1, 0], 500)


def told(probability, member):
    """Return what SACRO-ML says of an attack, with its default settings."""
    found = get_metrics(np.column_stack([1 - probability, probability]), member.copy())
    return tuple(float(found[name]) for name in ("AUC", "FDIF01", "PDIF01"))


same = np.full(1000, 0.5)
for where, member in (("last", first[::-1]), ("first", first)):
    auc, gap, unlikely = told(same, member)
    print(f"every probability 0.5, members {where}: AUC {auc:.3f}, FDIF01 {gap:.2f}, PDIF01 {unlikely + 0.0:.2f}")
    assert auc == 0.5 and gap == (1 if where == "last" else -1), "the behaviour has changed"
    assert (unlikely > 115) == (where == "last"), "the behaviour has changed"

order = np.random.default_rng(0).permutation(1000)
auc, gap, unlikely = told(same, first[order])
print(f"every probability 0.5, rows shuffled by hand: AUC {auc:.3f}, FDIF01 {gap:.2f}, PDIF01 {unlikely:.2f}")
assert abs(gap) < 0.25
PY
