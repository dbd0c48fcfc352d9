#!/usr/bin/env bash
# facenet-pytorch 2.6.0: the largest face that is sure enough comes with the landmarks and the probability of one that is not.
#
# MTCNN.select_boxes(boxes, probabilities, points, photo, method="largest_over_threshold", threshold=t) is to leave out the
# faces at or below t and to give the largest of the others: its box, its probability and its five landmarks. It leaves them out of
# the boxes alone, and looks the place among those that stayed up in all probabilities and landmarks. detect() gives the
# largest face first. So whenever that one is not sure enough, which is what the method is for, the box is the right face's and
# the landmarks, by which faces are aligned, and the probability are the rejected one's. The probability can be below the
# threshold. No warning; without a rejected face before it, and with the other three methods, the three belong together.
#
# Seen with facenet-pytorch 2.6.0, torch 2.13.0, numpy 2.4.6 and pillow 12.3.0; made-up answers of detect(), threshold 0.95:
#   box [400.0, 120.0, 520.0, 270.0], probability 0.720, left eye [112.0, 180.0]; by hand [400.0, 120.0, 520.0, 270.0], 0.999,
#   [436.0, 180.0]
#   1000 photos of three faces: largest face sure in 606, all right; rejected in 394: another's landmarks and probability in
#   394, one at or below the threshold in 394
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 pillow==12.3.0 \
  requests==2.34.2 tqdm==4.67.1
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps facenet-pytorch==2.6.0
cd "$work"
# The package imports torchvision for the steps before and after this one. select_boxes calls none of it; a stand-in will do.
mkdir -p stand_in/torchvision/transforms stand_in/torchvision/ops
touch stand_in/torchvision/__init__.py stand_in/torchvision/ops/__init__.py
echo "functional = None" > stand_in/torchvision/transforms/__init__.py
echo "batched_nms = None" > stand_in/torchvision/ops/boxes.py
PYTHONPATH="$work/stand_in" "$work/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
from facenet_pytorch import MTCNN
from PIL import Image

assert version("facenet-pytorch") == "2.6.0"
PHOTOS, THRESHOLD = 1000, 0.95
MARKS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
rng = np.random.default_rng(0)
mtcnn, photo = MTCNN(), Image.new("RGB", (640, 480))


def detected(boxes, probabilities):
    """Return boxes, probabilities and landmarks as MTCNN.detect(photo, landmarks=True) does, the largest box first."""
    size = boxes[:, 2:] - boxes[:, :2]
    points = boxes[:, None, :2] + size[:, None] * MARKS
    order = np.argsort(size.prod(axis=1))[::-1]
    return boxes[order], probabilities[order], points[order]


def chosen(answer):
    """Return the box, probability and landmarks that the library chooses."""
    box, probability, points = mtcnn.select_boxes(*answer, photo, method="largest_over_threshold", threshold=THRESHOLD)
    return box[0], float(probability), points[0]


def by_hand(answer):
    """Return those of the largest face above the threshold."""
    place = next(i for i, p in enumerate(answer[1]) if p > THRESHOLD)
    return tuple(part[place] for part in answer)


two = detected(np.array([[40.0, 60, 280, 360], [400, 120, 520, 270]]), np.array([0.72, 0.999]))
box, probability, points = chosen(two)
right = by_hand(two)
print(f"box {box.round().tolist()}, probability {probability:.3f}, left eye {points[0].round().tolist()};", end=" ")
print(f"by hand {right[0].round().tolist()}, {right[1]:.3f}, {right[2][0].round().tolist()}")
assert (box == right[0]).all() and probability == two[1][0] and (points == two[2][0]).all(), "the behaviour has changed"

first, mixed, below, rejected = 0, 0, 0, 0
for _ in range(PHOTOS):
    corner, size = rng.uniform(0, 300, (3, 2)), rng.uniform(50, 200, (3, 1)) * [1, 1.25]
    answer = detected(np.hstack([corner, corner + size]), rng.choice([0.75, 0.85, 0.97, 0.98, 0.99], 3, replace=False))
    box, probability, points = chosen(answer)
    right = by_hand(answer)
    assert (box == right[0]).all(), "the behaviour has changed"
    wrong = probability != right[1] and not np.allclose(points, right[2])
    if answer[1][0] > THRESHOLD:
        first += 1
        assert not wrong, "the behaviour has changed"
        continue
    rejected += 1
    mixed += wrong
    below += probability <= THRESHOLD
print(f"{PHOTOS} photos of three faces: largest face sure in {first}, all right;", end=" ")
print(f"rejected in {rejected}: another's landmarks and probability in {mixed}, one at or below the threshold in {below}")
assert mixed == below == rejected > 200, "the behaviour has changed"
PY
