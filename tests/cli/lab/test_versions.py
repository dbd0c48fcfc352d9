"""``mint lab versions`` and ``mint lab series``: what they hand on, print, and refuse in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from mint.bundles.series import load_series
from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.errors import BadInput
from mint.lab.versions.run import small_recipe
from tests.lab.versions.made_up_series import bundles, listed

if not lab_app.registered_commands:
    register(lab_app)


def test_it_hands_on_what_it_was_given_and_prints_what_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []

    def noted(*given: Any) -> dict[str, Any]:
        calls.append(given[:-1])
        lines = [{"name": "one", "holds": True, "said": "1"}, {"name": "two", "holds": False, "said": "2"}]
        return {"twins": {"twin-a": {"scores": {"mirror": {"accepted": lines}}}}}

    monkeypatch.setattr("mint.lab.twins.pool.load_pool", lambda folder: f"pool of {folder}")
    monkeypatch.setattr("mint.lab.versions.run.measure_versions", noted)
    monkeypatch.setattr(torch, "set_num_threads", lambda number: calls.append(("threads", number)))
    words = "--people 20 --outsiders 30 --epochs 3 --updates 2 --size 16 --light standardised --seed 5 --threads 2"
    out = tmp_path / "w"
    done = CliRunner().invoke(
        lab_app, ["versions", "--pool", "p", "--out", str(out), "--results", str(tmp_path / "r.json"), *words.split()]
    )
    assert done.exit_code == 0, done.output
    assert calls == [
        ("threads", 2),
        ("pool of p", out, tmp_path / "r.json", small_recipe(20, 30, 16, 3, 2, 5, "standardised")),
    ]
    assert "twin-a, mirror: holds: one: 1\n" in done.output
    assert "twin-a, mirror: DOES NOT HOLD: two: 2\n" in done.output


def test_a_size_that_is_none_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(lab_app, ["versions", "--pool", "p", "--out", str(tmp_path), "--size", "20"])
    assert isinstance(done.exception, BadInput)
    assert "multiple of 16" in str(done.exception)


def test_a_form_of_light_that_there_is_not_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(lab_app, ["versions", "--pool", "p", "--out", str(tmp_path), "--light", "dim"])
    assert isinstance(done.exception, BadInput)
    assert str(done.exception) == "--light is standardised or equalised, not dim."


def test_a_series_is_written_and_its_figures_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folders = bundles(tmp_path)
    photos = listed(tmp_path, 60, 3.0, monkeypatch)
    words = ["series", *map(str, folders), "--photos", str(photos), "--out", str(tmp_path / "series")]
    done = CliRunner().invoke(lab_app, words)
    assert done.exit_code == 0, done.output
    made = load_series(tmp_path / "series")
    rate = made.measured["right"]
    assert f"the version named is right: {rate['value']:.1%}" in done.output
    assert f"AUC {made.auc[0]:.3f}" in done.output


def test_a_wrong_list_leaves_nothing_behind(tmp_path: Path) -> None:
    folders = bundles(tmp_path, ("v1", "v2"))
    (tmp_path / "list.csv").write_text("photo,person,first,out\nnone.png,a,1,\n")
    out = tmp_path / "series"
    words = ["series", *map(str, folders), "--photos", str(tmp_path / "list.csv"), "--out", str(out)]
    done = CliRunner().invoke(lab_app, words)
    assert isinstance(done.exception, BadInput)
    assert not out.exists() or not list(out.iterdir())
