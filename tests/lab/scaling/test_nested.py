"""Nested sets: nested, disjoint in purpose, of the asked sizes, and everything that is compared is the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from mint.errors import BadPool
from mint.lab.scaling.nested import LEFT_OUT, OUTSIDER_SHARE, PURPOSE, SPARED_PICTURES, Order, Size, grid, order
from mint.lab.twin_bundles.roles import groups
from mint.lab.twins.ledger import HELD_OUT, Row
from tests.ledgers import people

PICTURES = 10


@pytest.fixture(scope="module")
def drawn() -> Order:
    photographed = [
        Row(f"P{k}", "openpeople/P0", "openpeople", f"openpeople/P0/{k}", HELD_OUT, HELD_OUT, 0, "test")
        for k in range(9)
    ]
    return order([*photographed, *people(120, PICTURES)], seed=1)


def trained(rows: tuple[Row, ...]) -> dict[str, str]:
    """Crop to person."""
    return {row.sha256: row.identity for row in rows if row.member("twin-a")}


@pytest.mark.parametrize(("members", "photos"), [(100, 5), (101, 5), (60, 3), (1, 1), (320, 8)])
def test_a_set_has_the_asked_size_and_so_many_of_a_person(drawn: Order, members: int, photos: int) -> None:
    found = trained(drawn.ledger(Size(members, photos), members))
    assert len(found) == members
    counts = sorted(Counter(found.values()).values(), reverse=True)
    assert counts[:-1] == [photos] * (len(counts) - 1)
    assert counts[-1] == members - photos * (len(counts) - 1)
    assert {row.exposure for row in drawn.ledger(Size(members, photos), members) if row.sha256 in found} == {1}


def test_smaller_sets_are_parts_of_larger_ones(drawn: Order) -> None:
    sets = [set(trained(drawn.ledger(Size(m, 5), 50))) for m in (50, 103, 250, 400)]
    for smaller, larger in pairwise(sets):
        assert smaller < larger
    few, many = (set(trained(drawn.ledger(Size(20 * k, k), 40))) for k in (3, 6))  # of the same twenty people
    assert few < many


def test_purposes_are_disjoint_and_shared_in_proportion_in_every_set(drawn: Order) -> None:
    known = {row.identity: PURPOSE[row.purpose] for row in drawn.rows}
    for size in (Size(60, 3), Size(200, 5), Size(480, 5)):
        rows = drawn.ledger(size, size.members)
        purposes: dict[str, set[str]] = {}
        for row in rows:
            purposes.setdefault(row.identity, set()).add(row.purpose)
        assert all(len(found) == 1 for found in purposes.values())
        members = set(trained(rows).values())
        assert all(purposes[person] == {known[person]} for person in members)
        count = Counter(known[person] for person in members)
        shares = {"training": 1 / 4, "validation": 1 / 2, "test": 1 / 4}  # the ledger's purposes are of a quarter each
        for purpose, share in shares.items():
            assert abs(count[purpose] - share * len(members)) <= 2


def test_outsiders_are_never_trained_on_and_the_same_for_every_network(drawn: Order) -> None:
    assert len(drawn.outsiders) == pytest.approx(OUTSIDER_SHARE * 120, abs=4)
    assert not drawn.outsiders & set(drawn.people)
    seen = []
    for size in (Size(60, 3), Size(drawn.largest(5), 5)):
        rows = drawn.ledger(size, 60)
        kinds = groups(rows, "twin-a")
        seen.append(
            {r.identity for r, kind in zip(rows, kinds, strict=True) if kind == "outsiders" and r.purpose != LEFT_OUT}
        )
        assert not {r.identity for r in rows if r.purpose != LEFT_OUT} - drawn.outsiders - set(trained(rows).values())
    assert seen == [set(drawn.outsiders)] * 2


def test_siblings_are_other_pictures_of_trained_people(drawn: Order) -> None:
    rows = drawn.ledger(Size(200, 5), 200)
    kinds = groups(rows, "twin-a")
    members = Counter(r.identity for r, kind in zip(rows, kinds, strict=True) if kind == "members")
    siblings = Counter(r.identity for r, kind in zip(rows, kinds, strict=True) if kind == "siblings")
    assert siblings == {person: PICTURES - n for person, n in members.items()}


def test_auditors_are_fitted_on_the_same_pictures_whatever_the_size(drawn: Order) -> None:
    fits = [
        {r.sha256: r.role_a for r in drawn.ledger(Size(m, 5), 100) if r.purpose in ("training", "validation")}
        for m in (100, 200, 480)
    ]
    assert fits[0] == fits[1] == fits[2]
    tests = [{r.sha256 for r in drawn.ledger(Size(m, 5), 100) if r.purpose == "test"} for m in (100, 480)]
    assert tests[0] < tests[1]
    # With other numbers of photos it is as many members, of more or fewer people.
    for photos in (2, 4, 8):
        rows = drawn.ledger(Size(160, photos), 80)
        fitted = [r for r in rows if r.member("twin-a") and r.purpose in ("training", "validation")]
        assert len(fitted) == pytest.approx(80 * 3 / 4, abs=2 * photos)


def test_it_is_the_same_for_a_seed_and_another_for_another(drawn: Order) -> None:
    again, other = (order(drawn.rows, seed) for seed in (1, 2))
    assert (again.people, again.outsiders, again.pictures) == (drawn.people, drawn.outsiders, drawn.pictures)
    assert other.people != drawn.people
    assert other.outsiders != drawn.outsiders


def test_roles_of_the_pool_do_not_matter(drawn: Order) -> None:
    blank = [replace(row, role_a=HELD_OUT, role_b=HELD_OUT, exposure=0) for row in drawn.rows]
    assert order(blank, 1).ledger(Size(100, 5), 50) == drawn.ledger(Size(100, 5), 50)


def test_people_with_too_few_pictures_are_passed_over() -> None:
    rows = people(40, PICTURES)
    poor = {f"gan/{k:04d}" for k in range(0, 40, 3)}
    found = order([r for r in rows if r.identity not in poor or int(r.picture[-2:]) < 6], 1)
    assert not poor & set(found.members(Size(found.largest(5), 5)))
    assert poor & set(found.members(Size(found.largest(4), 4)))


def test_sizes_that_the_pool_cannot_give_are_refused_with_the_largest(drawn: Order) -> None:
    largest = drawn.largest(5)
    assert largest == 5 * len(drawn.people)
    drawn.check([Size(largest, 5)])
    with pytest.raises(
        BadPool, match=f"gives {largest} training pictures at most with 5 of a person, not {largest + 1}"
    ):
        drawn.check([Size(100, 5), Size(largest + 1, 5)])
    with pytest.raises(BadPool, match=f"gives 0 training pictures at most with {PICTURES - SPARED_PICTURES + 1} of"):
        drawn.check([Size(1, PICTURES - SPARED_PICTURES + 1)])
    with pytest.raises(BadPool, match="are 2 people: too few"):
        drawn.check([Size(10, 5)])


def test_the_grid_crosses_in_the_middle() -> None:
    sizes, middle = grid([4000, 500, 1000, 2000, 8000], [3, 14, 7])
    assert middle == Size(2000, 7)
    assert sizes == [
        Size(500, 7), Size(1000, 7), Size(2000, 3), Size(2000, 7), Size(2000, 14), Size(4000, 7), Size(8000, 7)
    ]  # fmt: skip
    assert grid([500, 500], [7]) == ([Size(500, 7)], Size(500, 7))
