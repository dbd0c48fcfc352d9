"""``mint lab factors``: what it hands on, and what it refuses in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.lab.factors.settings import SETTINGS, base_recipe
from tests.shell import mint

if not lab_app.registered_commands:
    register(lab_app)


def test_it_hands_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr("mint.lab.twins.pool.load_pool", lambda folder: f"pool of {folder}")
    monkeypatch.setattr("mint.lab.factors.run.measure_factors", lambda *given: calls.append(given))
    monkeypatch.setattr(torch, "set_num_threads", lambda number: calls.append(("threads", number)))
    work = tmp_path / "w"
    done = CliRunner().invoke(lab_app, ["factors", "--pool", "p", "--out", str(work)])
    assert done.exit_code == 0, done.output
    assert calls[0] == ("threads", 1)
    assert calls[1][:3] == ("pool of p", work, work / "factors.json")
    assert calls[1][3] == SETTINGS
    assert calls[1][5] == [1, 2]
    assert calls[1][6:8] == (base_recipe(calls[1][6].input_size, calls[1][6].epochs, "auto"), "cpu")
    words = (
        "--factor margin --people 40 --epochs 3 --size 48 --seed 5 --seed 5 --precision float32 --threads 2 --results"
    )
    done = CliRunner().invoke(
        lab_app, ["factors", "--pool", "p", "--out", "w", *words.split(), str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    assert calls[2] == ("threads", 2)
    assert calls[3][2] == tmp_path / "r.json"
    assert [s.factor for s in calls[3][3]] == ["base", "margin", "margin"]
    assert calls[3][4:8] == (40, [5], base_recipe(48, 3, "float32"), "cpu")


def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    for words, told in (
        (("--factor", "colour"), "--factor: a factor is one of alteration, loss,"),
        (("--size", 40), "--size is a multiple of 16, not 40"),
        (("--precision", "half"), "--precision is one of"),
        ((), "There is no ledger.csv"),
    ):
        done = mint("lab", "factors", "--pool", tmp_path, "--out", tmp_path / "w", *words)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert told in line
    assert not (tmp_path / "w").exists()
