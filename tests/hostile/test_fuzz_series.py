"""A few of the lists and series that ``fuzz_series`` makes up, the same every time: right, or one clear line, and nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.lab.versions.fit import NEVER
from tests.hostile.fuzz_series import PARTS, audited, read, series
from tests.hostile.rounds import quick


@pytest.mark.parametrize(
    ("part", "examples", "good"), [("made up", 40, "read"), ("changed", 30, "refused"), ("shell", 2, "refused")]
)
def test_lists_and_series_are_right_or_refused(part: str, examples: int, good: str) -> None:
    seen = Counter[str]()

    @settings(quick, max_examples=examples, derandomize=True)
    @given(st.data())
    def one(data: st.DataObject) -> None:
        seen[data.draw(PARTS[part]()).rpartition(": ")[2]] += 1

    one()
    assert seen[good] > seen.total() / 3


def test_a_sound_list_is_read_and_a_sound_series_answers() -> None:
    assert read(b"photo,person,first,out\n0.jpg,ann,1,3\na b.jpg,bo,,\n") == [
        ("0.jpg", "ann", 0, 2),
        ("a b.jpg", "bo", NEVER, 4),
    ]
    assert read(b"photo,person\n0.jpg,ann\n") is None
    code, said, _ = audited(series()[0] / "series")
    assert code == 0
    assert '"versions"' in said
