"""The API reference: pages build from the docstrings without a warning, and what docstrings name is there."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("pdoc", reason='pip install -e ".[test]"')
ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "mint").rglob("*.py"))
SECTION = re.compile(r"^ {4}(\w[\w, ]*): ")


@pytest.fixture(scope="module")
def api() -> ModuleType:
    spec = importlib.util.spec_from_file_location("api", ROOT / "docs" / "api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def test_the_public_names_and_the_rooms_have_pages(api: ModuleType, tmp_path: Path) -> None:
    names = api.modules(packages_only=True)
    assert len(names) > 8
    assert api.build(tmp_path, names) == []
    page, index = ((tmp_path / name).read_text("utf-8") for name in ("mint.html", "index.html"))
    for name in importlib.import_module("mint").__all__:
        assert name.startswith("_") or f'href="mint.html#{name}"' in index
        assert name.startswith("_") or f'id="{name}"' in page
    assert all(f'href="{name.replace(".", "/")}.html"' in index for name in names)
    assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', page + index), "nothing is fetched"


@pytest.mark.full
def test_every_module_has_a_page(api: ModuleType, tmp_path: Path) -> None:
    names = api.modules()
    missing = [n for n in ("ray",) if importlib.util.find_spec(n) is None]
    assert [p for p in api.build(tmp_path, names) if not any(f"'{n}'" in p for n in missing)] == []
    assert len(list(tmp_path.rglob("*.html"))) >= len(names) + 1 - len(missing)


def test_a_broken_page_is_told(api: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("broken")
    module.__all__ = ["nothing"]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "broken", module)
    (problem,) = api.build(tmp_path, ["broken"])
    assert "nothing" in problem
    (problem,) = api.build(tmp_path, ["mint.nowhere"])
    assert problem.startswith("mint.nowhere cannot be imported")


def test_lazy_names_are_lazy_again_afterwards(api: ModuleType, tmp_path: Path) -> None:
    import mint

    before = set(vars(mint))
    assert api.build(tmp_path, ["mint"]) == []
    assert set(vars(mint)) == before


def test_every_room_says_what_it_is_for(api: ModuleType) -> None:
    for name in api.modules(packages_only=True):
        assert importlib.import_module(name).__doc__, f"{name} has no docstring"


@pytest.mark.parametrize("package", ["mint", "mint.lab"])
def test_every_public_name_has_a_docstring(package: str) -> None:
    module = importlib.import_module(package)
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if isinstance(value, str):  # the version
            continue
        assert inspect.getdoc(value), name
        for method, found in vars(value).items() if inspect.isclass(value) else ():
            if not method.startswith("_") and callable(getattr(value, method)):
                assert inspect.getdoc(getattr(value, method)), f"{name}.{method}"
                assert found is not None


# ---- what a docstring says is so, read from the syntax trees


def documented() -> Iterator[tuple[str, ast.AST, str]]:
    """Every docstring of the package: where it stands, of what, and its text."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}", node, text


def section(text: str, title: str) -> list[str]:
    """The names that a section of a docstring lists."""
    found = re.search(rf"^{title}:\n((?:(?: {{4}}.*)?\n)+)", text + "\n", re.M)
    return [n.strip(" *") for line in (found[1] if found else "").splitlines() for m in [SECTION.match(line)] if m
            for n in m[1].split(",")]  # fmt: skip


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {a.arg for a in every if a is not None}


def test_sections_list_arguments_and_attributes_that_are_there() -> None:
    wrong, seen = [], 0
    for where, node, text in documented():
        listed = section(text, "Args")
        seen += len(listed)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            known = parameters(node)
        elif isinstance(node, ast.ClassDef):
            inits = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
            fields = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
            known = fields.union(*map(parameters, inits))
            # Attributes are fields, or what a method sets on self.
            there = known | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
            there |= {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
            wrong += [f"{where}: no attribute {name}" for name in section(text, "Attributes") if name not in there]
        else:
            known = set()
        wrong += [f"{where}: no argument {name}" for name in listed if name not in known]
    assert seen > 500
    assert wrong == []


def exists(name: str) -> bool:
    """Whether ``mint.a.b.c`` is a module, or a name in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        path = next((p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file()), None)
        if path is not None:
            rest = parts[length : length + 1]
            return not rest or re.search(rf"\b{re.escape(rest[0])}\b", path.read_text("utf-8")) is not None
    return False


def test_modules_and_files_that_docstrings_name_are_there() -> None:
    wrong, seen = [], 0
    for where, _, text in documented():
        for name in re.findall(r"``(mint(?:\.\w+)+)", text):
            seen += 1
            wrong += [] if exists(name) else [f"{where}: {name}"]
        for name in re.findall(r"``((?:mint|tests|weights|examples|docs)/[\w./-]+)``", text):
            seen += 1
            # mint/weights and mint/examples are where pip puts weights/ and examples/.
            found = ROOT / name.removeprefix("mint/") if name in ("mint/weights", "mint/examples") else ROOT / name
            wrong += [] if found.exists() else [f"{where}: {name}"]
    assert seen > 10
    assert wrong == []
