"""What gradio does not need for a page is imported when somebody asks for it, and is then what it always is."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import textwrap
from functools import partial
from types import ModuleType

import pytest

from mint.ui.gradio_import import ASKED_FOR, LATE, LateName, imported_late

HEAVY = (
    "pandas",
    "huggingface_hub.hf_api",
    "gradio.cli",
    "gradio.external",
    "gradio.workflow",
    "pydantic.v1",
    "tqdm",
    "yaml",
)
ASKED = """
import json, sys
LEAN
there = sorted(set(HEAVY) & set(sys.modules))
def named(value):
    return f"{value.__module__}:{value.__qualname__}"
import gradio_client, httpx
from gradio import deploy
from huggingface_hub import HfApi
import gradio.cli.commands, gradio.external, gradio_client.client, pandas.core.frame
try:
    gradio.nothing_of_the_kind
except AttributeError as error:
    words = str(error)
frame = pandas.DataFrame({"a": [1, 2]})
described = gradio.routes.App.create_app(gradio.Blocks()).openapi()
print(json.dumps({
    "there": there,
    "words": words,
    "names": [named(each) for each in (
        gradio.load, gradio.load_chat, gradio.load_openapi, gradio.Workflow, gradio_client.Client, deploy, HfApi,
    )],
    "modules": [gradio.cli.__name__, gradio.external.__file__, gradio.workflow.__file__, gradio.cli.commands.__file__],
    "same": [gradio.external.load is gradio.load, gradio.caching.pd.DataFrame is pandas.DataFrame,
             isinstance(gradio.history.HfApi(), HfApi), gradio.cli.deploy is gradio.deploy],
    "hash": gradio.caching.cache_hash(frame),
    "command": httpx.main.name,
    "dir": sorted(name for name in gradio.__all__ if not hasattr(gradio, name)),
    "described": described,
}))
"""


def asked(how: str) -> dict[str, object]:
    code = ASKED.replace("LEAN", textwrap.dedent(how)).replace("HEAVY", repr(HEAVY))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_what_comes_late_is_what_gradio_comes_with() -> None:
    late = asked("from mint.ui.gradio_import import lean_import\nwith lean_import():\n    import gradio")
    plain = asked("import gradio")
    assert not late.pop("there")
    assert set(plain.pop("there")) > {"pandas", "huggingface_hub.hf_api", "gradio.cli"}  # type: ignore[call-overload]
    assert late == plain


def test_there_is_everything_that_comes_late() -> None:
    for module, names in LATE.items():
        there = importlib.import_module(module)
        assert [name for name in names if not hasattr(there, name)] == []
    for name in ASKED_FOR:
        own = getattr(sys.modules[name], "__getattr__", None)
        assert own is None or isinstance(own, partial), f"{name} has one of its own, which would be lost"


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that comes late, and is not there."""
    monkeypatch.setattr("mint.ui.gradio_import.LATE", {"colorsys": ("hls_to_rgb",)})
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    return "colorsys"


def test_a_name_brings_its_module_when_it_is_called(late: str) -> None:
    with imported_late():
        from colorsys import hls_to_rgb

        assert isinstance(hls_to_rgb, LateName)
        assert type(sys.modules[late]) is not ModuleType
    assert late not in sys.modules
    assert hls_to_rgb(0.5, 0.5, 0) == (0.5, 0.5, 0.5)
    assert type(sys.modules[late]) is ModuleType


def test_anything_else_that_is_asked_brings_it_at_once(late: str) -> None:
    with imported_late():
        import colorsys as stood_in
        from colorsys import ONE_THIRD

        assert round(ONE_THIRD, 3) == 0.333
        assert type(sys.modules[late]) is ModuleType
    assert round(stood_in.ONE_SIXTH, 3) == 0.167
    assert type(sys.modules[late]) is ModuleType, "the one that came stays"


def test_a_name_is_no_type_and_says_so(late: str) -> None:
    with imported_late():
        from colorsys import hls_to_rgb
    with pytest.raises(TypeError):
        isinstance(1, hls_to_rgb)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        hls_to_rgb.nothing_of_the_kind()  # type: ignore[attr-defined]


def test_what_is_there_already_stays(late: str) -> None:
    import colorsys

    with imported_late():
        from colorsys import hls_to_rgb
    assert hls_to_rgb is colorsys.hls_to_rgb
    assert sys.modules[late] is colorsys


def test_a_module_that_is_not_installed_is_missed_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.ui.gradio_import.LATE", {"no_such_module_here": ("name",)})
    with imported_late(), pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_module_here")
