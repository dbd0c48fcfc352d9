"""Every program in the documents runs as it stands, and prints what the text around it says."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from mint.membership import MembershipTest
from mint.report.document import ReportPhoto, photo_report
from tests.bundles.test_share import files_of, shareable
from tests.docs.blocks import CONTRIBUTING, ROOT, Block, blocks, program
from tests.hub_stand_in import Hub
from tests.lab.photos import people

# They need a server: the page's own tests run them, and take them from ``program``.
ELSEWHERE = ("docs/page.md",)
# Followed to the letter by tests/test_recipes.py.
RECIPES = CONTRIBUTING.relative_to(ROOT).as_posix()
HERE = ("README.md", "docs/house.md", "docs/networks.md", "docs/own-network.md", "docs/verdicts.md")


def run(block: Block, names: dict[str, Any]) -> dict[str, Any]:
    code = compile("\n" * block.line + block.text, str(ROOT / block.page), "exec")
    exec(code, names)
    return names


def test_every_program_is_run_by_some_test() -> None:
    assert {block.page for block in blocks("python")} == {*HERE, *ELSEWHERE, RECIPES}
    tests = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    for page in ELSEWHERE:
        assert any(f'program("{page}")' in text and "exec(" in text for text in tests), page


def imported(tree: ast.AST) -> dict[str, Any]:
    """What a program imports, by the name that it goes by."""
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            found |= {alias.asname or alias.name: getattr(module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: importlib.import_module(alias.name) for alias in node.names}
    return found


def call(function: Any, node: ast.Call) -> None:
    """Whether a function takes these arguments. Raises TypeError if not."""
    words = {k.arg: None for k in node.keywords if k.arg}
    inspect.signature(function).bind(*[None] * len(node.args), **words)


@pytest.mark.parametrize("page", [*HERE, *ELSEWHERE])
def test_imported_names_are_there_and_take_what_they_are_given(page: str) -> None:
    tree = ast.parse(program(page).text)
    known = imported(tree)
    assert known
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in calls:
        path = ast.unparse(node.func).split(".")
        if path[0] in known:
            call(functools.reduce(getattr, path[1:], known[path[0]]), node)
    if "gradio_client" in program(page).text:
        (predict,) = [node for node in calls if ast.unparse(node.func) == "page.predict"]
        assert len(predict.args) == 3  # photo, alpha, prior: as Page.audit


def test_an_argument_that_is_not_there_is_found() -> None:
    node = ast.parse("f(1, nothing=2)").body[0].value  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        call(lambda a, b=0: None, node)
    with pytest.raises(AttributeError):
        imported(ast.parse("from mint.types import Nothing"))


def test_the_readme_s_program_says_that_the_answer_flips(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    run(program("README.md"), {})
    assert capsys.readouterr().out.splitlines() == ["twin-a evidence of use", "twin-b no sign of use"]


def test_the_pipeline_that_is_read_aloud_answers() -> None:
    told = run(program("docs/house.md"), {})["answer"](str(ROOT / "examples" / "faces" / "01-openpeople.jpg"))
    assert b"Evidence of use" in told
    assert b"No sign of use" in told


def test_a_collection_is_looked_at_photo_after_photo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, face_path: Path
) -> None:
    (tmp_path / "me").mkdir()
    (tmp_path / "me" / "1.jpg").write_bytes(b"no photo")
    (tmp_path / "me" / "2.jpg").write_bytes(face_path.read_bytes())
    test = MembershipTest.load()
    wanted = [str(audit.faces[0].photo.verdict) for audit in test.audit(face_path, "me/2.jpg")]
    monkeypatch.chdir(tmp_path)
    run(program("docs/verdicts.md"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert first == "me/1.jpg This is not a JPEG, PNG or WebP photo. Save it as one of these."
    assert second == f"me/2.jpg {' '.join(wanted)}"


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the Hub library's own call
def test_a_bundle_comes_from_the_hub(hub: Hub, tmp_path: Path) -> None:
    hub.add("you/twin-a", files_of(shareable(tmp_path / "weights")))
    test = run(program("docs/networks.md"), {})["test"]
    assert list(test.bundles) == ["twin-a"]


class Small(nn.Module):
    """(N, 3, 112, 112) to (N, 16), with the two modules that the tutorial taps."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer1 = nn.Sequential(nn.Conv2d(3, 64, 5, 4, 2), nn.ReLU())
        self.layer2 = nn.Sequential(nn.Conv2d(64, 128, 3, 2, 1), nn.ReLU())
        self.last = nn.Linear(128, 16)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.last(self.layer2(self.layer1(batch)).mean((2, 3)))
        return found


@pytest.mark.full
def test_a_torch_module_is_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mint.lab.training.fit as train

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train, "Schedule", functools.partial(train.Schedule, epochs=1, strengths=(0.1,)))
    monkeypatch.setattr("mint.lab.training.calibration.evaluate_all", lambda bundle: {})  # measured by other tests
    people(tmp_path / "USED", 45, 2, 0, bad=False)
    people(tmp_path / "UNUSED", 60, 2, 100, bad=False)
    names = run(program("docs/own-network.md"), {"model": Small()})
    assert (tmp_path / "BUNDLE" / "bundle.json").is_file()
    assert isinstance(names["test"], MembershipTest)
    assert [tap.stride for tap in names["network"].taps] == [4, 8]
    assert names["store"].rows.side.tolist().count("members") == 90


def test_the_documented_answer_has_the_fields_of_a_real_one(weights: Path, face_path: Path) -> None:
    line, block = blocks("json")
    test = MembershipTest.load(["twin-a", "twin-b"], weights)
    real, other = test.audit(face_path, "photo.jpg")
    compare(json.loads(block.text), json.loads(json.dumps(real.to_dict())), "")
    shown = json.loads(line.text)
    report = photo_report(test.bundles, [ReportPhoto((real, other))], 0.01, 0.5)
    same = ("test", "threat_model", "metric", "network")
    (result,) = [one for one in report["results"] if all(one[key] == shown[key] for key in same)]
    assert set(result) == set(shown)
    # The tests' networks carry no evaluation, so that they have no control to show.
    compare({**shown, "control": result["control"]}, result, "results")


def compare(shown: Any, real: Any, where: str) -> None:
    """What is shown is there, and of the same type; there may be more."""
    if isinstance(shown, Mapping):
        assert isinstance(real, Mapping), where
        for name, value in shown.items():
            assert name in real, f"an answer has no {where}.{name}"
            compare(value, real[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert isinstance(real, list), where
        assert real, where
        for one in shown:
            compare(one, real[0], f"{where}[]")
    elif isinstance(shown, float):
        assert isinstance(real, float | int), where
    else:
        assert type(shown) is type(real), where


def test_a_field_that_is_not_there_is_found() -> None:
    compare({"a": [{"b": 1.0}]}, {"a": [{"b": 2, "c": 3}]}, "")
    for shown in ({"b": 1}, {"a": [{"c": 1}]}, {"a": 1.0}, {"a": [{"b": "one"}]}):
        with pytest.raises(AssertionError):
            compare(shown, {"a": [{"b": 2}]}, "")


def test_examples_are_where_programs_look_for_them() -> None:
    for block in blocks("python"):
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("examples/"):
                assert os.path.isfile(ROOT / node.value), f"{block}: {node.value}"
