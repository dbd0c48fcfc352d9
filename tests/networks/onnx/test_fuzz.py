"""Seeded mutations of small graphs: right, or one clear line; in a process of its own, which must not die."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def fuzzed(seed: int, count: int, trace: Path, fuzzer: str = "fuzz") -> list[str]:
    """What a fuzzer prints; where its process dies, what it tried last."""
    arguments = ["--seed", str(seed), "--count", str(count), "--trace", str(trace)]
    done = subprocess.run(
        [sys.executable, "-m", f"tests.networks.onnx.{fuzzer}", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, f"died at seed {trace.read_text()}: {done.stderr[-2000:]}"
    return done.stdout.splitlines()


def test_mutations_are_read_right_or_refused_in_a_line(tmp_path: Path) -> None:
    (told,) = fuzzed(0, 30, tmp_path / "trace")
    assert told.startswith("30 tried, ")
    assert 5 < int(told.split()[2]) < 25  # not all are refused, not all are read


def test_detectors_and_packs_are_read_right_or_refused_in_a_line(tmp_path: Path) -> None:
    (told,) = fuzzed(0, 20, tmp_path / "trace", "fuzz_packs")
    assert told.startswith("20 tried, ")
    assert 4 < int(told.split()[2]) < 16


@pytest.mark.full
def test_many_more(tmp_path: Path) -> None:
    (told,) = fuzzed(1000, 1500, tmp_path / "trace")
    assert told.startswith("1500 tried, ")
