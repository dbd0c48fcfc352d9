#!/usr/bin/env bash
# mapie 1.6.0: with equally filled bins, the calibration error of a test that is far too sure is gone once its photos are shuffled.
#
# expected_calibration_error(right, scores, bins, "array split") puts equally many photos into each bin, as one does where
# scores crowd together. It cuts the scores into as many pieces as there are bins and takes the highest score of each piece for a
# bin's upper end. They should have been sorted before and are not: they are cut in the order of their rows. In a shuffled
# set the highest score of any piece is close to the highest of all, so nearly every photo falls into the first bin, where
# what is too high and what is too low cancel. A membership test that says 96 % where 75 % is true looks as good as one
# whose probabilities are exact. Sorted by score, the same photos have the right error. The docstring asks for no order;
# "uniform", the default, and "quantile" do not depend on it.
#
# Seen with mapie 1.6.0, scikit-learn 1.9.1, scipy 1.17.1 and numpy 2.4.6; 2000 photos, members or not, 10 bins:
#   exact probabilities: shuffled 0.0113 to 0.0123, sorted by score 0.0214; by hand 0.0214
#   far too sure: shuffled 0.0128 to 0.0128, sorted by score 0.1451; by hand 0.1451
#   far too timid: shuffled 0.0152 to 0.0281, sorted by score 0.1619; by hand 0.1619
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mapie==1.6.0 scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from mapie.metrics.calibration import expected_calibration_error

assert version("mapie") == "1.6.0"
PHOTOS, BINS = 2000, 10
rng = np.random.default_rng(0)
exact = rng.beta(1.2, 1.2, PHOTOS)
member = (rng.random(PHOTOS) < exact).astype(int)
evidence = np.log(exact / (1 - exact))


def by_hand(scores):
    """Return the calibration error over ten equally large groups of photos in the order of their scores."""
    groups = np.array_split(np.argsort(scores), BINS)
    return sum(len(g) / PHOTOS * abs(member[g].mean() - scores[g].mean()) for g in groups)


def told(scores, rows, strategy="array split"):
    return expected_calibration_error(member[rows], scores[rows], BINS, strategy)


found = {}
for name, strength in (("exact probabilities", 1), ("far too sure", 3), ("far too timid", 0.25)):
    scores = 1 / (1 + np.exp(-strength * evidence))
    shuffled = [told(scores, rng.permutation(PHOTOS)) for _ in range(20)]
    ordered, right = told(scores, np.argsort(scores)), by_hand(scores)
    print(f"{name}: shuffled {min(shuffled):.4f} to {max(shuffled):.4f}, sorted by score {ordered:.4f}; by hand {right:.4f}")
    assert np.isclose(ordered, right), "the behaviour has changed"
    for strategy in ("uniform", "quantile"):
        assert np.isclose(told(scores, np.argsort(scores), strategy), told(scores, rng.permutation(PHOTOS), strategy))
    found[name] = max(shuffled), right
assert all(right > 0.1 for _, right in list(found.values())[1:])
assert all(highest < 0.04 for highest, _ in found.values()), "the behaviour has changed"
PY
