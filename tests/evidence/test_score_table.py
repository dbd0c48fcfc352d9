"""The table of scores: what a file holds of it comes back, and counts are those of plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from mint.evidence.score_table import (
    CALIBRATION,
    GENERATED,
    IDENTITY,
    MEMBERS,
    OUTSIDERS,
    PHOTO,
    REAL,
    SIBLINGS,
    TEST,
    ScoreTable,
    sides,
)

PEOPLE = {MEMBERS: [3, 3, 5], SIBLINGS: [3, 5, 5, 5], OUTSIDERS: [7]}


def made_up() -> ScoreTable:
    def columns(people: list[int], shift: float) -> dict[str, np.ndarray]:
        return {IDENTITY: np.array(people, np.int32), PHOTO: np.arange(len(people)) + shift}

    return ScoreTable(
        {
            split: {kind: columns(people, shift) for kind, people in PEOPLE.items()}
            for split, shift in ((CALIBRATION, 0.0), (TEST, 0.5))
        }
    )


def test_tensors_come_back_as_the_same_table() -> None:
    table = made_up()
    stored = table.tensors()
    assert sorted(stored)[:2] == ["calibration|members|identity", "calibration|members|photo"]
    again = ScoreTable.parse(stored)
    assert list(again) == list(table)
    upside_down = ScoreTable.parse(dict(reversed(stored.items())))
    assert [list(tables) for tables in upside_down.values()] == [list(tables) for tables in again.values()]
    for split in table:
        assert again[split].keys() == table[split].keys()
        for kind, columns in table[split].items():
            for column, values in columns.items():
                np.testing.assert_array_equal(again.column(split, kind, column), values)
                assert again.column(split, kind, column).dtype == values.dtype


@pytest.mark.parametrize("name", ["calibration|members", "calibration|members|photo|more", ""])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        ScoreTable.parse({name: np.zeros(1)})


def test_rows_and_people_are_counted_and_what_is_missing_has_none() -> None:
    table = made_up()
    for kind, people in PEOPLE.items():
        assert (table.rows(TEST, kind), table.people(TEST, kind)) == (len(people), len(set(people)))
    for split, kind in ((TEST, REAL), ("epoch-008", MEMBERS)):
        assert (table.rows(split, kind), table.people(split, kind)) == (0, 0)
        assert table.column(split, kind, PHOTO).shape == (0,)


def test_it_is_a_mapping_of_its_splits() -> None:
    table = made_up()
    assert ScoreTable.of(table) is table
    plain = dict(table)
    assert ScoreTable.of(plain).test is plain[TEST]
    assert table.calibration is plain[CALIBRATION]
    assert len(table) == 2


def test_of_a_pool_only_generated_members_are_compared() -> None:
    tables = dict(made_up().test)
    assert sides(tables, SIBLINGS)[0] is tables[MEMBERS]
    tables[MEMBERS] = {**tables[MEMBERS], GENERATED: np.array([1, 0, 1], np.uint8)}
    members, others = sides(tables, SIBLINGS)
    assert members[IDENTITY].tolist() == [3, 5]
    assert others is tables[SIBLINGS]
