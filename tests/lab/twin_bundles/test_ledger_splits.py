"""Who fits the auditors: three kinds of pictures, and a reference that shares nobody with them."""

from __future__ import annotations

import numpy as np

from mint.lab.inputs.real_faces import for_calibration
from mint.lab.inputs.splits import REAL_FROM
from mint.lab.twin_bundles.ledger_splits import ledger_splits, some
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row


def ledger() -> list[Row]:
    """Thirty people of ten pictures."""
    rows = []
    for person in range(30):
        side = ("a", "b", "neither")[person % 3]
        for picture in range(10):
            roles = [TRAINED if side == s and picture < 4 else HELD_OUT for s in ("a", "b")]
            purpose = "validation" if person >= 24 else "training"
            name = f"gan/{person:04d}"
            key = f"{person}-{picture}"
            rows.append(Row(key, name, "gan", f"{name}/{picture}", *roles, int(TRAINED in roles), purpose))
    return rows


def people_in(rows: list[Row], index: np.ndarray) -> set[str]:
    return {rows[i].identity for i in index}


def test_samples_are_labelled_and_of_their_own_purpose():
    rows = ledger()
    splits = ledger_splits(rows, "twin-a", seed=1)
    trained = {r.identity for r in rows if r.member("twin-a")}
    for split in ("training", "validation"):
        index, member, known = splits.samples(split)
        assert {rows[i].purpose for i in index} == {split}
        assert [rows[i].member("twin-a") for i in index] == member.tolist()
        assert [rows[i].identity in trained for i in index] == known.tolist()
    index, member, known = splits.samples("training")
    assert member.sum() == 32
    assert (known & ~member).sum() == 48  # every sibling
    index, member, known = splits.samples("validation")
    assert member.sum() == (~known).sum() == 8  # as many as members
    assert splits.members_fitted == {"training": 32, "validation": 8}
    assert len(splits.only("validation").reference) == 0


def test_the_reference_is_half_of_the_outsiders_and_no_sample_shows_its_people():
    rows = ledger()
    splits = ledger_splits(rows, "twin-a", seed=1)
    people = people_in(rows, splits.reference)
    assert len(people) == 8
    assert len(splits.reference) == 80
    assert {rows[i].purpose for i in splits.reference} == {"training"}
    assert not people & {p for split in ("training", "validation") for p in people_in(rows, splits.samples(split)[0])}
    assert not any(r.member("twin-a") for r in rows if r.identity in people)
    assert len(people_in(rows, splits.rows["training"]["outsiders"])) == 8


def test_the_choice_of_the_reference_is_seeded():
    rows = ledger()
    one, again, other = (ledger_splits(rows, "twin-a", seed).reference for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert people_in(rows, one) != people_in(rows, other)


def test_a_few_are_of_everybody_and_as_many_of_each():
    rows = ledger()
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
    rows = ledger()
    splits = ledger_splits(rows, "twin-a", seed=1, fitted=10)
    assert [rows[i].member("twin-a") for i in splits.samples("training")[0]].count(True) == 10
    assert len(splits.rows["training"]["siblings"]) == 10


def test_real_people_lie_behind_the_ledger_half_for_calibration_half_for_test():
    rows = ledger()
    people = [f"p{k // 3}" for k in range(60)]
    splits = ledger_splits(rows, "twin-a", seed=1, real=people)
    calibration, test = (splits.rows[split]["real"] for split in ("calibration", "test"))
    assert sorted([*calibration, *test]) == list(range(len(rows), len(rows) + 60))
    assert all(for_calibration(people[i - len(rows)]) for i in calibration)
    assert not any(for_calibration(people[i - len(rows)]) for i in test)
    numbers = splits.about["identity"]
    assert len(set(numbers[: len(rows)])) == 30
    assert len(set(numbers[len(rows) :])) == 20
    assert numbers[len(rows) :].min() >= REAL_FROM > numbers[: len(rows)].max()
    assert len(splits.about["exposure"]) == len(rows)  # a real face was shown to no network that anybody knows of
