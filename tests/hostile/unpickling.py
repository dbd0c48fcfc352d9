"""Every way to run code from a file that a module's source has, whatever the names that it gives to things."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

PICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
OWNERS = {"torch", "numpy", "yaml", "pandas"}
ALWAYS = {
    *(f"yaml.{name}" for name in ("load", "load_all", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all")),
    "torch.jit.load", "torch.hub.load", "torch.package.PackageImporter", "pandas.read_pickle",
}  # fmt: skip
# Safe with this keyword at this value, and with no other; the default says what it is without. Positions count from 0.
SAFE: Mapping[str, tuple[str, bool, bool, int | None]] = {
    "torch.load": ("weights_only", True, False, None),
    "torch.serialization.load": ("weights_only", True, False, None),
    "numpy.load": ("allow_pickle", False, True, 2),
    "numpy.save": ("allow_pickle", False, True, 2),
    "numpy.lib.format.read_array": ("allow_pickle", False, True, 1),
    "numpy.lib.npyio.NpzFile": ("allow_pickle", False, True, 2),
}
# Every way has one of these words in it; a module without them need not be parsed.
WORDS = re.compile(
    "|".join([*PICKLERS, *(name.split(".")[-1] for name in (*ALWAYS, *SAFE)), r"import\s*\(?\s*\*"])
)  # fmt: skip


def unpickling(source: str) -> set[str]:
    """Imports of a pickler, and uses of what may unpickle, by its own name.

    Args:
        source: of a module.
    """
    if not WORDS.search(source):
        return set()
    tree = ast.parse(source)
    names = _names(tree)
    nodes = list(ast.walk(tree))
    called = {id(node.func): node for node in nodes if isinstance(node, ast.Call)}
    found = set(_imports(nodes, names))
    for node in nodes:
        name = _full(node, names)
        if name in ALWAYS:
            found.add(name)
        elif name in SAFE and not _safe(called.get(id(node)), *SAFE[name]):
            found.add(f"{name} with {SAFE[name][0]}")
    return found


def _names(tree: ast.AST) -> dict[str, str]:
    """What the module calls something, to its own name; also by assignment, as often as it is passed on."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for _ in range(3):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and (full := _full(node.value, names)).split(".")[0] in OWNERS:
                names |= {target.id: full for target in node.targets if isinstance(target, ast.Name)}
    return names


def _full(node: ast.AST, names: Mapping[str, str]) -> str:
    """The own name of what an expression reaches by names and dots, or by ``getattr``; empty for any other."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = _full(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) > 1
    ):
        owner, told = _full(node.args[0], names), node.args[1]
        return f"{owner}.{told.value}" if owner and isinstance(told, ast.Constant) else ""
    return ""


def _imports(nodes: list[ast.AST], names: Mapping[str, str]) -> Iterator[str]:
    for node in nodes:
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
            if node.names[0].name == "*" and modules[0].split(".")[0] in OWNERS:
                yield f"from {modules[0]} import *"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            by_name = (
                getattr(node.func, "id", "") == "__import__" or _full(node.func, names) == "importlib.import_module"
            )
            modules = [str(node.args[0].value)] if by_name else []
        yield from (f"import {name}" for name in modules if name.split(".")[0] in PICKLERS)


def _safe(call: ast.Call | None, keyword: str, value: bool, default: bool, position: int | None) -> bool:
    """Whether a call says, for all to see, that it will not unpickle; what is only passed on does not."""
    if call is None or any(word.arg is None for word in call.keywords):
        return False
    if position is not None and len(call.args) > position:
        return isinstance(call.args[position], ast.Constant) and call.args[position].value is value  # type: ignore[attr-defined]
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    said = [word.value for word in call.keywords if word.arg == keyword]
    return all(isinstance(word, ast.Constant) and word.value is value for word in said) if said else default
