"""A few of the changed inputs of ``fuzz_inputs``, the same every time: right, or one clear line, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.fuzz_inputs import TOLD, changed, lists, outcome_of, right_or_refused, sound
from tests.hostile.rounds import quick

few = settings(quick, max_examples=60, derandomize=True)


@pytest.mark.parametrize("name", sorted(set(sound()) - {"struct.parquet"}))
def test_unchanged_they_are_read(name: str, tmp_path: Path) -> None:
    assert outcome_of(name, sound()[name], {}, tmp_path) == "read"


def test_changed_they_are_read_or_refused(tmp_path: Path) -> None:
    seen = set()

    @few
    @given(changed(), st.sampled_from(TOLD))
    def one(made: tuple[str, bytes], told: dict[str, object]) -> None:
        seen.add(outcome_of(*made, told, tmp_path))

    one()
    assert seen == {"read", "BadInput"}


def test_of_lists_that_are_read_everybody_is_right(tmp_path: Path) -> None:
    seen = []

    @few
    @given(lists())
    def one(made: tuple[bytes, list[tuple[str, str]]]) -> None:
        seen.append(right_or_refused(*made, tmp_path))

    one()
    assert seen.count("read") > len(seen) / 3
