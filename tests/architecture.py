"""The house as its imports draw it: rooms, the rules between them, and the drawing.

``python -m tests.architecture --draw`` prints every room with its files and what it imports, the highest first. It is
the same graph that ``test_architecture.py`` holds to the rules below, lazy imports and imports for types included.
"""

from __future__ import annotations

import argparse
import ast
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    "mint.report": [["case", "network", "precision", "render", "results", "sentences", "versions"], ["story"], [""]],
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


def height(place: str) -> tuple[int, ...]:
    """Where a place stands: its row in the house, then its row in its wing."""
    rules = sorted((rule for rule in RULES if is_within(place, rule)), key=len)
    return tuple(row for rule in rules if (row := row_of(place, rule)) is not None)


def places() -> dict[str, set[str]]:
    """Place -> the places that its modules import: the graph of the house, folded."""
    found: dict[str, set[str]] = {}
    for name, module in MODULES.items():
        if name in FACES:
            continue
        here = found.setdefault(place_of(name), set())
        here |= {place_of(other) for other in module.modules if other not in FACES}
    return {place: others - {place} for place, others in found.items()}


def drawing(width: int = 118) -> str:
    """Every place with its files and its arrows, the highest first, so that all arrows point down."""
    graph = places()
    lines = ["mint/ from the top: every arrow points down."]
    for place in sorted(graph, key=lambda p: (height(p), p), reverse=True):
        files = sorted(
            name.rpartition(".")[2] for name, m in MODULES.items() if not m.is_init and place_of(name) == place
        )
        if not files:
            continue
        below = [short(other) for other in sorted(graph[place], key=lambda p: (height(p), p), reverse=True)]
        upwards = [short(other) for other in sorted(graph[place]) if height(other) > height(place)]
        is_module = place in MODULES and not MODULES[place].is_init
        lines += ["", f"{short(place)}" if is_module else f"{short(place)}/"]
        if not is_module:
            lines += textwrap.wrap(" ".join(files), width, initial_indent="  ", subsequent_indent="  ")
        if below:
            lines += textwrap.wrap("  ".join(below), width, initial_indent="  ▼ ", subsequent_indent="    ")
        if upwards:
            lines.append(f"  ▲ UPWARDS: {'  '.join(upwards)}")
    return "\n".join(lines)


def short(place: str) -> str:
    return place.removeprefix("mint.").replace(".", "/")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.architecture", description=__doc__)
    parser.add_argument("--draw", action="store_true", required=True, help="print the drawing")
    parser.parse_args()
    print(drawing())


if __name__ == "__main__":
    main()
