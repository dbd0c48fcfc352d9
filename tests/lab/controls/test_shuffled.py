"""Shuffled labels: a planted leak is hidden, and nothing but roles moves."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from mint.evidence.metrics import auc
from mint.lab.controls.shuffled import shuffle_people, shuffle_pictures
from mint.lab.twin_bundles.roles import rows_by_role
from mint.lab.twins.ledger import PURPOSES, TRAINED, Row
from tests.ledgers import people


@pytest.mark.parametrize(
    ("shuffle", "others"), [(shuffle_pictures, "siblings"), (shuffle_people, "outsiders")], ids=["pictures", "people"]
)
def test_shuffling_the_labels_hides_a_planted_leak(shuffle: Callable[..., list[Row]], others: str) -> None:
    rows = people(240, 20)
    random = np.random.default_rng(5)
    leak = np.array([3.0 * (r.role_a == TRAINED) for r in rows]) + random.normal(size=len(rows))

    def found(table: list[Row]) -> float:
        picked = rows_by_role(table, "twin-a", "test", 1, 10**6)
        return auc(leak[picked["members"]], leak[picked[others]])

    assert found(rows) > 0.95
    nulls = [found(shuffle(rows, seed)) for seed in range(30)]
    assert abs(np.mean(nulls) - 0.5) < 3 * np.std(nulls) / np.sqrt(len(nulls)) + 0.005
    assert np.std(nulls) < 0.08


@pytest.mark.parametrize("shuffle", [shuffle_pictures, shuffle_people])
def test_shuffling_moves_roles_and_nothing_else(shuffle: Callable[..., list[Row]]) -> None:
    rows = people(96)
    found = shuffle(rows, 3)
    for name in ("sha256", "identity", "source", "picture", "purpose"):
        assert [getattr(r, name) for r in rows] == [getattr(r, name) for r in found]
    for purpose in PURPOSES:
        before, after = (Counter((r.role_a, r.role_b) for r in t if r.purpose == purpose) for t in (rows, found))
        assert before == after
    assert [r.role_a for r in rows] != [r.role_a for r in found]
