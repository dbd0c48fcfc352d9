"""``mint lab private``: what it hands on, and what it refuses in one line."""

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


def test_without_opacus_it_says_what_to_type(tmp_path: Path) -> None:
    done = mint("lab", "private", "--pool", tmp_path, "--out", tmp_path / "w", without={"opacus"})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("mint: This needs opacus, which is not installed: pip install '")
    assert line.endswith("[private]'")


def test_it_hands_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")
    from mint.lab.private.recipe import PrivateRecipe

    calls: list[tuple[Any, ...]] = []

    def noted(*given: Any) -> dict[str, Any]:
        calls.append(given[:-1])
        return {"networks": {"plain": {}}}

    monkeypatch.setattr("mint.lab.twins.pool.load_pool", lambda folder: f"pool of {folder}")
    monkeypatch.setattr("mint.lab.private.experiment.private_twin", noted)
    monkeypatch.setattr(torch, "set_num_threads", lambda number: calls.append(("threads", number)))
    out = tmp_path / "w"
    done = CliRunner().invoke(lab_app, ["private", "--pool", "p", "--out", str(out), "--weights", str(tmp_path)])
    assert done.exit_code == 0, done.output
    figures = tmp_path / "cards" / "private.json"
    assert calls == [
        ("threads", 1),
        ("pool of p", "twin-a", out, figures, PrivateRecipe(), PrivateRecipe().memorising(), [1.0, 8.0]),
    ]
    words = (
        "--epsilon 2 --delta 1e-6 --network twin-b --epochs 3 --width 4 --input-size 16 --seed 5 --threads 2 --results"
    )
    done = CliRunner().invoke(
        lab_app, ["private", "--pool", "p", "--out", str(out), *words.split(), str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    recipe = PrivateRecipe(delta=1e-6, epochs=3, width=4, input_size=16, seed=5)
    assert calls[2:] == [
        ("threads", 2),
        ("pool of p", "twin-b", out, tmp_path / "r.json", recipe, recipe.memorising(), [2.0]),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--epsilon", "0"), "--epsilon must be above 0"),
        (("--delta", "0"), "--delta between 0 and 1"),
        (("--network", "augmented-a"), "--network is twin-a or twin-b"),
        (("--input-size", "20"), "--input-size is a multiple of 16"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")
    done = mint("lab", "private", "--pool", tmp_path, "--out", tmp_path / "w", *words)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert said in line
