"""``mint lab scale-law``: what it hands on, and what it refuses in one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.lab.twins.ledger import write_ledger
from mint.lab.twins.recipe import TwinRecipe
from mint.vision.faces import fingerprint
from tests.ledgers import people
from tests.shell import mint

if not lab_app.registered_commands:
    register(lab_app)


def test_it_hands_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr("mint.lab.twins.pool.load_pool", lambda folder: f"pool of {folder}")
    monkeypatch.setattr("mint.lab.scaling.run.scale_law", lambda *given: calls.append(given))
    monkeypatch.setattr(torch, "set_num_threads", lambda number: calls.append(("threads", number)))
    done = CliRunner().invoke(lab_app, ["scale-law", "--pool", "p", "--out", str(tmp_path / "w")])
    assert done.exit_code == 0, done.output
    assert calls[0] == ("threads", 1)
    work = tmp_path / "w"
    assert calls[1][:-1] == (
        "pool of p", work, work / "scale-law.json", [500, 1000, 2000, 4000, 8000], [3, 7, 14], 1, TwinRecipe(keep=()), "cpu"
    )  # fmt: skip
    words = "--members 300 --members 60 --photos 5 --seed 3 --precision float32 --threads 2 --results"
    done = CliRunner().invoke(
        lab_app, ["scale-law", "--pool", "p", "--out", "w", *words.split(), str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    assert calls[2] == ("threads", 2)
    recipe = TwinRecipe(keep=(), precision="float32")
    assert calls[3][2:-1] == (tmp_path / "r.json", [300, 60], [5], 3, recipe, "cpu")


def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    rows = people(16)
    crops = np.zeros((len(rows), 112, 112, 3), np.uint8)
    write_ledger(tmp_path / "ledger.csv", [replace(row, sha256=fingerprint(crops[0])) for row in rows])
    save_file({"crops": crops}, tmp_path / "crops.safetensors")
    for words, told in (
        (("--members", 100000), "The pool gives 56 training pictures at most with 7 of a person, not 100000"),
        (("--precision", "half"), "--precision is one of"),
    ):
        done = mint("lab", "scale-law", "--pool", tmp_path, "--out", tmp_path / "w", "--photos", 7, *words)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert told in line
    assert not (tmp_path / "w").exists()
