#!/usr/bin/env bash
# skl2onnx 1.20.0: a face is named by the five nearest photos, however much nearer one of them is.
#
# KNeighborsClassifier(n_neighbors=5, weights="distance") over embeddings is the usual way to name faces: of the five nearest
# photos a near one counts for more, so that a person with one or two photos can be found as well. The converter writes
# weights of 1 / max(distance, 0.000001) into the ONNX file, but it has made the distances negative by then, and every
# photo gets the same weight, a million. The file counts heads: a person with two photos loses to one with three that are
# further away, ties go to the first name, and an enrolled photo itself, at distance 0, is outvoted by strangers. No
# warning; the probabilities are multiples of 0.2. KNeighborsRegressor goes the same way. weights="uniform" is right.
#
# Seen with skl2onnx 1.20.0, scikit-learn 1.9.1, onnx 1.23.2, onnxruntime 1.32.0 and numpy 2.4.6; made embeddings of 128
# numbers, 150 people enrolled with one to four photos each, two new photos of each:
#   by distance, new photos: named right 0.917 by scikit-learn, 0.743 by its ONNX file
#   by distance, the enrolled photos themselves: named right 1.000 by scikit-learn, 0.895 by its ONNX file
#   uniform, new photos: named right 0.743 by scikit-learn, 0.743 by its ONNX file
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check skl2onnx==1.20.0 scikit-learn==1.9.1 onnx==1.23.2 \
  onnxruntime==1.32.0 numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.neighbors import KNeighborsClassifier

assert version("skl2onnx") == "1.20.0"
rng = np.random.default_rng(0)
PEOPLE, WIDTH = 150, 128
people = rng.normal(size=(PEOPLE, WIDTH))
counts = np.arange(PEOPLE) % 4 + 1


def photos(names):
    """Return a photo of each of the names (integers) as a unit vector, (photos, WIDTH) float32."""
    vectors = people[names] + 1.1 * rng.normal(size=(len(names), WIDTH))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


names = np.repeat(np.arange(PEOPLE), counts)
enrolled = photos(names)
new_names = np.repeat(np.arange(PEOPLE), 2)
new = photos(new_names)


def both(model, vectors, truth):
    """Return the part that scikit-learn names right, the part that the model's ONNX file does, and its probabilities."""
    file = to_onnx(model, enrolled[:1], options={id(model): {"zipmap": False}}).SerializeToString()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    told, probabilities = session.run(None, {session.get_inputs()[0].name: vectors})
    return np.mean(model.predict(vectors) == truth), np.mean(told == truth), probabilities


for weights, changes in (("distance", True), ("uniform", False)):
    model = KNeighborsClassifier(n_neighbors=5, weights=weights).fit(enrolled, names)
    kinds = [("new photos", new, new_names), ("the enrolled photos themselves", enrolled, names)]
    for kind, vectors, truth in kinds[: 2 if changes else 1]:
        right, exported, probabilities = both(model, vectors, truth)
        print("by distance" if changes else "uniform", f"{kind}: named right {right:.3f} by scikit-learn,", sep=", ", end=" ")
        print(f"{exported:.3f} by its ONNX file")
        assert np.allclose(probabilities * 5, np.round(probabilities * 5), atol=1e-4), "the behaviour has changed"
        assert (right - exported > 0.05) == changes, "the behaviour has changed"
PY
