import pytest

from mint.lab.twin_bundles.roles import groups, identity_numbers, rows_by_role
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row


def rows() -> list[Row]:
    made = []
    for person in range(12):
        group = ("a", "b", "neither")[person % 3]
        for picture in range(6):
            used = picture < 2
            roles = [TRAINED if group == g and used else HELD_OUT for g in ("a", "b")]
            purpose = "test" if person < 9 else "calibration"
            name = f"gan/{person:04d}"
            made.append(Row(f"{person}-{picture}", name, "gan", f"{name}/{picture:02d}", *roles, int(used), purpose))
    made.append(Row("x", "openpeople/P001", "openpeople", "openpeople/P001/x", HELD_OUT, HELD_OUT, 0, "test"))
    return made


def test_groups_by_person_and_picture() -> None:
    table = rows()
    for row, group in zip(table, groups(table, "twin-a"), strict=True):
        person = int(row.identity.split("/")[1]) if row.source == "gan" else 2
        expected = "outsiders" if person % 3 else ("members" if row.role_a == TRAINED else "siblings")
        assert group == expected


@pytest.mark.parametrize("network", ["twin-a", "twin-b"])
def test_pick_keeps_to_its_purpose_and_limits(network: str) -> None:
    table = rows()
    picked = rows_by_role(table, network, "test", seed=3)
    assert len(picked["members"]) == 6
    assert len(picked["siblings"]) == len(picked["outsiders"]) == 6
    assert all(table[i].purpose == "test" for index in picked.values() for i in index)
    assert len(table) - 1 in picked["outsiders"]  # openpeople is few and always kept
    again = rows_by_role(table, network, "test", seed=3)
    assert all((picked[g] == again[g]).all() for g in picked)
    everything = rows_by_role(table, network, "test", seed=3, most=10**6)
    assert sum(map(len, everything.values())) == sum(r.purpose == "test" for r in table)


def test_identity_numbers_are_one_a_person() -> None:
    table = rows()
    numbers = identity_numbers(table)
    assert len(set(zip(numbers.tolist(), [r.identity for r in table], strict=True))) == 13
