"""The ledger: written and read back whole, the same bytes for the same rows."""

from __future__ import annotations

import csv

import pytest

from mint.errors import BadPool
from mint.lab.twins.ledger import HELD_OUT, PAIRS, TRAINED, Row, counterpart, read_ledger, write_ledger

ROWS = [
    Row("a" * 64, "gan/0001", "gan", "gan/0001/00", TRAINED, HELD_OUT, 1, "training"),
    Row("b" * 64, 'odd/"name", with comma', "odd", "odd/é/1", HELD_OUT, TRAINED, 3, "test"),
    Row("c" * 64, "gan/0002", "gan", "gan/0002/07", HELD_OUT, HELD_OUT, 0, "calibration"),
]


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "ledger.csv"
    write_ledger(path, ROWS)
    assert read_ledger(path) == ROWS
    assert list(tmp_path.iterdir()) == [path]


def test_any_program_can_read_it(tmp_path):
    path = tmp_path / "ledger.csv"
    write_ledger(path, ROWS)
    data = path.read_bytes()
    assert b"\r" not in data
    assert data.endswith(b"\n")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["sha256", "identity", "source", "picture", "role_a", "role_b", "exposure", "purpose"]
    assert lines[2] == ["b" * 64, 'odd/"name", with comma', "odd", "odd/é/1", "held out", "trained on", "3", "test"]


def test_same_rows_same_bytes(tmp_path):
    for name in ("one.csv", "two.csv"):
        write_ledger(tmp_path / name, ROWS)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_member():
    assert [(r.member("twin-a"), r.member("twin-b")) for r in ROWS] == [(True, False), (False, True), (False, False)]
    with pytest.raises(KeyError):
        ROWS[0].member("twin-c")


def test_a_network_with_augmentation_was_trained_on_the_pictures_of_its_twin():
    for row in ROWS:
        assert [row.member("augmented-a"), row.member("augmented-b")] == [row.member("twin-a"), row.member("twin-b")]


def test_counterparts_are_trained_in_the_same_way_on_the_other_half():
    assert {name: counterpart(name) for pair in PAIRS for name in pair} == {
        "twin-a": "twin-b", "twin-b": "twin-a", "augmented-a": "augmented-b", "augmented-b": "augmented-a",
    }  # fmt: skip
    with pytest.raises(KeyError):
        counterpart("twin-c")


def test_a_missing_ledger_says_what_to_do(tmp_path):
    with pytest.raises(BadPool, match="mint lab pool"):
        read_ledger(tmp_path / "ledger.csv")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda text: text.replace("exposure", "times"), "not a ledger"),
        (lambda text: "", "not a ledger"),
        (lambda text: text.replace(",1,training", ",once,training"), "line 2"),
        (lambda text: text.replace(",training", ""), "line 2"),
        (lambda text: text.replace(",training", ",training,more"), "line 2"),
        (lambda text: text[: text.rindex(",0,")], "line 4"),
    ],
)
def test_a_damaged_ledger_is_refused(tmp_path, spoil, reason):
    path = tmp_path / "ledger.csv"
    write_ledger(path, ROWS)
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BadPool, match=reason):
        read_ledger(path)
