"""Gradio is imported without what nobody is served, and is the same but for that."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import json
import ssl
import subprocess
import sys
from operator import attrgetter

import gradio.component_meta
import pytest

from mint.ui.gradio_import import BUILT_LATER, NAMES_ASKED_LATER, NAMES_REPLACED, lean_import, nothing_collected

CODE = """
import ast, inspect, json, pathlib, ssl, sys
import jinja2
from mint.ui.gradio_import import NAMES_REPLACED, lean_import
parsed, written, rendered, read = [], [], [], []
parse, write, render, create = ast.parse, pathlib.Path.write_text, jinja2.Template.render, ssl.create_default_context
def noting(what, into):
    def note(*given, **named):
        into.append(given[0] if given else "")
        return what(*given, **named)
    return note
ast.parse, pathlib.Path.write_text = noting(parse, parsed), noting(write, written)
jinja2.Template.render, ssl.create_default_context = noting(render, rendered), noting(create, read)
before, given = list(sys.meta_path), ssl.create_default_context
LEAN
certificates = len(read)
assert sys.meta_path == before and ssl.create_default_context is given
from fastapi import FastAPI
from pydantic import BaseModel
app = FastAPI()
class Asked(BaseModel):
    photo: int
@app.post("/ask")
def ask(asked: Asked) -> Asked:
    return asked
with gradio.Blocks() as page:
    box = gradio.Textbox()
    box.change(str, box, box)
print(json.dumps({
    "sources": len([source for source in parsed if isinstance(source, str) and "class Textbox" in source]),
    "stubs": len([path for path in written if path.suffix == ".pyi"]),
    "docstrings": len(rendered),
    "certificates": certificates,
    "kept": [inspect.getsource(sys.modules[name.partition(":")[0]]).count(name.rpartition(".")[2].rpartition(":")[2]) > 0
             for name in NAMES_REPLACED],
    "described": app.openapi(),
    "deferred": "defer_build" in BaseModel.model_config,
    "page": page.config["dependencies"],
}))
"""


def imported(how: str) -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", CODE.replace("LEAN", how)], capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def lean() -> dict[str, object]:
    return imported("with lean_import():\n    import gradio")


@pytest.fixture(scope="module")
def plain() -> dict[str, object]:
    return imported("import gradio")


def test_nothing_is_made_that_nobody_is_served(lean: dict[str, object]) -> None:
    assert {name: lean[name] for name in ("sources", "stubs", "docstrings")} == dict.fromkeys(
        ("sources", "stubs", "docstrings"), 0
    )
    assert lean["certificates"] == 1
    assert lean["kept"] == [True] * len(NAMES_REPLACED)
    assert not lean["deferred"]
    assert "/ask" in json.dumps(lean["described"]), "what was put off is built when somebody asks for it"


@pytest.mark.full
def test_the_rest_is_as_ever(lean: dict[str, object], plain: dict[str, object]) -> None:
    assert plain["sources"]  # what is counted is there to be counted
    assert plain["docstrings"]
    assert lean["certificates"] < plain["certificates"]  # type: ignore[operator]
    for name in ("kept", "described", "deferred", "page"):
        assert lean[name] == plain[name]


def test_gradio_still_has_what_is_replaced() -> None:
    for name in (*NAMES_REPLACED, *NAMES_ASKED_LATER):
        module, _, function = name.partition(":")
        assert callable(attrgetter(function)(importlib.import_module(module)))
        *owner, written = function.split(".")  # in its source: what is imported may have been replaced
        tree = ast.parse(inspect.getsource(importlib.import_module(module)))
        within = [node for node in tree.body if isinstance(node, ast.ClassDef) and [node.name] == owner] or [tree]
        assert written in [node.name for node in within[0].body if isinstance(node, ast.FunctionDef)]
    for name in BUILT_LATER:
        importlib.import_module(name)


V1 = """
import json, sys
LEAN
before = "pydantic.v1" in sys.modules
from fastapi._compat.shared import (
    annotation_is_pydantic_v1, is_pydantic_v1_model_class as of_class, is_pydantic_v1_model_instance as of_instance,
)
from fastapi.encoders import jsonable_encoder
import pydantic
class New(pydantic.BaseModel):
    photo: int = 1
asked = [of_class(New), of_class(int), of_class("no class"), of_instance(New()), of_instance(1), annotation_is_pydantic_v1(list[New])]
asked.append(jsonable_encoder(New()))
between = "pydantic.v1" in sys.modules
from pydantic.v1 import BaseModel
class Old(BaseModel):
    photo: int = 1
asked += [of_class(Old), of_class(New), of_instance(Old()), of_instance(New()), annotation_is_pydantic_v1(list[Old])]
print(json.dumps({"answers": asked, "brought": [before, between]}))
"""


def test_a_model_of_pydantics_first_version_is_known_as_soon_as_there_can_be_one() -> None:
    answers = {}
    for how in (
        "import fastapi",
        "from mint.ui.gradio_import import lean_import\nwith lean_import():\n    import fastapi",
    ):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", V1.replace("LEAN", how)], capture_output=True, text=True
        )
        assert not done.returncode, done.stderr
        answers[how] = json.loads(done.stdout.splitlines()[-1])
    plain, lean = answers.values()
    assert lean["answers"] == plain["answers"]
    assert plain["brought"][1]
    assert lean["brought"] == [False, False]


def test_a_gradio_that_is_there_already_stays_as_it_is() -> None:
    before = gradio.component_meta.create_or_modify_pyi
    with lean_import():
        import gradio as again
    assert again.component_meta.create_or_modify_pyi is before


def test_contexts_for_other_certificates_are_others() -> None:
    with lean_import():
        assert ssl.create_default_context() is ssl.create_default_context()
        assert ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) is not ssl.create_default_context()
    assert ssl.create_default_context() is not ssl.create_default_context()


def test_the_collector_goes_on_afterwards_and_leaves_what_was_made_alone() -> None:
    try:
        with nothing_collected():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count()
        with pytest.raises(ValueError, match="broken"), nothing_collected():
            raise ValueError("broken")
        assert gc.isenabled()
        gc.disable()
        with nothing_collected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
