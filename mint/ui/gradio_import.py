"""Import gradio without what a page that is served never reads, which takes half of the time of its import.

Whenever gradio is imported, it renders the docstring of every event and a file of type hints for editors, builds models of an
API description that nobody asks for, and reads the machine's certificates for each of several clients.
"""

from __future__ import annotations

import functools
import gc
import ssl
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from operator import attrgetter
from types import ModuleType

NAMES_REPLACED: Mapping[str, str] = {
    "gradio.component_meta:create_or_modify_pyi": "writes a component's type stub",
    "gradio.events:EventListener.set_doc": "renders the docstring of an event",
}
BUILT_LATER = ("fastapi.openapi.models",)  # modules of pydantic models, which are then built when one is first used


@contextmanager
def lean_import() -> Iterator[None]:
    """Let gradio make nothing that is not served when it is imported in here; one that was imported before stays as it is."""
    finder = _Finder()
    with ExitStack() as stack:
        sys.meta_path.insert(0, finder)
        stack.callback(sys.meta_path.remove, finder)
        stack.enter_context(_certificates_once())
        yield


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Let nobody look for cycles while what is made in here stays anyway, as modules and the page do; it takes an eighth of the time.

    Python's collector leaves them alone afterwards, too.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


@contextmanager
def _certificates_once() -> Iterator[None]:
    """Give clients that want the same certificates one context: reading them takes 50 ms."""
    create = ssl.create_default_context
    ssl.create_default_context = functools.cache(create)  # type: ignore[assignment]
    try:
        yield
    finally:
        ssl.create_default_context = create


class _Finder(MetaPathFinder):
    """Find the modules that are changed as Python does, and load them changed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        replaced = [name.partition(":")[2] for name in NAMES_REPLACED if name.startswith(f"{fullname}:")]
        if not replaced and fullname not in BUILT_LATER:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Changed(spec.loader, replaced)
        return spec


class _Changed(Loader):
    """Load a module as another loader does, then take functions away."""

    def __init__(self, loader: Loader, replaced: Sequence[str]) -> None:
        self._loader, self._replaced = loader, replaced

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with _models_built_later(module.__name__):
            self._loader.exec_module(module)
        for name in self._replaced:
            owner, _, function = name.rpartition(".")
            setattr(attrgetter(owner)(module) if owner else module, function, _make_none)
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader  # whoever asks for its source later gets an answer


@contextmanager
def _models_built_later(name: str) -> Iterator[None]:
    from pydantic import BaseModel  # after the address answers: it is no small import

    if name not in BUILT_LATER:
        yield
        return
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]


def _make_none(*given: object, **named: object) -> None:
    """Make nothing."""
