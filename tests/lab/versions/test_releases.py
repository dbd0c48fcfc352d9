"""Who is used when: as the fates say, alike in both twins, and never one photo by both."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mint.errors import BadPool
from mint.lab.versions.fit import NEVER
from mint.lab.versions.releases import DILUTED, FATES, KNOWN, PHOTOS, TEST, VERSIONS, Releases, deal
from tests.ledgers import people as ledger

PEOPLE = 24  # a multiple of the four that a deck of fates is dealt to


@pytest.fixture(scope="module")
def releases() -> Releases:
    return deal(ledger(80, pictures=16), PEOPLE, 30, seed=2)


def test_every_fate_is_dealt_as_often_as_the_deck_says(releases: Releases) -> None:
    for twin in range(2):
        used = releases.first[twin] != NEVER
        found = Counter(zip(releases.first[twin, used].tolist(), releases.out[twin, used].tolist(), strict=True))
        wanted = Counter(FATES * (PEOPLE // 4)) + Counter({(0, VERSIONS): PEOPLE})
        assert found == wanted
        assert sum(found.values()) == PEOPLE * PHOTOS


def test_the_first_version_has_half_of_all_and_everybody(releases: Releases) -> None:
    trained = releases.trained(0)
    assert trained.sum(1).tolist() == [PEOPLE * PHOTOS // 2] * 2
    for version in range(VERSIONS):
        rows = releases.ledger(version)
        for name in ("twin-a", "twin-b"):
            assert len({row.identity for row in rows if row.member(name)}) == PEOPLE


def test_what_was_dropped_or_taken_out_is_in_no_later_ledger(releases: Releases) -> None:
    dropped = (releases.first[0] == DILUTED[0]) & (releases.out[0] == DILUTED[1])
    assert dropped.any()
    for version in range(VERSIONS):
        member = np.array([row.member("twin-a") for row in releases.ledger(version)])
        assert member[dropped].all() == (version == 1) == member[dropped].any()
        np.testing.assert_array_equal(member, releases.trained(version)[0])


def test_no_photo_is_both_twins_and_every_person_has_some_that_are_neithers(releases: Releases) -> None:
    used = releases.first != NEVER
    assert not used.all(0).any()
    who = np.array([row.identity for row in releases.rows])
    for person in set(who[releases.used]):
        assert (~used.any(0))[who == person].sum() == 16 - 2 * PHOTOS
    assert not used[:, ~releases.used].any()


def test_purposes_are_the_ledgers_and_nobody_has_two(releases: Releases) -> None:
    wanted = {"training": KNOWN, "validation": KNOWN, "calibration": KNOWN, "test": TEST}
    for row, purpose in zip(releases.rows, releases.purposes, strict=True):
        assert purpose in (wanted[row.purpose], "left out")
    scored = releases.purposes[~releases.used]
    assert {KNOWN, TEST} <= set(scored.tolist())


def test_a_seed_deals_the_same_and_another_another() -> None:
    rows = ledger(60, pictures=16)
    one, again, other = (deal(rows, 20, 20, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.first, again.first)
    assert (one.first != other.first).any()


@pytest.mark.parametrize(("people", "pictures"), [(70, 16), (20, 2 * PHOTOS)])
def test_too_few_people_are_refused(people: int, pictures: int) -> None:
    with pytest.raises(BadPool, match="make a larger pool"):
        deal(ledger(60, pictures=pictures), people, 20, seed=1)
