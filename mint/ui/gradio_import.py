"""Import gradio without what a page that is served never reads, which takes two thirds of the time of its import.

Whenever gradio is imported, it renders the docstring of every event and a file of type hints for editors, builds models of an
API description that nobody asks for, and reads the machine's certificates for each of several clients. It also imports pandas,
its own command line and the Hub's client for other kinds of page. Something stands in for these meanwhile, of which functions are
left that hand a call on: whoever imports such a module later gets it as it comes, and so does whoever asks gradio for its names.
"""

from __future__ import annotations

import functools
import gc
import importlib
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from operator import attrgetter
from types import ModuleType
from typing import Any, Union

NAMES_REPLACED: Mapping[str, str] = {
    "gradio.component_meta:create_or_modify_pyi": "writes a component's type stub",
    "gradio.events:EventListener.set_doc": "renders the docstring of an event",
}
V1 = "pydantic.v1"  # FastAPI imports it, which takes 25 ms, to learn that nobody's class is one of its models
NAMES_ASKED_LATER = (
    "fastapi._compat.shared:is_pydantic_v1_model_class",
    "fastapi._compat.shared:is_pydantic_v1_model_instance",
)
BUILT_LATER = ("fastapi.openapi.models",)  # modules of pydantic models, which are then built when one is first used
# Module to the functions and classes that are imported from it by name. Whatever else is asked of it brings it at once.
LATE: Mapping[str, Sequence[str]] = {
    "gradio.cli": ("deploy",),
    "gradio.external": ("load", "load_chat", "load_openapi"),
    "gradio.workflow": ("Workflow",),
    "gradio_client.client": ("Client",),
    "hf_gradio.cli": ("_condense_info", "generate_cli_snippet"),
    "httpx._main": ("main",),
    "huggingface_hub._commit_api": ("CommitOperationAdd",),
    "huggingface_hub.hf_api": ("HfApi", "whoami"),
    "huggingface_hub.utils._auth": ("get_token",),
    "huggingface_hub.utils._telemetry": ("_send_telemetry_in_thread",),
    "pandas": (),
}
ASKED_FOR = ("gradio", "gradio_client")  # packages that hand out their names: from them what was meant, and no function


@contextmanager
def lean_import() -> Iterator[None]:
    """Let gradio make nothing that is not served when it is imported in here; one that was imported before stays as it is."""
    finder = _Finder()
    with ExitStack() as stack:
        sys.meta_path.insert(0, finder)
        stack.callback(sys.meta_path.remove, finder)
        stack.enter_context(certificates_once())
        stack.enter_context(imported_late())
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
def certificates_once() -> Iterator[None]:
    """Give clients that want the same certificates one context: reading them takes 50 ms."""
    create = ssl.create_default_context
    ssl.create_default_context = functools.cache(create)  # type: ignore[assignment]
    try:
        yield
    finally:
        ssl.create_default_context = create


@contextmanager
def imported_late() -> Iterator[None]:
    """Let what is imported in here get stand-ins for the modules above, unless they are there already."""
    finder = _LateFinder()
    before = set(sys.modules)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.made:
            _take_away(finder.made[name])
        for name in set(ASKED_FOR) - before & set(sys.modules):
            _ask_later(sys.modules[name])


class _Finder(MetaPathFinder):
    """Find the modules that are changed as Python does, and load them changed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        named = (*NAMES_REPLACED, *NAMES_ASKED_LATER)
        replaced = [name.partition(":")[2] for name in named if name.startswith(f"{fullname}:")]
        if not replaced and fullname not in BUILT_LATER:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Changed(spec.loader, replaced)
        return spec


class _Changed(Loader):
    """Load a module as another loader does, then put others in the place of functions."""

    def __init__(self, loader: Loader, replaced: Sequence[str]) -> None:
        self._loader, self._replaced = loader, replaced

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with _models_built_later(module.__name__):
            self._loader.exec_module(module)
        for name in self._replaced:
            owner, _, function = name.rpartition(".")
            place = attrgetter(owner)(module) if owner else module
            asked = f"{module.__name__}:{name}" in NAMES_ASKED_LATER
            setattr(place, function, _no_before_v1(getattr(place, function)) if asked else _make_none)
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


def _no_before_v1(ask: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Let a question about pydantic's first version be answered with no as long as nobody has imported that."""

    @functools.wraps(ask)
    def answer(value: Any) -> bool:
        return V1 in sys.modules and ask(value)

    return answer


def _make_none(*given: object, **named: object) -> None:
    """Make nothing."""


class LateName:
    """A function or class that is imported when it is called, or asked for something."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def meant(self) -> Any:
        """Import it."""
        return getattr(_meant(self._module), self._name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self.meant()(*given, **named)

    def __getattr__(self, name: str) -> Any:
        if _is_asked_of_all(name):
            raise AttributeError(name)
        return getattr(self.meant(), name)

    def __or__(self, other: Any) -> Any:  # as in an annotation
        return Union[self, other]  # noqa: UP007 - which would ask this again

    def __ror__(self, other: Any) -> Any:
        return Union[other, self]  # noqa: UP007


class _StandIn(ModuleType):
    """In the place of a module of which only names were asked so far."""

    def __getattr__(self, name: str) -> Any:
        if name in LATE[self.__name__]:
            return LateName(self.__name__, name)
        if _is_asked_of_all(name):
            raise AttributeError(name)
        return getattr(_meant(self.__name__), name)


class _LateFinder(MetaPathFinder, Loader):
    """Find what is imported late, and make stand-ins for it.

    Attributes:
        made: the stand-ins, by name.
    """

    def __init__(self) -> None:
        self.made: dict[str, _StandIn] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in LATE or fullname in self.made:  # the second time it is meant
            return None
        found = PathFinder.find_spec(fullname, path, target)
        return found and ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        made = self.made[spec.name] = _StandIn(spec.name)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""


def _is_asked_of_all(name: str) -> bool:
    """Return whether Python asks this of everything, as ``inspect`` and ``typing`` do, and takes no for an answer."""
    return name.startswith("__") and name != "__all__"


def _meant(name: str) -> ModuleType:
    """Import a module, also while something stands in for it."""
    there = sys.modules.get(name)
    if isinstance(there, _StandIn):
        _take_away(there)
    return importlib.import_module(name)


def _take_away(stand_in: ModuleType) -> None:
    """Make room for the module that is meant."""
    name = stand_in.__name__
    if sys.modules.get(name) is stand_in:
        del sys.modules[name]
    package, _, last = name.rpartition(".")
    around = vars(sys.modules[package]) if package in sys.modules else {}
    if around.get(last) is stand_in:
        del around[last]


def _ask_later(package: ModuleType) -> None:
    """Let a package import names of its own when somebody asks for them."""
    names = {name: value for name, value in vars(package).items() if isinstance(value, LateName)}
    for name in names:
        delattr(package, name)
    package.__getattr__ = functools.partial(_asked, package, names)  # type: ignore[method-assign]


def _asked(package: ModuleType, names: Mapping[str, LateName], name: str) -> Any:
    if name not in names and f"{package.__name__}.{name}" not in LATE:
        raise AttributeError(f"module {package.__name__!r} has no attribute {name!r}")
    meant = names[name].meant() if name in names else _meant(f"{package.__name__}.{name}")
    setattr(package, name, meant)
    return meant
