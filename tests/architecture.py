"""The house as its imports draw it: rooms, the rules between them, and the drawing.

``python -m tests.architecture --draw`` prints the rooms on one screen, the highest first; ``--draw lab/store`` prints one of
them with its files, what it imports and who imports it. ``--write`` puts drawing and rooms into ``docs/house.md``. All of it is
the same graph that ``test_architecture.py`` holds to the rules below, lazy imports and imports for types included.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mint"
FILES = sorted(PACKAGE.rglob("*.py"))

# Each rule is a stack of rows, the lowest first. A module imports from its own row or from a lower one, never from a
# higher. A name stands for a module or for a room with all its rooms; the longest name that fits counts.
RULES: Mapping[str, Sequence[Sequence[str]]] = {
    "mint": [
        ["types", "errors", "i18n"],
        ["storage", "ray_pool"],
        ["vision"],
        ["evidence", "networks"],
        ["auditors"],
        ["bundles"],
        ["judging", "gradients", "report", "doctor"],
        ["membership"],
        ["teaching", "lab"],
        ["ui"],
        ["cli"],
        ["__main__"],
    ],
    "mint.networks": [["base"], ["onnx"], [""]],
    "mint.cli": [[""], ["audit"], ["lab", "folder"], ["main"]],
    "mint.report": [["case", "formats", "network", "precision", "render", "results", "sentences"], ["story"], [""]],
    "mint.lab": [
        ["inputs", "twins", "scaling.law"],
        ["controls", "persons"],
        ["store", "evaluation"],
        ["training", "cards"],
        ["twin_bundles", "paper"],
        ["alignment", "scaling", "gradients", "factors", "private", "objects", "active", "versions", "ceiling"],
        [""],
    ],
    "mint.ui": [
        ["html", "examples", "game", "gradio_import", "known_pictures", "loading", "portraits", "server"],
        ["views"],
        ["views.details", "views.play", "views.proof", "views.work"],
        ["sessions", "context"],
        ["early"],
        ["labels"],
        ["components"],
        ["tabs"],
        ["page", "stored_page"],
        ["serve"],
    ],
}

# The large parts of the house: the drawing shows the order within them.
WINGS = ("mint.lab", "mint.ui")
HOUSE = ROOT / "docs" / "house.md"
MARKED = re.compile(r"(<!-- ([a-z ]+): .*?-->)\n.*?\n(<!-- /\2 -->)", re.S)

# Packages of others -> the rooms or modules that may import them.
DOORS: Mapping[str, Sequence[str]] = {
    "cv2": ["mint.vision.opencv"],
    "fsspec": ["mint.lab.inputs", "mint.lab.store"],
    "gradio": ["mint.ui.page", "mint.ui.components", "mint.ui.labels", "mint.ui.tabs", "mint.ui.server"],
    "gradio_client": [],
    "huggingface_hub": ["mint.storage.hub", "mint.lab.cards.metadata"],
    "imagehash": ["mint.lab.twins.pool"],
    "insightface": ["mint.networks.onnx.scrfd"],
    "matplotlib": ["mint.lab.evaluation.plots"],
    "onnx": ["mint.networks", "mint.vision.make_yunet_cells"],
    "onnxruntime": ["mint.networks.onnx.session", "mint.vision.shipped_graph"],
    "opacus": ["mint.lab.private"],
    "pyarrow": ["mint.lab.inputs", "mint.lab.store", "mint.report.answer_parquet"],
    "pytorch_metric_learning": ["mint.lab.twins.losses"],
    "ray": ["mint.ray_pool"],
    "reportlab": ["mint.report.render"],
    "sklearn": ["mint.lab"],
    "starlette": ["mint.ui.early", "mint.ui.page", "mint.ui.server"],
    "uvicorn": ["mint.ui.early"],
}


# Nothing that these import as they are imported is one of these packages, or lies in one: an answer from a shipped graph needs
# none of them. Of SciPy it needs ``special`` alone.
HEAVY = (
    "gradio", "huggingface_hub", "jinja2", "matplotlib", "onnx", "pandas", "ray", "scipy", "sklearn", "torch", "torchvision",
)  # fmt: skip
WITHOUT_HEAVY = (
    "mint.cli.main", "mint.cli.audit.command", "mint.membership", "mint.bundles.graph", "mint.judging", "mint.report",
)  # fmt: skip


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

    @cached_property
    def at_once(self) -> list[Import]:
        """What is imported as soon as the file is: neither in a function nor for types only."""
        found: list[Import] = []
        waiting = list(self.tree.body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                waiting += node.orelse
                continue
            if isinstance(node, ast.Import):
                found += [Import(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [Import(f"{node.module}.{alias.name}", node.lineno, node.level) for alias in node.names]
            waiting += [
                child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.excepthandler)
            ]
        return found

    @property
    def is_init(self) -> bool:
        return self.path.name == "__init__.py"


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def module_of(imported: str) -> str | None:
    """The module of this project that an imported name lies in, if any."""
    while imported and imported not in MODULES:
        imported = imported.rpartition(".")[0]
    return imported or None


MODULES = {name_of(path): Module(path) for path in FILES}
# What a user imports lazily from ``mint`` and ``mint.lab`` lies above: these two are no part of the graph.
FACES = ("mint", "mint.lab")


def is_heavy(name: str) -> bool:
    """Whether a module is one of ``HEAVY`` or lies in one."""
    return any(name == heavy or name.startswith(f"{heavy}.") for heavy in HEAVY)


def imported_at_once(start: str) -> dict[str, list[str]]:
    """Every module of the project that importing a module or a room imports, and the way to it."""
    ways = {name: [name] for name in MODULES if is_within(name, start)}
    waiting = list(ways)
    while waiting:
        name = waiting.pop()
        parents = [name.rsplit(".", up)[0] for up in range(1, name.count(".") + 1)]
        for other in (*parents, *filter(None, (module_of(i.name) for i in MODULES[name].at_once))):
            if other in MODULES and other not in ways:
                ways[other] = [*ways[name], other]
                waiting.append(other)
    return ways


def room_of(name: str) -> str:
    """The folder of a module, dotted."""
    return name if MODULES[name].is_init else name.rpartition(".")[0]


def rooms() -> dict[str, list[str]]:
    """Room -> its files, ``__init__`` left out."""
    found: dict[str, list[str]] = {}
    for name, module in MODULES.items():
        if not module.is_init:
            found.setdefault(room_of(name), []).append(name.rpartition(".")[2])
    return found


def is_within(name: str, place: str) -> bool:
    return f"{name}.".startswith(f"{place}.")


def row_of(name: str, rule: str) -> int | None:
    """How high a module stands under a rule; None for one without a place there."""
    places = {f"{rule}.{p}" if p else rule: row for row, names in enumerate(RULES[rule]) for p in names}
    fitting = [place for place in places if is_within(name, place)]
    return places[max(fitting, key=len)] if fitting else None


def place_of(name: str) -> str:
    """The smallest part of the house that the rules name and a module is in: what the drawing draws."""
    places = [f"{rule}.{p}" if p else rule for rule, rows in RULES.items() for names in rows for p in names]
    fitting = [place for place in places if is_within(name, place)]
    return max(fitting, key=len) if fitting else name


def places() -> dict[str, set[str]]:
    """Place -> the places that its modules import: the graph of the house, folded."""
    found: dict[str, set[str]] = {}
    for name, module in MODULES.items():
        if name in FACES:
            continue
        here = found.setdefault(place_of(name), set())
        here |= {place_of(other) for other in module.modules if other not in FACES}
    return {place: others - {place} for place, others in found.items()}


def purpose(name: str) -> str:
    """The first line of a room's or a module's docstring: what belongs there."""
    return (ast.get_docstring(MODULES[name].tree) or "").partition("\n")[0].replace("``", "`")


def storeys(rule: str) -> list[list[str]]:
    """The rooms and modules that a rule names, storey by storey, the highest first."""
    return [[f"{rule}.{name}" for name in row if name] for row in reversed(RULES[rule]) if any(row)]


def overview(width: int = 118) -> str:
    """The house on one screen: its rooms from the top with what each is for, and the order within the large ones."""
    lines = ["mint/ from the top. A room imports from lower storeys, or from its own, never from a higher one.", ""]
    for number, names in zip(range(len(RULES["mint"]), 0, -1), storeys("mint"), strict=True):
        for name in names:
            lines.append(f"{number if name == names[0] else '':>2} {tail(name):11} {purpose(name)}")
            if name in WINGS:
                order = " ▸ ".join(" ".join(short(room, name) for room in row) for row in storeys(name))
                lines += textwrap.wrap(order, width, initial_indent=" " * 15, subsequent_indent=" " * 15)
            elif inner := [short(room) for room in rooms() if room.startswith(f"{name}.")]:
                lines.append(f"{'':14} In it: {', '.join(inner)}")
    return "\n".join(lines)


@cache
def imported_rooms() -> dict[str, set[str]]:
    """Module -> the rooms that it imports, its own and ``mint`` left out."""
    return {name: {*map(room_of, module.modules)} - {"mint", room_of(name)} for name, module in MODULES.items()}


def detail(room: str) -> str:
    """One room: what it is for, its files, the rooms in it, what it imports and who imports it."""
    files = [name for name, module in MODULES.items() if not module.is_init and room_of(name) == room]
    graph = imported_rooms()
    lines = [f"{short(room)}/  {purpose(room)}", ""]
    lines += [f"  {tail(name):24} {purpose(name)}" for name in files]
    lines += [f"  {tail(name) + '/':24} {purpose(name)}" for name in rooms() if name.rpartition(".")[0] == room]
    imports = {other for name in files for other in graph[name]}
    users = {room_of(name) for name, others in graph.items() if room in others}
    for told, found in (("imports", imports), ("imported by", users)):
        line = f"{told}: {'  '.join(sorted(map(short, found))) or 'no other room'}"
        lines += ["", *textwrap.wrap(line, 118, subsequent_indent="  ")]
    return "\n".join(lines)


def page(text: str) -> str:
    """The page of the house with its marked parts made anew. Raises KeyError for a part that is not known."""
    inner = {
        room: next((wing for wing in WINGS if is_within(room, wing)), "") for room in rooms() if room.count(".") > 1
    }
    parts = {"house": f"```text\n{overview()}\n```"}
    for name, wing in (("lab", "mint.lab"), ("ui", "mint.ui"), ("others", "")):
        rows = [f"| `{short(room)}` | {purpose(room)} |" for room in sorted(inner) if inner[room] == wing]
        parts[name] = "\n".join(["| room | what belongs there |", "|---|---|", *rows])
    return MARKED.sub(lambda found: f"{found[1]}\n{parts[found[2]]}\n{found[3]}", text)


def tail(name: str) -> str:
    return name.rpartition(".")[2]


def short(room: str, within: str = "mint") -> str:
    return room.removeprefix(f"{within}.").replace(".", "/")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.architecture", description=__doc__)
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--draw", nargs="?", const="", metavar="ROOM", help="print the house, or one room such as lab/store"
    )
    asked.add_argument("--write", action="store_true", help=f"put the drawing into {HOUSE.relative_to(ROOT)}")
    told = parser.parse_args()
    if told.write:
        HOUSE.write_text(page(HOUSE.read_text(encoding="utf-8")), encoding="utf-8")
        return
    room = ".".join(["mint", *filter(None, told.draw.removeprefix("mint/").strip("/").split("/"))])
    if told.draw and room not in {*rooms(), "mint.lab"}:
        sys.exit(f"There is no room {told.draw}. Rooms: {' '.join(sorted(map(short, rooms())))}")
    print(detail(room) if told.draw else overview())


if __name__ == "__main__":
    main()
