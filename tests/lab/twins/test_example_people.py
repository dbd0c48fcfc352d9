from __future__ import annotations

from mint.lab.twins.example_people import PICTURES, choose_people
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row


def a_person(identity: str, a: int, b: int, purpose: str = "test", picture: str = "emotions_sheet-") -> list[Row]:
    source = identity.split("/")[0]
    return [
        Row(f"{identity}{i}", identity, source, f"{identity}/{picture}{i:02}", TRAINED if i < a else HELD_OUT,
            TRAINED if i < b else HELD_OUT, 1, purpose)
        for i in range(10)
    ]  # fmt: skip


ROWS = [
    *a_person("gan/0001", 4, 0), *a_person("gan/0002", 0, 4), *a_person("gan/0003", 0, 0),
    *a_person("gan/0004", 4, 0, "training"), *a_person("openpeople/P1", 10, 0), *a_person("openpeople/P2", 0, 10),
    *a_person("openpeople/P3", 0, 0), *a_person("openpeople/P4", 0, 0, picture="studio_portrait"),
]  # fmt: skip


def test_one_of_each_truth_and_source_of_test_people_only() -> None:
    chosen = choose_people(ROWS, 3)
    assert [person[0].identity for person in chosen] == [
        "gan/0001", "gan/0002", "gan/0003", "openpeople/P1", "openpeople/P2", "openpeople/P3",
    ]  # fmt: skip
    for person in chosen:
        assert len({row.picture for row in person}) == PICTURES
        assert len({row.identity for row in person}) == 1


def test_the_seed_decides() -> None:
    assert choose_people(ROWS, 3) == choose_people(ROWS, 3)
    assert len({tuple(r.picture for r in choose_people(ROWS, seed)[0]) for seed in range(5)}) > 1
