#!/usr/bin/env bash
# pytorch-metric-learning 2.9.0: people whose numbers follow each other are counted as one, and the recogniser gets better.
#
# AccuracyCalculator.get_accuracy(embeddings, labels) tells how often the nearest photo shows the same person (precision_at_1)
# and how well all of that person's are found (mean_average_precision_at_r). Labels are integers, and those of people are long:
# the number of an account, a register, a photo site. The calculator turns labels into float32 as it does embeddings, which has
# no odd numbers above 16,777,216, every 32nd at 500 million and every 512th at 5 billion. Numbers that follow each other
# become equal, and a stranger's photo is a hit: with ten digits a recogniser that is right about half of the photos is
# perfect. The same embeddings with the people counted from 0 get the right figure. No warning.
#
# Seen with pytorch-metric-learning 2.9.0, torch 2.13.0 (CPU) and numpy 2.4.6; 96 people with 4 photos each, made embeddings:
#   numbers from 0: precision at 1 0.505, MAP@R 0.315
#   numbers from 500000000: precision at 1 0.638, MAP@R 0.116
#   numbers from 5000000000: precision at 1 1.000, MAP@R 1.000
#   counted with integers, all three: precision at 1 0.505, MAP@R 0.315
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pytorch-metric-learning==2.9.0 torch==2.13.0 \
  scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
import torch
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN

assert version("pytorch-metric-learning") == "2.9.0"
rng = np.random.default_rng(0)
PEOPLE, PHOTOS, WIDTH = 96, 4, 32
person = np.repeat(np.arange(PEOPLE), PHOTOS)
embeddings = rng.normal(size=(PEOPLE, WIDTH))[person] + 1.3 * rng.normal(size=(len(person), WIDTH))
embeddings = (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).astype(np.float32)
calculator = AccuracyCalculator(
    include=("precision_at_1", "mean_average_precision_at_r"),
    knn_func=CustomKNN(CosineSimilarity()),
    device=torch.device("cpu"),
)


def told(labels):
    """Return precision at 1 and MAP@R as the library tells them."""
    answer = calculator.get_accuracy(torch.tensor(embeddings), torch.tensor(labels))
    return answer["precision_at_1"], answer["mean_average_precision_at_r"]


def counted(labels):
    """Return both figures by going through the photos, labels as integers."""
    similarity = embeddings @ embeddings.T
    np.fill_diagonal(similarity, -2)
    first, average = [], []
    for row, label in zip(similarity, labels):
        r = np.sum(labels == label) - 1
        hit = labels[np.argsort(-row, kind="stable")[:r]] == label
        first.append(hit[0])
        average.append(np.sum(hit * np.cumsum(hit) / np.arange(1, r + 1)) / r)
    return np.mean(first), np.mean(average)


results = {}
for start in (0, 500_000_000, 5_000_000_000):
    labels = start + person
    assert labels.dtype == np.int64 and len(np.unique(labels)) == PEOPLE
    results[start] = told(labels)
    print(f"numbers from {start}: precision at 1 {results[start][0]:.3f}, MAP@R {results[start][1]:.3f}")
    right = counted(labels)
    assert np.allclose(right, counted(person))
    as_float = counted(labels.astype(np.float32).astype(np.int64))
    assert np.allclose(results[start], as_float, atol=0.005), "the behaviour has changed"
print(f"counted with integers, all three: precision at 1 {right[0]:.3f}, MAP@R {right[1]:.3f}")
assert np.allclose(results[0], right, atol=0.005)
assert results[500_000_000][0] > right[0] + 0.1, "the behaviour has changed"
assert results[5_000_000_000] == (1, 1), "the behaviour has changed"
PY
