#!/usr/bin/env bash
# pdqhash 0.2.8: a photo that was turned upright by NumPy is hashed as something else than it shows.
#
# PDQ hashes find copies of a photo: two photos are taken for one when at most 31 of 256 bits differ. Photos lie on their
# side and are turned by np.rot90 or a transpose, which move no pixel in memory. pdqhash.compute takes the new height and
# width and the brightness in its old order. A square crop gets the hash of its mirror image or of the photo before it was
# turned, and any other photo that of rows cut in the wrong places: a copy is missed, or a crop that was turned is told to be
# the one that was not. The same pixels, copied, have another hash, the right one; the quality looks as good. No error, no
# warning. np.ascontiguousarray first helps.
#
# Seen with pdqhash 0.2.8 (pip builds it with a C++ compiler) and numpy 2.4.6, 20 made pictures of soft waves:
#   160 x 240 turned by rot90: 127 of 256 bits from the hash of a copy of the same pixels (median), all 20 by more than 31
#   112 x 112 turned by rot90: 129 of 256 bits from the hash of a copy of the same pixels (median), all 20 by more than 31
#   112 x 112 transposed: 110 from a copy of the same pixels (median), 0 from the picture before, in all 20
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps pdqhash==0.2.8 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import pdqhash

assert version("pdqhash") == "0.2.8"


def picture(height, width, rng):
    """Return soft random waves, (height, width, 3) in 0..255."""
    y, x = np.mgrid[:height, :width] / 100
    waves = sum(np.sin(7 * a * x + 7 * b * y + 9 * c) for a, b, c in rng.normal(size=(40, 3)))
    grey = 127 + 120 * waves / np.abs(waves).max()
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def apart(first, second):
    (one, quality), (other, _) = pdqhash.compute(first), pdqhash.compute(second)
    assert quality > 50, quality
    return int((one != other).sum())


rng = np.random.default_rng(0)
rows = []
for _ in range(20):
    photo, crop = picture(160, 240, rng), picture(112, 112, rng)
    upright, square, across = np.rot90(photo), np.rot90(crop), crop.transpose(1, 0, 2)
    assert np.array_equal(upright, upright.copy())
    rows.append(
        (
            apart(upright, upright.copy()),
            apart(square, square.copy()),
            apart(across, across.copy()),
            apart(across, crop),
            apart(across.copy(), crop),
        )
    )
for name, bits in zip(
    (
        "160 x 240 turned by rot90, from a copy of the same pixels",
        "112 x 112 turned by rot90, from a copy of the same pixels",
        "112 x 112 transposed, from a copy of the same pixels",
        "112 x 112 transposed, from the picture before",
        "112 x 112 transposed and copied, from the picture before",
    ),
    np.array(rows).T,
    strict=True,
):
    print(f"{name}: {np.median(bits):.0f} of 256 bits (median of {bits.size}), {(bits > 31).sum()} by more than 31")
found = np.array(rows)
assert (np.median(found, axis=0)[[0, 1, 2, 4]] > 31).all() and not found[:, 3].any(), "the behaviour has changed"
PY
