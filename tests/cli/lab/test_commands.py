"""What the shell hands on to the lab, and what it says when that is done."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pytest
import torch
from typer.testing import CliRunner

from mint.bundles.evaluation import LEVELS
from mint.bundles.manifest import problems, write_manifest
from mint.cli import report
from mint.cli.lab import evaluate as lab_evaluate
from mint.cli.lab.commands import pool, register
from mint.cli.main import lab_app
from mint.errors import MintError
from mint.i18n.translate import LANGUAGES
from mint.lab.evaluation.evaluate import PROTOCOLS
from mint.lab.evaluation.plots import FORMATS
from mint.lab.inputs.source import PhotoSource
from mint.lab.paper.protocol import Plan
from mint.lab.twins.pool_recipe import NOW, PoolRecipe

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
    told = lab(
        "pool", "--out", "p", "--seed", "4", "--identities", "12", "--per-identity", "5", "--variation", "0.1", "0.2"
    )
    ((_, *arguments, named),) = calls
    assert arguments == [Path("p"), 4, PoolRecipe(12, 5, (0.1, 0.2))]
    assert list(named["progress"]([1, 2, 3], 3)) == [1, 2, 3]
    assert "2 crops of 1 fictional people in p" in told


def test_a_pool_that_nobody_says_anything_of_has_the_usual_recipe(calls: list[tuple[Any, ...]]) -> None:
    lab("pool", "--out", "p")
    assert calls[0][1:4] == (Path("p"), 1, NOW)
    with pytest.raises(MintError, match="least to the most"):
        CliRunner().invoke(lab_app, ["pool", "--out", "p", "--variation", "0.3", "0.2"], catch_exceptions=False)


def test_examples(calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[tuple[Any, ...]] = []
    monkeypatch.setattr("mint.lab.twin_bundles.same_pool.check_pools", lambda *given: checked.append(given))
    told = lab("examples", "--pool", "p", "--out", "e", "--weights", "w", "--seed", "2")
    assert calls == [
        ("twins.examples.write_examples", Path("p"), Path("e"), Path("w"), 2, {}),
        ("twins.example_people.write_people", Path("p"), Path("e"), 2, {}),
    ]
    assert checked == [(Path("w"), ("twin-a", "twin-b"), Path("p"))], "the twins' own pool is asked for"
    assert "36 example faces in e/faces" in told
    assert "6 example people in e/people" in told


def test_paper(calls: list[tuple[Any, ...]]) -> None:
    told = lab(
        "paper", "--network", "a", "--network", "b", "--members", "m.tar", "--external", "x", "--out", "o", "--near", "0.3",
        "--whole-maps", "9", "--threads", "2", "--seed", "5", "--person-level", "2", "--person-column", "external=who", "--separate-people",
    )  # fmt: skip
    threads, (_, *arguments, named) = calls
    assert threads == ("threads", 2)
    sides = [PhotoSource("m.tar", person_level=2), PhotoSource("x", person_column="who")]
    assert arguments == [["a", "b"], *sides, Path("o"), None, Plan(near=0.3, whole_maps=9, seed=5)]
    assert (named["threads"], named["separate_people"]) == (2, True)
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


def test_a_pool_is_made_by_the_recipe_of_now_unless_told_otherwise() -> None:
    told = {name: option.default for name, option in inspect.signature(pool).parameters.items()}
    assert PoolRecipe(told["identities"], told["per_identity"], told["variation"], told["alignment"]) == NOW
    assert NOW.alignment in get_args(get_type_hints(pool)["alignment"])


def test_remake_takes_every_step_once_and_pools_only_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    steps: list[tuple[Any, ...]] = []
    for name in ("pool", "twins", "train", "examples", "cards"):
        monkeypatch.setattr(
            f"mint.cli.lab.commands.{name}", lambda *given, name=name, **named: steps.append((name, *given, named))
        )
    lab("remake", "--real", "r", "--build", str(tmp_path), "--out", "w", "--examples", "e")
    made = tmp_path / "pool"
    assert [step[0] for step in steps] == ["pool", "pool", *["twins"] * 6, "train", "train", "examples", "cards"]
    strangers = tmp_path / "strangers"
    assert steps[:2] == [("pool", made, 1, {}), ("pool", strangers, 2, {"identities": 700})]
    runs = tmp_path / "runs"
    assert [step[1:] for step in steps[2:8]] == [
        (made, runs, {"epochs": 80, "seed": 1, "light": "equalised"}),
        (made, tmp_path / "dose", {"epochs": 3, "seed": 1, "exposure": [1, 3, 10], "light": "equalised"}),
        (made, tmp_path / "positive", {"seed": 1, "overfit": 3, "light": "equalised"}),
        (made, runs, {"seed": 1, "augment": True}),
        (made, tmp_path / "dose", {"epochs": 3, "seed": 1, "exposure": [1, 3, 10], "augment": True}),
        (made, tmp_path / "positive", {"seed": 1, "overfit": 3, "augment": True}),
    ]
    both = {"folder": Path("w"), "seed": 1, "pool_dir": made, "twins_dir": runs, "real": Path("r"),
            "strangers": strangers, "work": tmp_path / "stores", "dose": tmp_path / "dose", "positive": tmp_path / "positive"}  # fmt: skip
    assert [step[-1] for step in steps[8:10]] == [
        {**both, "network": ["twin-a", "twin-b"]},
        {**both, "network": ["augmented-a", "augmented-b"]},
    ]
    assert steps[-2:] == [
        ("examples", tmp_path / "pool", Path("e"), Path("w"), 1, {}),
        ("cards", Path("w"), Path("README.md"), Path("docs/results.md"), {}),
    ]
    steps.clear()
    for there in (made, strangers):
        there.mkdir()
        (there / "pool.json").write_text("{}")
    lab("remake", "--real", "r", "--build", str(tmp_path), "--out", "w", "--examples", "e")
    assert [step[0] for step in steps] == [*["twins"] * 6, "train", "train", "examples", "cards"]


def test_an_aligner_has_the_recipe_that_was_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Any] = []

    def trained(out: Path, recipe: Any, progress: Any, report: Any) -> Path:
        seen.append((out, recipe))
        report("step 1 of 12")
        return out / "aligner.onnx"

    monkeypatch.setattr("mint.cli.lab.commands.needs", lambda *names: None)
    monkeypatch.setattr("mint.lab.alignment.training.train_aligner", trained)
    given = ["--seed", "4", "--people", "5", "--per-person", "6", "--steps", "12", "--precision", "float32"]
    result = CliRunner().invoke(lab_app, ["aligner", "--out", str(tmp_path), *given])
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "aligner.onnx") in result.output.replace("\n", "")
    ((out, recipe),) = seen
    assert out == tmp_path
    assert (recipe.seed, recipe.people, recipe.per_person, recipe.steps, recipe.precision) == (4, 5, 6, 12, "float32")


def test_a_precision_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mint.cli.lab.commands.needs", lambda *names: None)
    result = CliRunner().invoke(lab_app, ["aligner", "--out", str(tmp_path), "--precision", "float8"])
    assert result.exit_code != 0
    assert "float8" in str(result.exception)


def test_cards_that_were_rendered_are_what_the_manifest_lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where a document had no place for the tables, which is refused once the cards are written."""
    card = tmp_path / "cards" / "attacks.md"
    card.parent.mkdir()
    card.write_text("old")
    write_manifest({"cards": ("MIT", "a test")}, tmp_path)

    def refuses(weights: Path, readme: Path, results: Path) -> None:
        card.write_text("new")
        raise MintError("no place for the results")

    monkeypatch.setattr("mint.cli.lab.commands.needs", lambda *names: None)
    monkeypatch.setattr("mint.lab.cards.render.render", refuses)
    result = CliRunner().invoke(lab_app, ["cards", "--weights", str(tmp_path)])
    assert "no place" in str(result.exception)
    assert problems(tmp_path) == []
