"""The house keeps its order: read from the syntax trees, so that a lazy import counts as well."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from mint.evidence.score_table import (
    CALIBRATION,
    OPENPEOPLE,
    OUTSIDERS,
    REAL,
    SIBLINGS,
    TRAINING,
    VALIDATION,
)
from tests.architecture import (
    DOORS,
    FACES,
    FILES,
    MODULES,
    ROOT,
    RULES,
    WITHOUT_HEAVY,
    Module,
    detail,
    imported_at_once,
    is_heavy,
    is_within,
    place_of,
    places,
    rooms,
    row_of,
    short,
)

MOST_LINES = 350
MOST_FILES = 13
PICKLERS = {"pickle", "dill", "cloudpickle", "shelve"}
DRAWERS = {"utils", "util", "helpers", "helper", "manager", "handler", "common", "misc"}


def place(path: Path, line: int = 1) -> str:
    """A file and a line of it, as an editor opens it."""
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def at(module: Module, node: ast.AST) -> str:
    return place(module.path, getattr(node, "lineno", 1))


def no(offenders: Iterable[str]) -> None:
    """Fail with one line for each place where a rule is broken."""
    if found := list(offenders):
        pytest.fail("\n".join(found), pytrace=False)


def test_there_is_something_to_read():
    assert len(FILES) > 20
    assert MODULES["mint.vision.faces"].modules.keys() >= {"mint.errors", "mint.types"}


@pytest.mark.parametrize("rule", RULES)
def test_every_module_has_a_place_in_the_house(rule: str):
    no(
        f"{place(module.path)}: {name} has no place in {rule} yet: give it one in RULES"
        for name, module in MODULES.items()
        if is_within(name, rule) and not module.is_init and row_of(name, rule) is None
    )


@pytest.mark.parametrize("rule", RULES)
def test_imports_run_downwards(rule: str):
    rows = {name: row_of(name, rule) for name in MODULES if name not in FACES}
    no(
        f"{place(module.path, line)}: {name} imports {other} from above"
        for name, module in MODULES.items()
        for other, line in module.modules.items()
        if (here := rows.get(name)) is not None and (there := rows.get(other)) is not None and there > here
    )


@pytest.mark.parametrize("start", WITHOUT_HEAVY)
def test_an_answer_imports_nothing_heavy(start: str):
    ways = imported_at_once(start)
    assert ways
    no(
        f"{place(MODULES[name].path, imported.line)}: imports {imported.name} at once; {start} comes here by {' > '.join(way)}"
        for name, way in ways.items()
        for imported in MODULES[name].at_once
        if is_heavy(imported.name)
        or imported.name in ("mint.auditors.build", "mint.auditors.specs", "mint.auditors.AUDITOR_KINDS")
    )


def test_what_is_imported_at_once_is_told_from_what_is_imported_later():
    assert {i.name for i in MODULES["mint.auditors.base"].at_once} >= {"torch", "torch.Tensor"}
    assert not any(i.name.startswith("torch") for i in MODULES["mint.auditors.panel"].at_once)
    assert any(i.name == "torch" for i in MODULES["mint.auditors.panel"].imports)


def test_no_import_is_relative():
    no(
        f"{place(module.path, imported.line)}: imports relatively"
        for module in MODULES.values()
        for imported in module.imports
        if imported.dots
    )


def test_no_two_modules_need_each_other():
    straight({name: {*module.modules} for name, module in MODULES.items() if name not in FACES})


def test_no_two_rooms_need_each_other():
    straight(places())


def straight(graph: dict[str, set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]), pytrace=False)


def test_some_packages_have_few_doors():
    no(
        f"{place(module.path, imported.line)}: {package} is for {', '.join(doors) or 'nobody'}, not for {name}"
        for name, module in MODULES.items()
        for imported in module.imports
        if (doors := DOORS.get(package := imported.name.split(".")[0])) is not None
        and not any(is_within(name, door) for door in doors)
    )


def test_the_lab_is_not_needed_to_audit():
    # The extra `lab` is not installed with `pip install .`; the shell imports it when one of its commands runs.
    no(
        f"{place(module.path, line)}: {name} needs {other}, which is of the lab"
        for name, module in MODULES.items()
        if not is_within(name, "mint.lab") and not is_within(name, "mint.cli")
        for other, line in module.modules.items()
        if is_within(other, "mint.lab")
    )


def test_rooms_are_neither_full_nor_empty():
    no(
        f"{room.replace('.', '/')}: {len(files)} files; a room has two to {MOST_FILES}"
        for room, files in rooms().items()
        if not 2 <= len(files) <= MOST_FILES
    )


def test_files_stay_small():
    lengths = {module.path: len(module.text.splitlines()) for module in MODULES.values()}
    no(
        f"{place(path, MOST_LINES)}: {lines} lines, more than {MOST_LINES}"
        for path, lines in lengths.items()
        if lines > MOST_LINES
    )


def test_a_number_s_name_means_one_thing():
    # A limit is looked up by its name: two of one name in two files are two meanings, or one that stands twice. The drawings of
    # page and report name their lengths alike.
    homes: dict[str, set[str]] = {}
    for name, module in MODULES.items():
        if not is_within(name, "mint.ui") and not is_within(name, "mint.report.render"):
            for constant in numbers(module.tree):
                homes.setdefault(constant, set()).add(name)
    assert len(homes) > 100
    no(f"{constant}: in {', '.join(sorted(found))}" for constant, found in homes.items() if len(found) > 1)


def numbers(tree: ast.Module) -> Iterator[str]:
    """The names of the numbers that a file gives a name to at its top."""
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        pairs = [(node.targets[0], node.value)]
        if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(node.targets[0].elts, node.value.elts, strict=True))
        for target, value in pairs:
            plain = not [
                n
                for n in ast.walk(value)
                if not isinstance(n, ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop)
            ]
            number = plain and not [
                n for n in ast.walk(value) if isinstance(n, ast.Constant) and not isinstance(n.value, int | float)
            ]
            if isinstance(target, ast.Name) and target.id.isupper() and number:
                yield target.id


def test_scores_are_asked_for_by_one_vocabulary():
    # Splits and kinds of pictures. Rows of reports have members, people and test photos of their own, so that these words may stand.
    words = {TRAINING, VALIDATION, CALIBRATION, SIBLINGS, OUTSIDERS, OPENPEOPLE, REAL}
    no(
        f"{at(module, node)}: {word!r} in place of a name of mint.evidence.score_table"
        for module in MODULES.values()
        for node in module.nodes
        if (word := asked_by(node)) in words
    )


def asked_by(node: ast.AST) -> object:
    """The constant that something is asked for by: ``x["word"]``, ``x.get("word")``, ``x.pop("word")``."""
    if isinstance(node, ast.Subscript):
        key = node.slice
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("get", "pop")
        and node.args
    ):
        key = node.args[0]
    else:
        return None
    return key.value if isinstance(key, ast.Constant) else None


def test_no_error_is_swallowed():
    no(what for module in MODULES.values() for what in swallowed(module))


def swallowed(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if not isinstance(node, ast.ExceptHandler):
            continue
        if node.type is None:
            yield f"{at(module, node)}: a bare except"
            continue
        broad = any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in ast.walk(node.type))
        if broad and all(isinstance(line, ast.Pass) for line in node.body):
            yield f"{at(module, node)}: whatever went wrong is passed over"


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
                yield f"{at(module, node)}: torch.load without weights_only=True"


def test_no_drawer_for_odds_and_ends():
    no(f"{place(path)}: a name that says nothing" for path in FILES if path.stem in DRAWERS)


def test_functions_are_told_what_they_do():
    # In the imperative: what begins with one of these is a noun or a question, which a property may be.
    nouns = {
        "A",
        "All",
        "An",
        "How",
        "One",
        "Several",
        "The",
        "This",
        "Two",
        "What",
        "Where",
        "Whether",
        "Which",
        "Who",
    }
    no(
        f"{at(module, node)}: {node.name} does not begin with what it does: {told[:60]}"
        for module in MODULES.values()
        for node in module.nodes
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not {"property", "cached_property"} & {ast.unparse(decorator) for decorator in node.decorator_list}
        and (told := ast.get_docstring(node) or "").split(" ")[0].rstrip(",:") in nouns
    )


def test_every_module_says_what_it_is():
    no(f"{place(module.path)}: no docstring" for module in MODULES.values() if not ast.get_docstring(module.tree))


def test_importing_mint_is_cheap():
    code = (
        "import sys, mint, mint.lab; "
        "print(sorted({'torch', 'cv2', 'gradio', 'scipy', 'PIL', 'sklearn', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_what_a_user_imports_is_there():
    """Both in one fresh Python: most of the time is torch's import."""
    code = "".join(
        f"from {package} import *; import {package} as p; print(p.__name__, sorted(set(p.__all__) - set(globals())))\n"
        for package in FACES
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines() == [f"{package} []" for package in FACES]


def test_rooms_within_rooms_have_places_of_their_own():
    assert place_of("mint.lab.store.reader") == "mint.lab.store"
    assert place_of("mint.cli.lab.versions") == "mint.cli.lab"


def test_every_room_says_what_belongs_there_and_shows_its_files():
    for room in {*rooms()} - {"mint"}:
        first, *drawn = detail(room).splitlines()
        assert re.fullmatch(rf"{short(room)}/  .{{20,}}[.?]", first), (
            f"{room}: its docstring begins with one line that ends"
        )
        assert {line.split()[0] for line in drawn if line.startswith("  ")} >= {*rooms()[room]}


def test_a_room_knows_who_imports_it():
    drawn = detail("mint.teaching")
    assert re.search(r"^imports: .*\bjudging\b", drawn, re.M)
    assert re.search(r"^imported by: .*\bui/sessions\b", drawn, re.M)
    apart = detail("mint.cli")
    assert "  main " in apart
    assert "  lab/ " in apart
    assert "  versions " not in apart, "the files of cli/lab stand in a room of their own"


def test_app_is_short():
    app = ROOT / "app.py"
    if app.is_file():
        assert len(app.read_text(encoding="utf-8").splitlines()) <= 40
