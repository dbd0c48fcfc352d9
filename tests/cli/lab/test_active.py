"""``mint lab active``: what it hands on, and what it refuses in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.lab.active.groups import Sizes
from mint.lab.active.training import ActiveRecipe
from tests.shell import mint

if not lab_app.registered_commands:
    register(lab_app)


def test_it_hands_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr("mint.lab.twins.pool.load_pool", lambda folder: f"pool of {folder}")
    monkeypatch.setattr("mint.lab.active.run.measure_active", lambda *given: calls.append(given))
    monkeypatch.setattr(torch, "set_num_threads", lambda number: calls.append(("threads", number)))
    work = tmp_path / "w"
    done = CliRunner().invoke(lab_app, ["active", "--pool", "p", "--out", str(work)])
    assert done.exit_code == 0, done.output
    assert calls[0] == ("threads", 1)
    assert calls[1][:7] == (
        "pool of p", work, work / "active.json", Sizes(), [1, 2], [10.0, 100.0, 1000.0], ActiveRecipe()
    )  # fmt: skip
    words = (
        "--known 12 --secret 9 --ghosts 3 --outsiders 20 --photos 2 --ratio 50 --ratio 5 --ratio 5 --epochs 7 "
        "--choice-epochs 2 --width 4 --size 48 --seed 5 --seed 5 --threads 2 --results"
    )
    done = CliRunner().invoke(
        lab_app, ["active", "--pool", "p", "--out", "w", *words.split(), str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    assert calls[2] == ("threads", 2)
    assert calls[3][2:8] == (
        tmp_path / "r.json", Sizes(12, 9, 3, 20, 2, 2), [5], [5.0, 50.0],
        ActiveRecipe(width=4, input_size=48, epochs=7), 2,
    )  # fmt: skip


def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    for words, told in (
        (("--size", 40), "--size is a multiple of 16, not 40"),
        (("--ratio", 10, "--ratio", 0), "--ratio is above 0, not 0"),
        (("--ratio", 10, "--ratio", "nan"), "--ratio is above 0, not nan"),
        (("--ratio", "inf"), "--ratio is above 0, not inf"),
        ((), "There is no ledger.csv"),
    ):
        done = mint("lab", "active", "--pool", tmp_path, "--out", tmp_path / "w", *words)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert told in line
    assert not (tmp_path / "w").exists()
