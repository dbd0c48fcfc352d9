"""Who fits the auditors: three kinds of pictures, and a reference that shares nobody with them."""

from __future__ import annotations

import numpy as np

from mint.lab.twin_bundles.pictures import fitting_samples, some
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row
from mint.lab.twins.pool import Pool


def pool() -> Pool:
    """Thirty people of ten pictures; each crop holds its row number, to be found again."""
    rows = []
    for person in range(30):
        side = ("a", "b", "neither")[person % 3]
        for picture in range(10):
            roles = [TRAINED if side == s and picture < 4 else HELD_OUT for s in ("a", "b")]
            purpose = "validation" if person >= 24 else "training"
            name = f"gan/{person:04d}"
            key = f"{person}-{picture}"
            rows.append(Row(key, name, "gan", f"{name}/{picture}", *roles, int(TRAINED in roles), purpose))
    crops = np.zeros((len(rows), 112, 112, 3), np.uint8)
    crops[:, 0, 0, 0], crops[:, 0, 0, 1] = np.divmod(np.arange(len(rows)), 256)
    return Pool(tuple(rows), crops)


def rows_of(pool: Pool, crops: np.ndarray) -> list[Row]:
    return [pool.rows[i] for i in crops[:, 0, 0, 0].astype(int) * 256 + crops[:, 0, 0, 1]]


def test_samples_are_labelled_and_of_their_own_purpose():
    made = pool()
    found = fitting_samples(made, "twin-a", seed=1)
    for split in ("training", "validation"):
        rows = rows_of(made, found[split].crops)
        known = {r.identity for r in made.rows if r.member("twin-a")}
        assert {r.purpose for r in rows} == {split}
        assert [r.member("twin-a") for r in rows] == found[split].member.tolist()
        assert [r.identity in known for r in rows] == found[split].of_trained_people.tolist()
    assert found["training"].member.sum() == 32
    assert (found["training"].of_trained_people & ~found["training"].member).sum() == 48  # every sibling
    validation = found["validation"]
    assert validation.member.sum() == (~validation.of_trained_people).sum() == 8  # as many as members
    assert validation.reference is None


def test_the_reference_is_half_of_the_outsiders_and_no_sample_shows_its_people():
    made = pool()
    found = fitting_samples(made, "twin-a", seed=1)
    reference = rows_of(made, found["training"].reference)
    people = {r.identity for r in reference}
    assert len(people) == 8
    assert len(reference) == 80
    assert {r.purpose for r in reference} == {"training"}
    samples = [r for s in found.values() for r in rows_of(made, s.crops)]
    assert not people & {r.identity for r in samples}
    assert not any(r.member("twin-a") for r in made.rows if r.identity in people)
    outsiders = rows_of(made, found["training"].crops[~found["training"].of_trained_people])
    assert len({r.identity for r in outsiders}) == 8


def test_the_choice_of_the_reference_is_seeded():
    made = pool()
    one, again, other = (fitting_samples(made, "twin-a", seed)["training"].reference for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert {r.identity for r in rows_of(made, one)} != {r.identity for r in rows_of(made, other)}


def test_a_few_are_of_everybody_and_as_many_of_each():
    rows = pool().rows
    index = np.arange(5, 245, dtype=np.int64)  # half of the first person's, all of 23 others', half of one more
    found = some(rows, index, 60, seed=1)
    assert len(found) == 60
    assert set(found) <= set(index)
    assert (np.diff(found) > 0).all()
    counts = np.unique([int(rows[i].identity[-4:]) for i in found], return_counts=True)[1]
    assert len(counts) == 25
    assert set(counts) == {2, 3}
    assert not np.array_equal(found, some(rows, index, 60, seed=2))
    for most in (None, 240, 1000):
        assert some(rows, index, most, seed=1) is index


def test_controls_are_fitted_to_a_few_of_each_kind():
    made = pool()
    found = fitting_samples(made, "twin-a", seed=1, most=10)
    rows = rows_of(made, found["training"].crops)
    assert [r.member("twin-a") for r in rows].count(True) == 10
    assert (found["training"].of_trained_people & ~found["training"].member).sum() == 10
