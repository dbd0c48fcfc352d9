"""The house keeps its order: read from the syntax trees, so that a lazy import counts as well."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mint"
FILES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 350

# A module imports from its own storey or from a lower one, never from a higher.
STOREYS = [
    {"errors", "types", "paths", "files", "tensors", "licences", "words", "opencv", "abreast", "extras", "console"},
    {"reach", "hub"},
    {"images"},
    {"faces"},
    {"audited"},
    {"auditors"},
    {"evidence"},
    {"soundness"},
    {"bundle", "whereabouts"},
    {"manifest", "sharing"},
    {"people"},
    {"membership"},
    {"lesson", "teach"},
    {"lab"},
    {"report", "doctor"},
    {"ui"},
    {"weights_commands", "report_commands", "serve_commands", "doctor_commands"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: number for number, storey in enumerate(STOREYS) for name in storey}

# Packages with one door each.
DOORS = {
    "gradio": "mint.ui",
    "gradio_client": "mint.ui",
    "huggingface_hub": "mint.hub",
    "insightface": "mint.audited.scrfd",
    "cv2": "mint.opencv",
    "ray": "mint.lab.scale",
    "pyarrow": "mint.lab",
    "fsspec": "mint.lab",
    "onnx": "mint.audited",
    "onnxruntime": "mint.audited.onnx_file",
    "imagehash": "mint.lab",
    "matplotlib": "mint.lab.plots",
    "reportlab": "mint.report",
    "sklearn": "mint.lab",
    "pytorch_metric_learning": "mint.lab",
}
PICKLERS = {"pickle", "dill", "cloudpickle", "shelve"}
DRAWERS = {"utils", "util", "helpers", "helper", "manager", "handler", "common", "misc"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def place(path: Path, line: int = 1) -> str:
    """A file and a line of it, as an editor opens it."""
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file imports.

    Attributes:
        name: in full, such as ``mint.errors.MintError``.
        line: where.
        dots: how many it begins with; more than none is relative.
    """

    name: str
    line: int
    dots: int = 0


@dataclass(frozen=True)
class Module:
    """A file of the package, read and parsed once for all rules."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> list[Import]:
        """All that the file imports, wherever it does."""
        found = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [Import(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [Import(f"{node.module}.{alias.name}", node.lineno, node.level) for alias in node.names]
        return found

    @cached_property
    def modules(self) -> dict[str, int]:
        """The other modules of this project that the file imports, and where it first does."""
        found: dict[str, int] = {}
        for imported in self.imports:
            if (name := module_of(imported.name)) and MODULES[name] is not self and name != "mint":
                found.setdefault(name, imported.line)
        return found

    def at(self, node: ast.AST) -> str:
        return place(self.path, getattr(node, "lineno", 1))


MODULES = {name_of(path): Module(path) for path in FILES}


def module_of(imported: str) -> str | None:
    """The module of this project that an imported name lies in, if any."""
    while imported and imported not in MODULES:
        imported = imported.rpartition(".")[0]
    return imported or None


def level(module: str) -> int:
    """How high it stands; one without a place stands above all."""
    return LEVEL.get(module.split(".")[1], len(STOREYS))


def no(offenders: Iterable[str]) -> None:
    """Fail with one line for each place where a rule is broken."""
    if found := list(offenders):
        pytest.fail("\n".join(found), pytrace=False)


def test_there_is_something_to_read():
    assert len(FILES) > 20
    assert MODULES["mint.faces"].modules.keys() >= {"mint.errors", "mint.types"}


def test_every_module_has_a_place_in_the_house():
    places = {name.split(".")[1] for name in MODULES if name != "mint"}
    no(f"mint.{name} has no place in the house yet: give it one in STOREYS" for name in sorted(places - set(LEVEL)))


def test_imports_run_downwards():
    no(
        f"{place(module.path, line)}: {name} imports {other} from above"
        for name, module in MODULES.items()
        if name != "mint"
        for other, line in module.modules.items()
        if level(other) > level(name)
    )


def test_no_import_is_relative():
    no(
        f"{place(module.path, imported.line)}: imports relatively"
        for module in MODULES.values()
        for imported in module.imports
        if imported.dots
    )


def test_no_two_modules_need_each_other():
    try:
        TopologicalSorter({name: {*module.modules} for name, module in MODULES.items() if name != "mint"}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]), pytrace=False)


def test_some_packages_have_one_door():
    no(
        f"{place(module.path, imported.line)}: {package} is imported by {door} alone, not by {name}"
        for name, module in MODULES.items()
        for imported in module.imports
        if (door := DOORS.get(package := imported.name.split(".")[0])) and not f"{name}.".startswith(f"{door}.")
    )


def test_the_lab_is_not_needed_to_audit():
    # The extra `lab` is not installed with `pip install .`.
    no(
        f"{place(module.path, line)}: {name} needs {other}, which is of the lab"
        for name, module in MODULES.items()
        if name == "mint" or level(name) < LEVEL["lab"]
        for other, line in module.modules.items()
        if f"{other}.".startswith("mint.lab.")
    )


def test_files_stay_small():
    lengths = {module.path: len(module.text.splitlines()) for module in MODULES.values()}
    no(
        f"{place(path, MOST_LINES)}: {lines} lines, more than {MOST_LINES}"
        for path, lines in lengths.items()
        if lines > MOST_LINES
    )


def test_no_error_is_swallowed():
    no(what for module in MODULES.values() for what in swallowed(module))


def swallowed(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if not isinstance(node, ast.ExceptHandler):
            continue
        if node.type is None:
            yield f"{module.at(node)}: a bare except"
            continue
        broad = any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in ast.walk(node.type))
        if broad and all(isinstance(line, ast.Pass) for line in node.body):
            yield f"{module.at(node)}: whatever went wrong is passed over"


def test_nothing_is_unpickled():
    no(what for module in MODULES.values() for what in unpickled(module))


def unpickled(module: Module) -> Iterator[str]:
    for imported in module.imports:
        if imported.name.split(".")[0] in PICKLERS:
            yield f"{place(module.path, imported.line)}: imports {imported.name}"
    for node in module.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "load":
            owner = node.func.value
            safe = any(
                k.arg == "weights_only" and isinstance(k.value, ast.Constant) and k.value.value is True
                for k in node.keywords
            )
            if isinstance(owner, ast.Name) and owner.id == "torch" and not safe:
                yield f"{module.at(node)}: torch.load without weights_only=True"


def test_no_drawer_for_odds_and_ends():
    no(f"{place(path)}: a name that says nothing" for path in FILES if path.stem in DRAWERS)


def test_every_module_says_what_it_is():
    no(
        f"{place(module.path)}: no docstring"
        for module in MODULES.values()
        if module.text.strip() and not ast.get_docstring(module.tree)
    )


def test_importing_mint_is_cheap():
    code = "import sys, mint; print(sorted({'torch', 'cv2', 'gradio', 'scipy', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_app_is_short():
    app = ROOT / "app.py"
    if app.is_file():
        assert len(app.read_text(encoding="utf-8").splitlines()) <= 40
