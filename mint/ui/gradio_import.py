"""Import gradio without the type stubs that it writes, which take half of the time of its import.

Whenever gradio is imported, every component's source is read, parsed and rendered into a file of type hints for editors, which
is compared with the one that lies beside it. A page that is served needs none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

MODULE = "gradio.component_meta"
NAMES_REPLACED: Mapping[str, str] = {"gradio.component_meta.create_or_modify_pyi": "writes a component's type stub"}


@contextmanager
def without_stubs() -> Iterator[None]:
    """Let gradio write no type stubs when it is imported in here; one that was imported before stays as it is."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Find the module that writes stubs as Python does, and load it changed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Changed(spec.loader)
        return spec


class _Changed(Loader):
    """Load a module as another loader does, then take its function away."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        module.__dict__["create_or_modify_pyi"] = _write_none
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader  # whoever asks for its source later gets an answer


def _write_none(component: type, name: str, events: Sequence[object]) -> None:
    """Write no stub."""
