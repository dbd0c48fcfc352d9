"""The papers' protocol: nobody is on two sides, and too few people are refused."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mint.errors import BadPool
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.inputs.splits import REAL_FROM
from mint.lab.twin_bundles.cross_database import _real_parts, real_part


def test_a_person_has_one_part_and_the_test_half_stays_the_test_half():
    people = [f"person {k}" for k in range(4000)]
    parts = {p: real_part(p) for p in people}
    assert all((parts[p] == "test") is not for_calibration(p) for p in people)
    shares = Counter(parts.values())
    for part, share in {"test": 0.5, "training": 0.3, "validation": 0.075, "calibration": 0.125}.items():
        assert shares[part] / len(people) == pytest.approx(share, abs=0.03)


def test_real_parts_keep_pictures_with_their_people():
    people = [f"person {k // 3}" for k in range(600)]
    crops = np.arange(600, dtype=np.uint8).reshape(-1, 1, 1, 1)
    numbers = np.unique(people, return_inverse=True)[1] + REAL_FROM
    parts = _real_parts((crops, people), seed=1)
    seen = set()
    for part, found in parts.items():
        here = set(found.about["identity"].tolist())
        assert not here & seen
        seen |= here
        for crop, number in zip(found.crops.ravel(), found.about["identity"], strict=True):
            person = next(p for p, n in zip(people, numbers, strict=True) if n == number)
            assert real_part(person) == part
            assert crop in [c for c, p in zip(crops.ravel(), people, strict=True) if p == person]
    assert len(seen) == 200


def test_too_few_real_people_are_refused():
    with pytest.raises(BadPool, match="too few real people"):
        _real_parts((np.zeros((2, 1, 1, 1), np.uint8), ["a", "a"]), seed=1)
