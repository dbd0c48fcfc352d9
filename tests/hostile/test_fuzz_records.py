"""A few of the changes at random; ``python -m tests.hostile.fuzz_records`` goes on for as long as it is told to."""

from __future__ import annotations

import pytest

from tests.hostile.fuzz_records import expected, outcomes, run, the_set


def test_the_set_is_read_as_it_is_while_nobody_changes_it(tmp_path):
    file, lines, _ = the_set()
    (tmp_path / "train.rec").write_bytes(file)
    assert outcomes(tmp_path) == expected()
    (tmp_path / "train.idx").write_bytes(lines)
    assert outcomes(tmp_path) == expected()


def test_records_and_deep_photos_are_right_or_refused_in_one_line(tmp_path):
    found = run(1, range(300), tmp_path)
    assert found.total() == 300
    assert {"in place, read", "moved, read", "index, refused", "opened"} <= set(found)


@pytest.mark.full
def test_many_of_them(tmp_path):
    assert run(2, range(6000), tmp_path).total() == 6000
