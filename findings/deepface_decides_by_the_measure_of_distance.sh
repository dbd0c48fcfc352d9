#!/usr/bin/env bash
# deepface 0.0.103: which measure of distance is asked for decides whether two photos show one person.
#
# Cosine distance c, the Euclidean distance of unit embeddings and the angle order all pairs alike, as each is a function of
# the other: sqrt(2 c), and arccos(1 - c) / pi. So a threshold of one is a threshold of the others. deepface ships one for
# each measure and network, and they do not belong together: Facenet512 wants a similarity of 0.70 by the cosine and 0.46 by
# the other two, and the pairs between are two people by the one (confidence 30 of 100) and one person by the others (61).
# For Buffalo_L the angle takes pairs of similarity 0.16. Whoever looks for people whom members and non-members share finds
# another number of them with each measure. verify(..., threshold=...) makes the measures agree.
#
# Seen with deepface 0.0.103 and numpy 2.4.6; the least similarity (cosine) that is taken for one person, by measure:
#   VGG-Face: cosine 0.320, euclidean_l2 0.316, angular 0.339
#   Facenet: cosine 0.600, euclidean_l2 0.680, angular 0.509
#   Facenet512: cosine 0.700, euclidean_l2 0.459, angular 0.454
#   ArcFace: cosine 0.320, euclidean_l2 0.362, angular 0.339
#   OpenFace: cosine 0.900, euclidean_l2 0.849, angular 0.941
#   GhostFaceNet: cosine 0.350, euclidean_l2 0.395, angular 0.368
#   Buffalo_L: cosine 0.450, euclidean_l2 0.395, angular 0.156
#   a pair of similarity 0.6, Facenet512: cosine two people (30), euclidean_l2 one person (61), angular one person (61)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
pip=("$work/venv/bin/pip" --quiet --disable-pip-version-check)
"${pip[@]}" install --no-deps deepface==0.0.103
# What it imports; pip would not bring werkzeug.
"${pip[@]}" install numpy==2.4.6 opencv-python-headless==5.0.0.93 gdown==6.5.1 werkzeug==3.1.9 pandas==3.1.1
cd "$work"
export DEEPFACE_HOME="$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from deepface.modules.verification import find_confidence, find_distance, find_threshold

assert version("deepface") == "0.0.103"
MEASURES = ("cosine", "euclidean_l2", "angular")
SIMILARITY = {  # of a threshold
    "cosine": lambda t: 1 - t,
    "euclidean_l2": lambda t: 1 - t**2 / 2,
    "angular": lambda t: np.cos(np.pi * t),
}
NETWORKS = ("VGG-Face", "Facenet", "Facenet512", "ArcFace", "OpenFace", "GhostFaceNet", "Buffalo_L")


def pair(similarity):
    """Return two embeddings of this cosine similarity."""
    return np.array([1.0, 0.0]), np.array([similarity, np.sqrt(1 - similarity**2)])


for s in (-0.5, 0.1, 0.6, 0.95):  # the measures are functions of each other, in deepface as in the books
    c, e, a = (float(find_distance(*pair(s), m)) for m in MEASURES)
    assert np.allclose([c, e, a], [1 - s, np.sqrt(2 * c), np.arccos(1 - c) / np.pi], atol=1e-6)

spread = {}
for network in NETWORKS:
    least = {m: float(SIMILARITY[m](find_threshold(network, m))) for m in MEASURES}
    spread[network] = max(least.values()) - min(least.values())
    print(f"{network}:", ", ".join(f"{m} {value:.3f}" for m, value in least.items()))
assert spread["Facenet512"] > 0.2 and spread["Buffalo_L"] > 0.25, "the behaviour has changed"
assert spread["VGG-Face"] < 0.03

for network, similarity in (("Facenet512", 0.6), ("Facenet", 0.64), ("Buffalo_L", 0.3)):
    said = []
    for m in MEASURES:
        distance = float(find_distance(*pair(similarity), m))
        same = distance <= find_threshold(network, m)
        said.append((same, find_confidence(distance, network, same, m)))
    words = (f"{m} {'one person' if same else 'two people'} ({sure:.0f})" for m, (same, sure) in zip(MEASURES, said))
    print(f"a pair of similarity {similarity}, {network}:", ", ".join(words))
    assert {same for same, _ in said} == {True, False}, "the behaviour has changed"
PY
