"""``mint lab objects``: what it hands on, and what it refuses in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.errors import MintError
from mint.lab.objects.recipe import ObjectRecipe
from tests.shell import mint

if not lab_app.registered_commands:
    register(lab_app)


def test_it_hands_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []
    rendered: list[Path] = []
    read: list[tuple[Any, ...]] = []

    def pictures(data: str, *given: Any) -> str:
        read.append((data, *given[:3], given[4]))
        return f"pictures of {data}"

    monkeypatch.setattr("mint.lab.objects.pictures.object_pictures", pictures)
    monkeypatch.setattr("mint.lab.objects.run.measure_objects", lambda *given: calls.append(given))
    monkeypatch.setattr("mint.lab.objects.card.render_objects", rendered.append)
    monkeypatch.setattr(torch, "set_num_threads", lambda number: None)
    work = tmp_path / "w"
    done = CliRunner().invoke(lab_app, ["objects", "--data", "digits", "--out", str(work)])
    assert done.exit_code == 0, done.output
    assert calls[0][:4] == ("pictures of digits", work, work / "objects.json", ObjectRecipe())
    assert rendered == [work]
    words = "--split train --most 300 --size 32 --dropout 0.5 --epochs 3 --seed 5 --person-level 2 --results"
    done = CliRunner().invoke(
        lab_app, ["objects", "--data", "d", "--out", "w", *words.split(), str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    assert calls[1][2:4] == (tmp_path / "r.json", ObjectRecipe(input_size=32, dropout=0.5, epochs=3, seed=5))
    assert read == [("digits", None, None, 1, None), ("d", "train", 300, 5, 2)]
    assert rendered == [work], "a card lies beside figures of its name only"


def test_several_sets_are_read_first_and_measured_in_turn_each_with_its_size(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[Any] = []

    def pictures(data: str, *given: Any) -> str:
        done.append(data)
        return f"pictures of {data}"

    monkeypatch.setattr("mint.lab.objects.pictures.object_pictures", pictures)
    monkeypatch.setattr(
        "mint.lab.objects.run.measure_objects",
        lambda found, out, file, recipe, report: done.append((found, recipe.input_size)),
    )
    monkeypatch.setattr("mint.lab.objects.card.render_objects", lambda folder: None)
    monkeypatch.setattr(torch, "set_num_threads", lambda number: None)
    words = ["objects", "--data", "digits", "--data", "p", "--out", str(tmp_path / "w")]
    for sizes, wanted in (((16, 24), (16, 24)), ((32,), (32, 32)), ((), (16, 16))):
        done.clear()
        ran = CliRunner().invoke(lab_app, [*words, *(word for size in sizes for word in ("--size", str(size)))])
        assert ran.exit_code == 0, ran.output
        assert done == ["digits", "p", ("pictures of digits", wanted[0]), ("pictures of p", wanted[1])]
    ran = CliRunner().invoke(lab_app, [*words, "--size", "16", "--size", "16", "--size", "24"])
    assert isinstance(ran.exception, MintError)
    assert "--size is given 3 times for 2 --data" in str(ran.exception)


def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    for words, told in (
        (("digits", "--split", "train"), "digits is none"),
        (("digits", "--person-level", "1"), "digits is none"),
        ((str(tmp_path / "flat"),), "has no folders in it"),
        ((str(tmp_path / "nowhere"),), "nowhere"),
    ):
        done = CliRunner().invoke(lab_app, ["objects", "--out", str(tmp_path / "w"), "--data", *words])
        assert isinstance(done.exception, MintError)
        assert told in str(done.exception)
    assert not (tmp_path / "w").exists()


def test_a_refusal_is_one_line(tmp_path: Path) -> None:
    done = mint("lab", "objects", "--data", "digits", "--out", tmp_path / "w", "--size", 12)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "--size is a multiple of 8, not 12" in line
