"""Tables of results count the photos of each row: a control of a third of the photos does not borrow another row's number."""

from __future__ import annotations

from typing import Any

import pytest

from mint.bundles.files import EVALUATION
from mint.lab.cards.render import readme_table, results_tables
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS


@pytest.fixture(scope="module")
def evaluations() -> dict[str, Any]:
    return {name: read_json(WEIGHTS / name / EVALUATION) for name in ("twin-a", "twin-b", "augmented-a")}


def of(row: dict[str, Any]) -> str:
    return f"{row['members']}/{row['non_members']}"


def test_the_readme_counts_each_row_of_each_network(evaluations: dict[str, Any]) -> None:
    (line,) = [line for line in readme_table(evaluations).splitlines() if line.startswith("0.5 is chance")]
    wanted = {}
    for name in ("twin-a", "twin-b"):
        sample, cross = evaluations[name]["sample"], evaluations[name]["cross-database"]["sample"]
        paper, published = (
            next(r for r in there["rows"] if (r["auditor"], r["layer"]) == ("cnn", "all")) for there in (cross, sample)
        )
        rows = paper, paper["without_membership"], published, sample["rows"][-1], sample["controls"]["pixels"]
        wanted[name] = ", ".join(map(of, rows))
    assert line.endswith(f"row by row: twin-a, augmented-a {wanted['twin-a']}; twin-b {wanted['twin-b']}.")
    assert wanted["twin-a"].startswith("491/500, 500/500, 1328/1968")


def test_the_tables_of_results_count_each_row(evaluations: dict[str, Any]) -> None:
    lines = results_tables(evaluations).splitlines()

    def counted(start: str, last: int) -> list[str]:
        (line,) = [line for line in lines if line.startswith(f"| {start} |")]
        return [cell.strip() for cell in line.strip("|").split("|")][-last:]

    first, second = (evaluations[name] for name in ("twin-a", "twin-b"))
    for control in first["sample"]["controls"]:
        assert counted(f"control: {control}", 2) == [
            " or ".join(dict.fromkeys(of(e[level]["controls"][control]) for e in (first, second)))
            for level in ("sample", "identity")
        ]
    assert counted("control: pixels", 2) == ["491/500", "491/500"]
    assert counted("combined", 2)[0] == "1328/1968 or 1314/1955"
    assert counted("control: pixels, best auditor", 1) == ["491/500"]
    papers = [line for line in lines if line.startswith("| published, whole maps") and "491/500" in line]
    assert [line.split("|")[-2].strip() for line in papers] == ["491/500, 500/500, 491/500"]
