"""Gradio is imported without its type stubs, and is the same but for that."""

from __future__ import annotations

import subprocess
import sys

import gradio.component_meta

from mint.ui.gradio_import import MODULE, NAMES_REPLACED, without_stubs

CODE = """
import ast, pathlib, sys
from mint.ui.gradio_import import MODULE, without_stubs
parsed, written = [], []
parse, write = ast.parse, pathlib.Path.write_text
def parsing(source, *more, **named):
    parsed.append(source)
    return parse(source, *more, **named)
def writing(path, *more, **named):
    written.append(path)
    return write(path, *more, **named)
ast.parse, pathlib.Path.write_text = parsing, writing
before = list(sys.meta_path)
with without_stubs():
    import gradio
assert sys.meta_path == before
sources = [source for source in parsed if isinstance(source, str) and "class Textbox" in source]
import inspect
print(len(sources), len([path for path in written if path.suffix == ".pyi"]))
print("def create_or_modify_pyi" in inspect.getsource(sys.modules[MODULE]), callable(gradio.Textbox().change))
"""


def test_no_stub_is_written_and_nothing_else_is_missing() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["0 0", "True True"]


def test_gradio_still_has_what_is_replaced() -> None:
    for name in NAMES_REPLACED:
        module, _, function = name.rpartition(".")
        assert module == MODULE
        assert callable(getattr(gradio.component_meta, function))


def test_a_gradio_that_is_there_already_stays_as_it_is() -> None:
    before = gradio.component_meta.create_or_modify_pyi
    with without_stubs():
        import gradio as again
    assert again.component_meta.create_or_modify_pyi is before
