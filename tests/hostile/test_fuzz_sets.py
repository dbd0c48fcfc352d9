"""A few of the sets that ``fuzz_sets`` makes up, the same every time: right, or one clear line, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.fuzz_all import ROOT, commands
from tests.hostile.fuzz_sets import READERS, Made, outcomes, right_or_refused
from tests.hostile.rounds import quick
from tests.lab.inputs.sources import jpeg, write

few = settings(quick, max_examples=15, derandomize=True)


@pytest.mark.parametrize("reader", READERS)
def test_everybody_is_right_or_the_set_is_refused(reader: str) -> None:
    seen = Counter[str]()

    @few
    @given(st.data())
    def one(data: st.DataObject) -> None:
        seen[data.draw(outcomes(reader)).rpartition(": ")[2]] += 1

    one()
    assert seen["read"] > seen.total() / 3


def test_what_is_wrong_is_noticed(tmp_path: Path) -> None:
    files = {"ann/0.jpg": jpeg(0), "bo/1.jpg": jpeg(1)}
    sound = Made("folder", write(tmp_path / "set", files), {jpeg(0): "ann", jpeg(1): "bo"})
    assert right_or_refused(sound, tmp_path) == "read"
    for wrong, said in (
        (replace(sound, right={jpeg(0): "ann", jpeg(1): "ann"}), "'bo' instead of 'ann'"),
        (replace(sound, right={**sound.right, jpeg(2): "bo"}), "1 lost, 0 came"),
        (replace(sound, splits={jpeg(0): "a", jpeg(1): "b"}), "splits are pooled"),
    ):
        with pytest.raises(AssertionError, match=said):
            right_or_refused(wrong, tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in commands(0.2, 0) if name != "photos"])
def test_each_fuzzer_runs_by_its_command(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *commands(0.2, 20)[name]], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "seed " not in done.stdout
