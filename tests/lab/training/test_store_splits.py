"""Parts are dealt by person: nobody is fitted to and tested on, and what contradicts itself is left out."""

from __future__ import annotations

import numpy as np
import pytest

from mint.errors import TooFew
from mint.lab.training import store_splits as dealing
from mint.lab.training.reference import split_reference
from mint.lab.training.store_splits import FITTED, SCORED, split_store
from tests.lab.made_up_store import made_up_store, with_a_photo_on_both_sides
from tests.lab.photos import tiny_network

SPLITS = (*FITTED, *SCORED)


def test_no_person_plays_two_parts() -> None:
    rows = made_up_store(tiny_network()).rows
    found = split_store(rows, 1)
    people = {split: {p for index in found.rows[split].values() for p in rows.identity[index]} for split in SPLITS}
    people["reference"] = set(rows.identity[found.reference])
    for one in people:
        for other in people:
            assert one == other or not people[one] & people[other], (one, other)
    assert all(people.values())


def test_every_photo_is_where_its_split_and_source_say() -> None:
    rows = made_up_store(tiny_network()).rows
    found = split_store(rows, 1)
    for split in SPLITS:
        for source, index in found.rows[split].items():
            assert set(rows.split[index]) == {split}
            assert set(rows.source[index]) == {source}
    index, member, known = found.samples("training")
    np.testing.assert_array_equal(member, rows.source[index] == "members")
    np.testing.assert_array_equal(known, rows.source[index] != "outsiders")
    held = set(rows.identity[found.reference])
    assert len(held) == len({p for p, s in zip(rows.identity, rows.split, strict=True) if s == "training"} - set(
        rows.identity[rows.source != "outsiders"])) // 2  # fmt: skip


def test_too_many_are_thinned_by_the_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = made_up_store(tiny_network()).rows
    for name, value in (("MOST_MEMBERS", 20), ("OTHERS", 15), ("MOST_SCORED", 12)):
        monkeypatch.setattr(dealing, name, value)
    one, again, other = (split_store(rows, seed) for seed in (1, 1, 2))
    assert [len(one.rows["training"][s]) for s in ("members", "siblings", "outsiders")] == [20, 20, 20]
    assert {len(index) for split in SCORED for index in one.rows[split].values()} == {12}
    for split in SPLITS:
        for source, index in one.rows[split].items():
            np.testing.assert_array_equal(index, again.rows[split][source])
    assert any((one.rows["test"][s] != other.rows["test"][s]).any() for s in one.rows["test"])


def test_a_photo_on_both_sides_is_on_none() -> None:
    network = tiny_network()
    store = with_a_photo_on_both_sides(made_up_store(network), network)
    found = split_store(store.rows, 1)
    assert store.rows.on_both_sides.sum() == 2
    there = {i for split in found.rows.values() for index in split.values() for i in index}
    assert not there & set(np.flatnonzero(store.rows.on_both_sides))


def test_too_few_people_are_refused() -> None:
    rows = made_up_store(tiny_network()).rows
    few = made_up_store(tiny_network())._all
    kept = np.isin(few.identity, [f"person-{k:03d}" for k in (*range(4), *range(140, 200))])
    thin = type(rows)(
        *(getattr(few, name)[kept] for name in ("id", "identity", "side", "source", "split", "sha256")),
        {name: values[kept] for name, values in few.qualities.items()},
    )
    with pytest.raises(TooFew, match="Of the members only"):
        split_store(thin, 1)


def test_without_members_one_half_is_measured_by_and_the_other_compared_with() -> None:
    rows = made_up_store(tiny_network(), members=False).rows
    found = split_reference(rows, 1)
    half = set(rows.identity[found.reference])
    others = {p for split in SCORED for p in rows.identity[found.rows[split]["outsiders"]]}
    assert half
    assert others
    assert not half & others
    assert set(rows.split[found.reference]) == set(FITTED)
    with pytest.raises(TooFew, match="non-members"):
        split_reference(type(rows)(*([np.zeros(0, object)] * 6), {}), 1)
