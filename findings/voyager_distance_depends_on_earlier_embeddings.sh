#!/usr/bin/env bash
# voyager 2.2.3: how far apart two faces are depends on the longest embedding that was measured or added before.
#
# Index(Space.InnerProduct, n).get_distance(a, b) is to tell the distance of two vectors, which is 1 - a.b in this space. On
# its first call it does. But the index searches with a hidden coordinate, h(a) = sqrt(L^2 - |a|^2) without its decimals,
# L the length of the longest vector so far. query() leaves the asker's one at 0; get_distance() gives both vectors theirs,
# tells 1 - a.b - h(a) h(b), and counts its own vectors towards L. So the same pair asked for twice has two distances.
# Recognisers' raw embeddings differ in length (those of blurred or covered faces are short): one long embedding moves
# all later distances, short ones the most, and all strangers fall below a threshold that was right before. Embeddings of
# unit length are not concerned; query() tells 1 - a.b throughout.
#
# Seen with voyager 2.2.3 and numpy 2.4.6; 100 made-up people, two embeddings each, 10 to 25 long:
#   one pair: 1 - a.b = -241.1; get_distance -241.1
#   again, after another pair: get_distance -325.1
#   after one of length 50 was added: get_distance -2176.1, query -241.1
#   strangers nearer than any were by 1 - a.b: 100 of 100
#   area under the curve of one person's pairs and strangers': by 1 - a.b 0.9987, by get_distance 0.8977
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check voyager==2.2.3 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from voyager import Index, Space

assert version("voyager") == "2.2.3"
rng = np.random.default_rng(0)
people = rng.normal(size=(100, 1, 128))
photos = people + rng.normal(size=(100, 2, 128))
photos *= rng.uniform(10, 25, size=(100, 2, 1)) / np.linalg.norm(photos, axis=2, keepdims=True)
photos = photos.astype(np.float32)
same = [(p[0], p[1]) for p in photos]
strangers = [(photos[i, 0], photos[i - 1, 1]) for i in range(100)]
index = Index(Space.InnerProduct, 128)
a, b = same[0]
true = 1 - a @ b


def wrong(longest):
    """Return 1 - a.b - h(a) h(b)."""
    h = [np.floor(np.sqrt(longest**2 - v @ v)) for v in (a, b)]
    return true - h[0] * h[1]


first = index.get_distance(a, b)
print(f"one pair: 1 - a.b = {true:.1f}; get_distance {first:.1f}")
longest = max(photos.reshape(200, 128), key=np.linalg.norm)
index.get_distance(longest, photos[1, 0])
second = index.get_distance(a, b)
print(f"again, after another pair: get_distance {second:.1f}")
index.add_item(b)
index.add_item(50 * a / np.linalg.norm(a))
third = index.get_distance(a, b)
ids, distances = index.query(a, k=2)
asked = distances[list(ids).index(0)]
print(f"after one of length 50 was added: get_distance {third:.1f}, query {asked:.1f}")
assert np.allclose([first, asked], true), "the behaviour has changed"
assert np.allclose([second, third], [wrong(np.linalg.norm(longest)), wrong(50.0)]), "the behaviour has changed"
assert second < true - 50 and third < true - 1000, "the behaviour has changed"

near, far = (np.array([1 - x @ y for x, y in pairs]) for pairs in (same, strangers))
near_told, far_told = (np.array([index.get_distance(x, y) for x, y in pairs]) for pairs in (same, strangers))
accepted = int((far_told < far.min()).sum())
print(f"strangers nearer than any were by 1 - a.b: {accepted} of 100")
area, told = (near[:, None] < far).mean(), (near_told[:, None] < far_told).mean()
print(f"area under the curve of one person's pairs and strangers': by 1 - a.b {area:.4f}, by get_distance {told:.4f}")
assert accepted == 100 and area > 0.99 > told + 0.05, "the behaviour has changed"
PY
