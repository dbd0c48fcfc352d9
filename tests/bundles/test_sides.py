"""Members, and who stands beside them."""

from __future__ import annotations

import numpy as np
import pytest

from mint.bundles.sides import levels, sides

SIBLINGS = {"identity": np.array([7, 8]), "photo": np.array([0.1, 0.2])}


def test_of_a_pool_only_generated_members_count() -> None:
    members = {"identity": np.arange(4), "photo": np.arange(4.0), "generated": np.array([1.0, 0.0, 1.0, 0.0])}
    used, others = sides({"members": members, "siblings": SIBLINGS}, "siblings")
    assert used["photo"].tolist() == [0.0, 2.0]
    assert used["identity"].tolist() == [0, 2]
    assert others is SIBLINGS


def test_elsewhere_all_do() -> None:
    members = {"identity": np.arange(4), "photo": np.arange(4.0)}
    used, _ = sides({"members": members, "siblings": SIBLINGS}, "siblings")
    assert used["photo"].tolist() == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (("members", "siblings", "outsiders"), ("sample", "identity")),
        (("members", "outsiders"), ("identity",)),
        (("siblings", "outsiders"), ()),
    ],
)
def test_a_level_needs_somebody_on_both_sides(kinds: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert levels({"test": dict.fromkeys(kinds, SIBLINGS)}, ("test",)) == found
