"""What a run of pytest found, read from the report that it wrote for machines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many tests did what; ``failures`` are the names of those that failed, or could not be collected."""

    passed: int
    skipped: int
    failures: tuple[str, ...]


def read_outcome(report: Path) -> Outcome | None:
    """The outcome in a JUnit report of pytest's (``xunit1``); None where a run came to no report."""
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return None
    # A test that fails and whose end fails, too, has two entries.
    failed = dict.fromkeys(_name(c) for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = {_name(c) for c in cases if c.find("skipped") is not None} - set(failed)
    passed = {_name(c) for c in cases} - set(failed) - skipped
    return Outcome(len(passed), len(skipped), tuple(failed))


def _name(case: ElementTree.Element) -> str:
    """``tests/folder/test_x.py::test_y[z]``; a file that could not be collected is its path."""
    name, file, place = case.get("name", ""), case.get("file", ""), case.get("classname", "")
    if not place:
        return file or name
    inside = place.split(".")[len(Path(file).parts) :]
    return "::".join((file, *inside, name))
