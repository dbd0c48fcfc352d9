"""What ``mint lab aligner`` hands on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app

if not lab_app.registered_commands:
    register(lab_app)


def test_the_recipe_is_what_was_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Any] = []

    def trained(out: Path, recipe: Any, progress: Any, report: Any) -> Path:
        seen.append((out, recipe))
        report("step 1 of 12")
        return out / "aligner.onnx"

    monkeypatch.setattr("mint.cli.lab.aligner.needs", lambda *names: None)
    monkeypatch.setattr("mint.lab.alignment.training.train_aligner", trained)
    given = ["--seed", "4", "--people", "5", "--per-person", "6", "--steps", "12", "--precision", "float32"]
    result = CliRunner().invoke(lab_app, ["aligner", "--out", str(tmp_path), *given])
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "aligner.onnx") in result.output.replace("\n", "")
    ((out, recipe),) = seen
    assert out == tmp_path
    assert (recipe.seed, recipe.people, recipe.per_person, recipe.steps, recipe.precision) == (4, 5, 6, 12, "float32")


def test_a_precision_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mint.cli.lab.aligner.needs", lambda *names: None)
    result = CliRunner().invoke(lab_app, ["aligner", "--out", str(tmp_path), "--precision", "float8"])
    assert result.exit_code != 0
    assert "float8" in str(result.exception)
