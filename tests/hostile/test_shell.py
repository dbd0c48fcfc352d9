"""Hostile photos through the shell, in one run: one answer a file, and the next one served."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.hostile.cases import ANSWERED, EITHER, FACELESS, MAKERS, REFUSED, Case, cases, few_of
from tests.shell import mint, typed

TAKEN = (".jpg", ".jpeg", ".png", ".webp")  # what a folder is searched for
MOST_BYTES = 2_000_000


def written(among: Iterable[Case], folder: Path) -> dict[Path, Case]:
    """Files in a folder, numbered, and the photos in them; none that is too large."""
    files = {}
    for number, case in enumerate(among):
        if case.suffix.lower() in TAKEN and len(data := case.data) < MOST_BYTES:
            path = folder / f"{number:04d}{case.suffix}"
            path.write_bytes(data)
            files[path] = case
    return files


def check(files: Mapping[Path, Case], code: int, out: str, err: str) -> None:
    """Every file has one answer, the exit code says that some failed, and nobody sees the inside."""
    found = {Path(line["photo"]): line for line in map(json.loads, out.splitlines())}
    assert set(found) == set(files)
    assert code == 1
    for path, case in files.items():
        line = found[path]
        assert (line["error"] is None) == bool(line["faces"]), case.name
        if case.outcome != EITHER:
            assert (line["error"] is None) == (case.outcome == ANSWERED), (case.name, line["error"])
    assert "Traceback" not in err
    assert not re.search(r"\.py\b|0x[0-9a-f]{6}", err), err[-2000:]


def test_every_file_gets_one_answer(tmp_path, weights, monkeypatch, capsys):
    """In this process, and some photos only: a few of every kind that is refused, and four with a face."""
    some = [case for maker in MAKERS if maker != "bombs" for case in few_of(maker)]
    refused = [case for case in some if case.outcome in (REFUSED, FACELESS)]
    files = written([*refused, *(case for case in some if case.outcome == ANSWERED)][: len(refused) + 4], tmp_path)
    assert len(files) > 15
    assert {case.outcome for case in files.values()} == {ANSWERED, FACELESS, REFUSED}
    monkeypatch.setattr(sys, "argv", [])
    code = typed(["audit", "--json", "--network", str(weights / "twin-a"), str(tmp_path)])
    check(files, code, *capsys.readouterr())


@pytest.mark.full
def test_every_file_of_all_gets_one_answer_also_from_a_process(tmp_path, weights):
    files = written(cases(), tmp_path)
    done = mint("audit", "--json", "--network", weights / "twin-a", tmp_path)
    check(files, done.returncode, done.stdout, done.stderr)
