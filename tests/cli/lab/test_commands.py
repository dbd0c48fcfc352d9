"""What the shell hands on to the lab, and what it says when that is done."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pytest
import torch
from typer.testing import CliRunner

from mint.cli import report
from mint.cli.lab import evaluate as lab_evaluate
from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.i18n.translate import LANGUAGES
from mint.lab.evaluation.evaluate import LEVELS, PROTOCOLS
from mint.lab.evaluation.plots import FORMATS
from mint.lab.paper.protocol import Plan

if not lab_app.registered_commands:
    register(lab_app)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []

    def spy(place: str, answer: Any) -> None:
        def called(*arguments: Any, **named: Any) -> Any:
            found.append((place, *arguments, named))
            return answer

        monkeypatch.setattr(f"mint.lab.{place}", called)

    person = SimpleNamespace(identity="gan/0001")
    spy("twins.pool.make_pool", SimpleNamespace(rows=[person, person]))
    spy("twins.examples.write_examples", 36)
    spy("twins.example_people.write_people", 6)
    spy("paper.run.run_paper", [Path("net.json")])
    spy("cards.render.render", None)
    monkeypatch.setattr(torch, "set_num_threads", lambda number: found.append(("threads", number)))
    return found


def lab(*arguments: str) -> str:
    done = CliRunner().invoke(lab_app, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_pool(calls: list[tuple[Any, ...]]) -> None:
    told = lab("pool", "--out", "p", "--seed", "4", "--identities", "12", "--per-identity", "5")
    ((_, *arguments, named),) = calls
    assert arguments == [Path("p"), 4, 12, 5]
    assert list(named["progress"]([1, 2, 3], 3)) == [1, 2, 3]
    assert "2 crops of 1 fictional people in p" in told


def test_examples(calls: list[tuple[Any, ...]]) -> None:
    told = lab("examples", "--pool", "p", "--out", "e", "--weights", "w", "--seed", "2")
    assert calls == [
        ("twins.examples.write_examples", Path("p"), Path("e"), Path("w"), 2, {}),
        ("twins.example_people.write_people", Path("p"), Path("e"), 2, {}),
    ]
    assert "36 example faces in e/faces" in told
    assert "6 example people in e/people" in told


def test_paper(calls: list[tuple[Any, ...]]) -> None:
    told = lab(
        "paper", "--network", "a", "--network", "b", "--members", "m.tar", "--external", "x", "--out", "o", "--near", "0.3",
        "--whole-maps", "9", "--threads", "2", "--seed", "5",
    )  # fmt: skip
    threads, (_, *arguments, named) = calls
    assert threads == ("threads", 2)
    assert arguments == [["a", "b"], Path("m.tar"), Path("x"), Path("o"), None, Plan(near=0.3, whole_maps=9, seed=5)]
    assert named["threads"] == 2
    assert "net.json" in told


def test_cards(calls: list[tuple[Any, ...]]) -> None:
    lab("cards", "--weights", "w", "--readme", "r.md", "--results", "t.md")
    assert calls == [("cards.render.render", Path("w"), Path("r.md"), Path("t.md"), {})]


def test_the_choices_are_what_there_is() -> None:
    """The shell names them itself: what knows them takes seconds to import."""
    hints = get_type_hints(lab_evaluate.evaluate)
    assert get_args(hints["protocol"]) == PROTOCOLS
    assert get_args(get_args(hints["level"])[0]) == LEVELS
    assert tuple(f".{name}" for name in get_args(get_type_hints(lab_evaluate.plots)["suffix"])) == FORMATS
    assert get_args(report.Language) == (*LANGUAGES,)


def test_remake_takes_every_step_once_and_pools_only_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    steps: list[tuple[Any, ...]] = []
    for name in ("pool", "twins", "train", "examples", "cards"):
        monkeypatch.setattr(
            f"mint.cli.lab.commands.{name}", lambda *given, name=name, **named: steps.append((name, *given, named))
        )
    (tmp_path / "pool").mkdir()
    (tmp_path / "pool" / "pool.json").write_text("{}")
    lab("remake", "--real", "r", "--build", str(tmp_path), "--out", "w", "--examples", "e")
    assert [step[0] for step in steps] == ["pool", "twins", "twins", "twins", "train", "examples", "cards"]
    assert steps[0] == ("pool", tmp_path / "strangers", 2, {"identities": 420, "per_identity": 20})
    assert [step[2] for step in steps[1:4]] == [tmp_path / name for name in ("runs", "dose", "positive")]
    assert {step[1] for step in steps[1:4]} == {tmp_path / "pool"}
    ((*_, trained),) = (step for step in steps if step[0] == "train")
    assert trained == {
        "folder": Path("w"), "seed": 1, "pool_dir": tmp_path / "pool", "twins_dir": tmp_path / "runs", "real": Path("r"),
        "dose": tmp_path / "dose", "positive": tmp_path / "positive", "strangers": tmp_path / "strangers",
        "work": tmp_path / "stores",
    }  # fmt: skip
    assert steps[-2:] == [
        ("examples", tmp_path / "pool", Path("e"), Path("w"), 1, {}),
        ("cards", Path("w"), Path("README.md"), Path("docs/results.md"), {}),
    ]
