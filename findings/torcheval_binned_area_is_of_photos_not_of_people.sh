#!/usr/bin/env bash
# torcheval 0.0.7: the binned area under the curve of several people is that of single photos, whatever the curves are.
#
# multiclass_binned_auroc, and the class MulticlassBinnedAUROC, are to tell for each class how well its score sets its
# photos apart from all others, and the mean of that. They sum along the wrong axis: the curve that they integrate is one
# photo's, over its own scores (does its true class have the highest one?). Asked for each class (average=None) they give
# as many numbers as there are photos; even the example in the docstring has 5 for 3 classes. In the mean, the default,
# nothing of this is to be seen. People whom a threshold on their score tells apart without an error come out at 0.5, and
# people whom no threshold tells apart at 1. multiclass_auroc, which has no bins, is right.
#
# Seen with torcheval 0.0.7, torch 2.13.0 (CPU) and numpy 2.4.6; 300 photos of 3 people, 1000 thresholds:
#   every score sets its person apart, on a level of its own: told 0.5000, areas [1.0, 1.0, 1.0]
#   all scores rise and fall with the light: told 1.0000, areas [0.5503, 0.5035, 0.5134]
#   one area for each of 3 people: told 300 numbers
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torcheval==0.0.7 torch==2.13.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
import torch
from torcheval.metrics import MulticlassBinnedAUROC
from torcheval.metrics.functional import multiclass_auroc, multiclass_binned_auroc

assert version("torcheval") == "0.0.7"
rng = np.random.default_rng(0)
person = np.arange(300) % 3
own = np.eye(3)[person]
SETTINGS = {"num_classes": 3, "threshold": 1000}


def areas(scores):
    """Return the mean area that is told with bins, and each person's by counting pairs of a photo of theirs and another."""
    given, labels = torch.tensor(scores, dtype=torch.float32), torch.tensor(person)
    counted = []
    for k in range(3):
        of_k, of_others = scores[person == k, k], scores[person != k, k]
        counted.append((of_k[:, None] > of_others).mean())
    unbinned = multiclass_auroc(given, labels, num_classes=3, average=None)
    assert np.allclose(unbinned, counted, atol=1e-3), "the behaviour has changed"
    told = multiclass_binned_auroc(given, labels, **SETTINGS)[0]
    metric = MulticlassBinnedAUROC(**SETTINGS)
    metric.update(given[:100], labels[:100]).update(given[100:], labels[100:])
    assert np.isclose(metric.compute()[0], told)
    each = multiclass_binned_auroc(given, labels, average=None, **SETTINGS)[0]
    return float(told), counted, len(each)


apart = 0.05 * rng.random((300, 3)) + 0.1 * own + [0.1, 0.4, 0.7]
told, counted, _ = areas(apart)
print(f"every score sets its person apart, on a level of its own: told {told:.4f}, areas", np.round(counted, 4).tolist())
assert told < 0.51 and min(counted) == 1, "the behaviour has changed"

light = 0.9 * rng.random((300, 1)) + 0.02 * own
told, counted, numbers = areas(light)
print(f"all scores rise and fall with the light: told {told:.4f}, areas", np.round(counted, 4).tolist())
assert told > 0.99 and max(counted) < 0.65, "the behaviour has changed"
print(f"one area for each of 3 people: told {numbers} numbers")
assert numbers == 300, "the behaviour has changed"
PY
