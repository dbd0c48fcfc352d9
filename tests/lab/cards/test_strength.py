"""The table of attempts: every row is there, in order, with its own figures."""

from __future__ import annotations

import re

from mint.lab.cards.strength import strength_section

ROW = {
    "what": "thirteen views",
    "views": 13,
    "features": 79,
    "twin": "twin-a",
    "epoch": 48,
    "auc_validation": 0.98125,
    "tpr_validation": 0.6,
    "auc_calibration": 0.97549,
    "tpr_calibration": 0.51,
    "n_validation": [200, 371],
    "n_calibration": [494, 913],
    "kept": False,
    "note": "",
}


def cells(line: str) -> list[str]:
    return [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_nothing_tried_says_nothing():
    assert strength_section([]) == ""


def test_every_attempt_is_a_line_of_the_table_in_order():
    other = {**ROW, "what": "halves", "twin": "twin-b", "epoch": 16, "kept": True, "note": "a | b"}
    lines = strength_section([ROW, other]).splitlines()
    assert lines[0].startswith("## ")
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 4
    assert len({len(cells(line)) for line in table}) == 1
    figures = ["0.981 / 0.600", "0.975 / 0.510", "200 + 371, 494 + 913"]
    assert cells(table[2]) == ["thirteen views", "twin-a, 48", "13", "79", *figures, ""]
    assert cells(table[3])[0] == "**halves**"
    assert cells(table[3])[1] == "twin-b, 16"
    assert cells(table[3])[-1] == "a \\| b"


def test_what_was_not_measured_is_a_dash():
    row = {**ROW, "auc_calibration": None, "tpr_calibration": None}
    (line,) = [line for line in strength_section([row]).splitlines() if "thirteen" in line]
    assert cells(line)[4:6] == ["0.981 / 0.600", "–"]
