"""``mint lab ceiling``: what it hands on, and what it refuses in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from tests.shell import mint

if not lab_app.registered_commands:
    register(lab_app)


def test_it_hands_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr("mint.lab.twins.pool.load_pool", lambda folder: f"pool of {folder}")
    monkeypatch.setattr("mint.bundles.files.load_bundle", lambda folder: folder)
    monkeypatch.setattr("mint.lab.ceiling.photos.Target.of", lambda bundle: f"target of {bundle}")
    monkeypatch.setattr("mint.lab.ceiling.run.measure_ceiling", lambda *given: calls.append(given[:-1]))
    monkeypatch.setattr(torch, "set_num_threads", lambda number: calls.append(("threads", number)))
    work = tmp_path / "w"
    done = CliRunner().invoke(lab_app, ["ceiling", "--pool", "p", "--out", str(work)])
    assert done.exit_code == 0, done.output
    targets = [f"target of {Path('weights', 'twin-a')}"]
    changes = {"epochs": 16, "width": 16, "input_size": 64, "precision": "auto"}
    assert calls == [("threads", 1), ("pool of p", work, work / "ceiling.json", targets, 4, 1, changes, "cpu")]
    words = (
        "--network twin-b --network augmented-a --network twin-b --references 6 --epochs 3 --width 8 --input-size 32 "
        "--seed 5 --precision float32 --threads 2 --weights elsewhere --results"
    )
    done = CliRunner().invoke(
        lab_app, ["ceiling", "--pool", "p", "--out", str(work), *words.split(), str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    targets = [f"target of {Path('elsewhere', name)}" for name in ("twin-b", "augmented-a")]
    changes = {"epochs": 3, "width": 8, "input_size": 32, "precision": "float32"}
    assert calls[2:] == [("threads", 2), ("pool of p", work, tmp_path / "r.json", targets, 6, 5, changes, "cpu")]


def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    for words, told in (
        (("--references", 3), "--references come in pairs"),
        (("--network", "mine"), "--network is a twin"),
        (("--input-size", 40), "is a multiple of 16, not 40"),
        (("--precision", "half"), "--precision is one of"),
        ((), "There is no ledger.csv"),
    ):
        done = mint("lab", "ceiling", "--pool", tmp_path, "--out", tmp_path / "w", *words)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert told in line
