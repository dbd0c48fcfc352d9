"""The papers' protocol: nobody is on two sides, and too few people are refused."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mint.errors import BadPool
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.twin_bundles.cross_database import cross_splits, real_part, real_parts
from tests.ledgers import people as ledger


def test_a_person_has_one_part_and_the_test_half_stays_the_test_half():
    people = [f"person {k}" for k in range(4000)]
    parts = {p: real_part(p) for p in people}
    assert all((parts[p] == "test") is not for_calibration(p) for p in people)
    shares = Counter(parts.values())
    for part, share in {"test": 0.5, "training": 0.3, "validation": 0.075, "calibration": 0.125}.items():
        assert shares[part] / len(people) == pytest.approx(share, abs=0.03)


def test_real_parts_keep_pictures_with_their_people():
    people = [f"person {k // 3}" for k in range(600)]
    seen: set[str] = set()
    for part, found in real_parts(people, seed=1).items():
        here = {people[i] for i in found}
        assert not here & seen
        seen |= here
        assert {real_part(person) for person in here} == {part}
    assert len(seen) == 200


def test_auditors_are_fitted_to_members_of_one_database_and_people_of_another():
    rows, people = ledger(48), [f"person {k // 3}" for k in range(600)]
    splits = cross_splits(rows, people, "twin-a", seed=1)
    parts = real_parts(people, seed=1)
    for split in ("training", "validation"):
        index, member, known = splits.samples(split)
        assert [i < len(rows) and rows[i].member("twin-a") for i in index] == member.tolist() == known.tolist()
        np.testing.assert_array_equal(index[~member], len(rows) + parts[split])
        assert {rows[i].purpose for i in index[member]} == {split}
    assert set(splits.rows["calibration"]) == {"members", "real"}
    assert set(splits.rows["test"]) == {"members", "siblings", "outsiders", "real"}
    np.testing.assert_array_equal(splits.rows["test"]["real"], len(rows) + parts["test"])
    assert len(splits.reference) == 0


def test_too_few_real_people_are_refused():
    with pytest.raises(BadPool, match="too few real people"):
        real_parts(["a", "a"], seed=1)
