"""Groups share nobody but as siblings, validation people are of two groups only, and a small pool is refused."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mint.errors import BadPool
from mint.evidence.score_table import OUTSIDERS, TEST, VALIDATION
from mint.lab.active.groups import (
    EXTERNAL,
    GHOST,
    KNOWN,
    KNOWN_SIBLINGS,
    SECRET,
    SECRET_SIBLINGS,
    Groups,
    Sizes,
    draw_groups,
)
from tests.ledgers import people

ROWS = people(60, 6)
SIZES = Sizes(known=12, secret=8, ghost=3, outsiders=9, photos=2, siblings=3)


@pytest.fixture(scope="module")
def groups() -> Groups:
    return draw_groups(ROWS, SIZES, 1)


def names(groups: Groups, group: str) -> set[str]:
    return {ROWS[row].identity for row in groups.rows[group]}


def test_no_person_is_in_two_groups_and_siblings_are_other_photos_of_theirs(groups: Groups) -> None:
    for one, other in combinations((KNOWN, SECRET, EXTERNAL, GHOST, OUTSIDERS), 2):
        assert not names(groups, one) & names(groups, other), (one, other)
    for group, siblings in ((KNOWN, KNOWN_SIBLINGS), (SECRET, SECRET_SIBLINGS)):
        assert names(groups, siblings) == names(groups, group)
    everything = np.concatenate([*groups.rows.values()])
    assert len(np.unique(everything)) == len(everything), "a photo has one role"
    assert {name: len(names(groups, name)) for name in groups.rows} == {
        KNOWN: 12, SECRET: 8, EXTERNAL: 15, GHOST: 3, OUTSIDERS: 9, KNOWN_SIBLINGS: 12, SECRET_SIBLINGS: 8
    }  # fmt: skip
    assert [len(groups.rows[g]) for g in (KNOWN, KNOWN_SIBLINGS, EXTERNAL)] == [24, 36, 30]


def test_the_list_says_used_of_ghosts_nothing_of_secret_photos_and_as_often_yes_as_no(groups: Groups) -> None:
    rows, told = groups.told()
    said = dict(zip(rows.tolist(), told.tolist(), strict=True))
    assert {said[row] for row in groups.rows[GHOST].tolist()} == {1.0}
    assert {said[row] for row in groups.rows[EXTERNAL].tolist()} == {0.0}
    assert not set(said) & {*groups.rows[SECRET].tolist(), *groups.rows[OUTSIDERS].tolist()}
    assert told.mean() == 0.5


def test_choices_are_made_on_people_who_are_not_tested(groups: Groups) -> None:
    for group in groups.rows:
        chosen, tested = (groups.people[groups.part(group, purpose)] for purpose in (VALIDATION, TEST))
        assert not set(chosen) & set(tested)
        assert len(chosen) + len(tested) == len(groups.rows[group])
        assert (len(set(chosen)) > 0) == (group in (KNOWN, OUTSIDERS, KNOWN_SIBLINGS)), group
    assert len(set(groups.people[groups.part(KNOWN, VALIDATION)])) == 4
    assert set(groups.strangers_of(TEST)) >= set(groups.part(OUTSIDERS, TEST))
    assert not set(groups.people[groups.strangers_of(TEST)]) & groups.validated


def test_a_seed_draws_the_same_people_and_another_others(groups: Groups) -> None:
    again, other = draw_groups(ROWS, SIZES, 1), draw_groups(ROWS, SIZES, 2)
    assert all((again.rows[name] == rows).all() for name, rows in groups.rows.items())
    assert names(other, SECRET) != names(groups, SECRET)


def test_a_pool_that_is_too_small_is_refused() -> None:
    with pytest.raises(BadPool, match="gives 60 people with more than 2 photos, not 120"):
        draw_groups(ROWS, Sizes(known=40, secret=10, ghost=5, outsiders=20, photos=2), 1)
    with pytest.raises(BadPool, match="gives 0 people with more than 6"):
        draw_groups(ROWS, Sizes(known=6, secret=2, ghost=2, outsiders=6, photos=6), 1)
