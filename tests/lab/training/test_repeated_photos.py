"""Photos that are in a store twice are told, and are not on both sides of a measurement."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from mint.lab.store.reader import Rows
from mint.lab.training.reference import split_reference
from mint.lab.training.repeated_photos import LIKE_A_COPY, repeated_photos
from mint.lab.training.store_splits import StoreSplits, split_store
from tests.lab.made_up_store import MadeUpStore, made_up_store, with_a_photo_on_both_sides
from tests.lab.photos import tiny_network


def photos_in(found: StoreSplits) -> set[int]:
    """The rows that auditors are fitted to, measured on or compared with."""
    return {int(i) for split in found.rows.values() for index in split.values() for i in index} | set(
        found.reference.tolist()
    )


def with_bytes(store: MadeUpStore, of: int, also: int) -> MadeUpStore:
    sha256 = store.rows.sha256.copy()
    sha256[also] = sha256[of]
    return MadeUpStore(replace(store.rows, sha256=sha256), store.tensors, tiny_network())


def test_a_store_without_repeated_photos_says_nothing() -> None:
    assert repeated_photos(made_up_store(tiny_network())) == []


def test_the_same_bytes_on_both_sides_are_told() -> None:
    network = tiny_network()
    (line,) = repeated_photos(with_a_photo_on_both_sides(made_up_store(network), network))
    assert line == "2 photos with the same bytes on the other side, such as person-000/0: counted on neither"


def test_the_same_bytes_under_two_people_count_once_and_are_told() -> None:
    store = made_up_store(tiny_network())
    members = np.flatnonzero(store.rows.side == "members")
    one, same, other = (int(members[k]) for k in (0, 1, 3))
    assert (
        len({store.rows.identity[k] for k in (one, same)}) == 1 != len({store.rows.identity[k] for k in (one, other)})
    )
    repeated = with_bytes(store, one, same)
    assert list(np.flatnonzero(repeated.rows.unusable)) == [same]
    assert not repeated.rows.under_other_names.any()
    (line,) = repeated_photos(repeated)
    assert line == (
        "1 photo with the same bytes as another of the same person and side, such as person-000/0 and person-000/1: counted once"
    )
    doubled = with_bytes(store, one, other)
    assert list(np.flatnonzero(doubled.rows.unusable)) == [other]
    assert other not in photos_in(split_store(doubled.rows, 1))
    (line,) = repeated_photos(doubled)
    assert line.startswith(
        f"1 photo with the same bytes as another person's of the same side, such as {store.rows.id[one]} and {store.rows.id[other]}"
    )


def test_a_photo_that_is_listed_thrice_counts_once_everywhere() -> None:
    once = made_up_store(tiny_network())
    n = len(once.rows)
    rows = {field.name: getattr(once.rows, field.name) for field in fields(once.rows) if field.name != "qualities"}
    thrice = Rows(**{name: np.tile(values, 3) for name, values in rows.items()}, qualities={})
    assert photos_in(split_store(thrice, 1)) == photos_in(split_store(once.rows, 1))
    assert (int(thrice.repeated.sum()), int(thrice.unusable[:n].sum())) == (2 * n, 0)


def test_so_do_they_where_no_member_is_known() -> None:
    store = made_up_store(tiny_network(), members=False)
    doubled = with_bytes(store, 0, 5)
    there = photos_in(split_reference(doubled.rows, 1))
    assert 5 not in there
    assert 0 in there


def test_a_member_that_was_saved_anew_among_the_others_is_told_also_mirrored_and_within_noise() -> None:
    store = made_up_store(tiny_network())
    member = int(np.flatnonzero(store.rows.side == "members")[4])
    others = [int(k) for k in np.flatnonzero(store.rows.side == "non-members")[[7, 600 % 500, 20]]]
    small = store.tensors["network"]["thumbnail"].copy()
    noise = np.random.default_rng(1).normal(size=(3, 32, 32))
    small[others[0]] = small[member] + 0.2 * noise[0]
    small[others[1]] = small[member][:, ::-1] + 0.2 * noise[1]
    small[others[2]] = small[member] + 1.0 * noise[2]  # another photo
    correlation = np.corrcoef(small[member].ravel(), small[others].reshape(3, -1))[0, 1:]
    assert correlation[0] > LIKE_A_COPY > correlation[2]
    changed = MadeUpStore(
        store.rows, {**store.tensors, "network": {**store.tensors["network"], "thumbnail": small}}, tiny_network()
    )
    (line,) = repeated_photos(changed)
    assert line.startswith("2 non-members nearly equal to a member, such as ")
    assert f"{store.rows.id[others[0]]} and {store.rows.id[member]}: of one sitting, or one photo saved anew" in line
