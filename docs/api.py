"""Write the API reference from the docstrings: ``python docs/api.py [FOLDER]``, offline, into ``docs/api`` unless told otherwise.

The index begins with the public names of ``mint`` and ``mint.lab``; then comes every module of the package, room by room.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # this checkout, whatever else is installed

import pdoc.doc  # noqa: E402
import pdoc.render  # noqa: E402

import mint  # noqa: E402

PUBLIC = ("mint", "mint.lab")
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>MINT: API reference</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
ul {{ list-style: none; padding: 0; }} a {{ font-family: monospace; }}
</style>
<h1>MINT {version}: API reference</h1>
<h2>Public names</h2><ul>{public}</ul>
<h2>Rooms</h2><ul>{rooms}</ul>
</html>
"""


def modules(packages_only: bool = False) -> list[str]:
    """Names of all modules and packages: the public ones first, then the others in alphabetical order.

    Args:
        packages_only: leave out the modules in packages.
    """
    found = {m.name for m in pkgutil.walk_packages(mint.__path__, "mint.") if m.ispkg or not packages_only}
    return [*PUBLIC, *sorted(found - {*PUBLIC, "mint.__main__"})]


def build(folder: Path, names: Iterable[str]) -> list[str]:
    """Write one HTML page a module, and an index.

    Args:
        folder: gets the pages; made if it is missing.
        names: of modules and packages; a package does not bring its modules.

    Returns:
        What is wrong: modules that cannot be imported, annotations that cannot be resolved, public names that are not
        there.
    """
    pdoc.render.configure(docformat="google", search=False, footer_text=f"MINT {mint.__version__}")
    problems, found = [], {}
    with warnings.catch_warnings(record=True) as told, ExitStack() as afterwards:
        warnings.simplefilter("always")
        for name in names:
            try:
                afterwards.callback(_resolve(name))
                found[name] = pdoc.doc.Module.from_name(name)
            except (ImportError, RuntimeError) as error:
                problems.append(f"{name} cannot be imported: {error}")
        for name, module in found.items():
            # Only pages that are made; pdoc would import all that lies below a package.
            module.submodules = [below for other, below in found.items() if other.rpartition(".")[0] == name]
            page = folder / _address(name)
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(pdoc.render.html_module(module, found), encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(_index(found), encoding="utf-8")
    return problems + [str(warning.message) for warning in told if "pdoc" in Path(warning.filename).parts]


def _resolve(name: str) -> Callable[[], None]:
    """Import what a module imports on first use only, because pdoc looks at what is there; returns what undoes it."""
    module = importlib.import_module(name)
    lazy = [p for p in getattr(module, "__all__", ()) if p not in vars(module) and hasattr(module, p)]
    for public in lazy:
        setattr(module, public, getattr(module, public))

    def undo() -> None:
        for public in lazy:
            delattr(module, public)

    return undo


def _index(found: Mapping[str, pdoc.doc.Module]) -> str:
    """Every page with the first line of its docstring."""
    public = [
        (f"{name}.{member.name}", f"{_address(name)}#{member.name}", member.docstring)
        for name in PUBLIC
        if name in found and hasattr(found[name].obj, "__all__")
        for member in found[name].members.values()
        if not member.name.startswith("_")
    ]
    rooms = [(name, _address(name), module.docstring) for name, module in found.items()]
    return PAGE.format(version=mint.__version__, public=_list(public), rooms=_list(rooms))


def _list(rows: Iterable[tuple[str, str, str]]) -> str:
    return "".join(
        f'\n<li><a href="{escape(address)}">{escape(name)}</a> {escape(text.partition(chr(10))[0])}</li>'
        for name, address, text in rows
    )


def _address(name: str) -> str:
    return f"{name.replace('.', '/')}.html"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "api"
    wrong = build(target, modules())
    print("\n".join([*wrong, f"API reference: {target / 'index.html'}"]))
    sys.exit(bool(wrong))
