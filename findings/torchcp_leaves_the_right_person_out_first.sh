#!/usr/bin/env bash
# torchcp 1.2.1: by cosine, a photo may show anybody of 100 people, and the right one is the first to be left out.
#
# A conformal predictor names, for a photo, a set of people that holds the right one in 90 of 100 cases. KNN(embeddings,
# people, ..., p="cosine") scores a person by how far that person's nearest photos are, divided by how far the nearest photos
# of others are. For p="cosine" it takes the cosine itself for the distance, not 1 less the cosine: the photos that it
# takes for the nearest are those least alike, and the more alike a person is, the less that person conforms. The right one
# is the first to be left out, and calibration lets nearly everybody else in to keep the 90 %. Coverage, which is what one
# looks at, is as promised. It needs embeddings whose cosines are positive, as those of a layer after a ReLU or of any network
# whose embeddings have much in common. Where the least cosine is below 0, a negative divisor turns the ratio round again
# and nothing is to be seen. p=2 over embeddings of unit length, whose order is the same, is right. No warning.
#
# Seen with torchcp 1.2.1, torch 2.13.0 (CPU), scikit-learn 1.9.1 and numpy 2.4.6; 100 made-up people, three photos of each
# to compare with, five to calibrate and five to ask; "by hand" is 1 - cosine in numpy:
#   after a ReLU (lowest cosine 0.01):
#     by hand: right one in the set 0.924, people in a set 0.93, right one conforms most 0.982
#     p=2: right one in the set 0.924, people in a set 0.93, right one conforms most 0.982
#     p="cosine": right one in the set 0.900, people in a set 99.27, right one conforms most 0.000
#   without a ReLU (lowest cosine -0.48), p="cosine": 0.904, 0.90 and 0.998
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
# Where pip's torch would bring CUDA along, point pip at the CPU build first (.github/CONTRIBUTING.md).
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 scikit-learn==1.9.1 numpy==2.4.6 tqdm==4.67.1
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps torchcp==1.2.1
cd "$work"
"$work/venv/bin/python" -W ignore::DeprecationWarning - <<'PY'
import sys
import types
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import torch

# The package's front door also loads its parts for graphs and language models, and what those need; these folders do not.
(folder,) = find_spec("torchcp").submodule_search_locations
for name in ("", ".classification", ".classification.predictor", ".classification.score"):
    sys.modules["torchcp" + name] = types.ModuleType("torchcp" + name)
    sys.modules["torchcp" + name].__path__ = [folder + name.replace(".", "/")]
from torchcp.classification.predictor.split import SplitPredictor  # noqa: E402
from torchcp.classification.score.knn import KNN  # noqa: E402

assert version("torchcp") == "1.2.1"
PEOPLE, WIDTH, ALPHA = 100, 64, 0.1
rng = np.random.default_rng(0)
means = rng.normal(size=(PEOPLE, WIDTH))


def photos(count, relu):
    """Return `count` embeddings of unit length for each person, after a ReLU or not, and the people's numbers."""
    people = np.tile(np.arange(PEOPLE), count)
    vectors = means[people] + 0.8 * rng.normal(size=(len(people), WIDTH))
    vectors = np.maximum(vectors, 0) if relu else vectors
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), people


def told(p, gallery, calibration, asked):
    """Return the sets of torchcp's KNN and split predictor, (photos, PEOPLE) booleans, and its scores."""
    gallery, calibration, asked = [(torch.from_numpy(v), torch.from_numpy(n)) for v, n in (gallery, calibration, asked)]
    predictor = SplitPredictor(KNN(*gallery, num_classes=PEOPLE, p=p), alpha=ALPHA)
    predictor.calculate_threshold(*calibration)
    return predictor.predict_with_logits(asked[0]).numpy().astype(bool), predictor.score_function(asked[0]).numpy()


def by_hand(gallery, calibration, asked):
    """Return the same with 1 - cosine for a distance."""

    def scores(vectors):
        distances = 1 - vectors @ gallery[0].T
        own = np.stack([distances[:, gallery[1] == i].min(axis=1) for i in range(PEOPLE)], axis=1)
        others = np.stack([distances[:, gallery[1] != i].min(axis=1) for i in range(PEOPLE)], axis=1)
        return own / others

    known = np.sort(scores(calibration[0])[np.arange(len(calibration[1])), calibration[1]])
    limit = known[int(np.ceil((len(known) + 1) * (1 - ALPHA))) - 1]
    return scores(asked[0]) <= limit, scores(asked[0])


results = {}
for relu in (True, False):
    sets = [photos(count, relu) for count in (3, 5, 5)]
    lowest = (sets[2][0] @ sets[0][0].T).min()
    print("after a ReLU" if relu else "without a ReLU", f"(lowest cosine {lowest:.2f}):")
    truth = sets[2][1]
    for kind in ("by hand", "p=2", 'p="cosine"'):
        members, scores = by_hand(*sets) if kind == "by hand" else told(2 if kind == "p=2" else "cosine", *sets)
        held = members[np.arange(len(truth)), truth]
        results[relu, kind] = held.mean(), members.sum(axis=1).mean(), (scores.argmin(axis=1) == truth).mean()
        print(f"  {kind}: right one in the set {held.mean():.3f}, people in a set {members.sum(axis=1).mean():.2f},", end=" ")
        print(f"right one conforms most {results[relu, kind][2]:.3f}")

assert all(abs(held - 0.9) < 0.05 for held, _, _ in results.values())
for key, (_, size, conforms) in results.items():
    if key == (True, 'p="cosine"'):
        assert size > 99 and conforms == 0, "the behaviour has changed"
    else:
        assert size < 3 and conforms > 0.8, "the behaviour has changed"
PY
