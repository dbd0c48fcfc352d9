"""The house keeps its order: read from the syntax trees, so that a lazy import counts as well."""

from __future__ import annotations

import ast
import subprocess
import sys
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


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> set[str]:
    """Full names of all that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


MODULES = {name_of(path): path for path in FILES}


def module_of(imported: str) -> str | None:
    """The module of this project that an imported name lies in, if any."""
    while imported and imported not in MODULES:
        imported = imported.rpartition(".")[0]
    return imported or None


GRAPH = {name: {m for i in imports_of(path) if (m := module_of(i))} - {name, "mint"} for name, path in MODULES.items()}


def level(module: str) -> int:
    return LEVEL[module.split(".")[1]]


def test_there_is_something_to_read():
    assert len(FILES) > 20
    assert GRAPH["mint.faces"] >= {"mint.errors", "mint.types"}


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"mint"}))
def test_imports_run_downwards(name):
    assert name.split(".")[1] in LEVEL, f"{name} has no place in the house yet: give it one in STOREYS"
    upward = {other for other in GRAPH[name] if level(other) > level(name)}
    assert not upward, f"{name} imports {upward} from above"


def test_no_two_modules_need_each_other():
    try:
        TopologicalSorter({k: v for k, v in GRAPH.items() if k != "mint"}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("package", DOORS)
def test_some_packages_have_one_door(package):
    importers = {name for name, path in MODULES.items() if any(i.split(".")[0] == package for i in imports_of(path))}
    door = DOORS[package]
    if door is None:
        assert len(importers) <= 1, importers
    else:
        assert all(name == door or name.startswith(f"{door}.") for name in importers), importers


def test_the_lab_is_not_needed_to_audit():
    # The extra `lab` is not installed with `pip install .`.
    for name, others in GRAPH.items():
        if level(name) < LEVEL["lab"] if name != "mint" else True:
            assert not {o for o in others if o.startswith("mint.lab")}, name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_error_is_swallowed_and_nothing_is_unpickled(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            place = f"{path}:{node.lineno}"
            assert node.type is not None, f"{place}: a bare except"
            broad = any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in ast.walk(node.type))
            silent = all(isinstance(line, ast.Pass) for line in node.body)
            assert not (broad and silent), f"{place}: whatever went wrong is passed over"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "load":
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "torch":
                assert any(
                    k.arg == "weights_only" and isinstance(k.value, ast.Constant) and k.value.value is True
                    for k in node.keywords
                ), f"{path}:{node.lineno}: torch.load without weights_only=True"
    assert not {"pickle", "dill", "cloudpickle", "shelve"} & {i.split(".")[0] for i in imports_of(path)}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_drawer_for_odds_and_ends(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "handler", "common", "misc"}


def test_every_module_says_what_it_is():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not text.strip() or ast.get_docstring(tree_of(path)), path


def test_importing_mint_is_cheap():
    code = "import sys, mint; print(sorted({'torch', 'cv2', 'gradio', 'scipy', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_app_is_short():
    app = ROOT / "app.py"
    if app.is_file():
        assert len(app.read_text(encoding="utf-8").splitlines()) <= 40
