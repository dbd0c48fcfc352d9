"""What is private of Gradio is there, and touched in four files; of an upload that is over nothing is remembered."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.routes
import pytest
from gradio.route_utils import FileUploadProgressNotQueuedError, FileUploadProgressNotTrackedError

from mint.ui.server.gradio_patches import (
    RELOADER,
    UNDERWAY,
    EmptySet,
    PageBlocks,
    PassingProgress,
    UnguessableUpload,
    without_apps,
)
from mint.ui.server.programs.models import AuditTool
from tests.architecture import MODULES, Module

NAME = "me-at-the-beach.jpg"


def everything(progress: PassingProgress) -> str:
    return f"{vars(progress)}"


def test_a_list_of_files_stays_empty() -> None:
    files = EmptySet()
    files.add(NAME)
    files.update([NAME], {NAME})
    assert not files


def test_progress_is_told_while_an_upload_lasts_and_its_name_is_gone_with_its_end() -> None:
    progress = PassingProgress()
    progress.append("1", NAME, b"12345")
    progress.append("1", NAME, b"678")
    assert asyncio.run(progress.is_tracked("1"))
    assert not progress.is_done("1")
    unit = progress.pop("1")
    assert (unit.filename, unit.chunk_size) == (NAME, 8)
    progress.append("1", NAME, b"9")
    assert NAME in everything(progress)
    progress.set_done("1")
    assert NAME not in everything(progress)
    assert progress.is_done("1")
    with pytest.raises(FileUploadProgressNotQueuedError):
        progress.pop("1")
    progress.stop_tracking("1")
    with pytest.raises(FileUploadProgressNotTrackedError):
        progress.is_done("1")
    assert not progress._statuses
    assert not progress._signals


def test_uploads_that_nobody_watches_make_room() -> None:
    progress = PassingProgress()
    for number in range(3 * UNDERWAY):
        progress.append(str(number), NAME, b"1")
    assert len(progress._statuses) == len(progress._signals) == UNDERWAY
    assert not progress.is_done(str(3 * UNDERWAY - 1)), "the latest"


def test_asking_for_uploads_that_never_come_fills_nothing() -> None:
    progress = PassingProgress()

    async def ask() -> None:
        waiting = [asyncio.create_task(progress.is_tracked(f"never {number}")) for number in range(3 * UNDERWAY)]
        coming = asyncio.create_task(progress.is_tracked("coming"))
        await asyncio.sleep(0)
        assert not any(task.done() for task in (*waiting, coming))
        progress.track("coming")
        assert await asyncio.wait_for(coming, 5)
        for task in waiting:
            task.cancel()

    asyncio.run(ask())
    assert len(progress._signals) <= UNDERWAY


def test_what_a_page_is_made_of_is_made_once_and_is_what_gradio_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[gr.Blocks] = []
    make = gr.Blocks.get_config_file

    def noted(blocks: gr.Blocks) -> Any:
        made.append(blocks)
        return make(blocks)

    monkeypatch.setattr(gr.Blocks, "get_config_file", noted)

    async def built() -> PageBlocks:  # in a loop, of which gradio would make one
        with without_apps(), PageBlocks(title="a page", analytics_enabled=False) as blocks:
            box = gr.Textbox("words")
            box.change(str, box, box)
        return blocks

    blocks = asyncio.run(built())
    gradio.routes.App.setup_mcp_server(blocks, {}, False)  # as ``launch`` does
    assert not made, "nobody has read it"
    blocks.settle()
    assert blocks.config == blocks.config == make(blocks)
    assert len(made) == 1
    blocks.title = "another"
    blocks.config = blocks.get_config_file()
    assert blocks.config["title"] == "another"


def test_a_page_knows_when_gradios_command_runs_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = PageBlocks.__new__(PageBlocks)
    monkeypatch.delitem(sys.modules, RELOADER, raising=False)
    assert not blocks._is_running_in_reload_thread
    assert RELOADER not in sys.modules
    reloader = importlib.import_module(RELOADER)
    assert not blocks._is_running_in_reload_thread
    monkeypatch.setattr(reloader.reload_thread, "running_reload", True, raising=False)
    assert blocks._is_running_in_reload_thread


PATCHES = {
    module: importlib.import_module(module).PRIVATE_NAMES
    for module in (
        f"mint.ui.server.{name}"
        for name in ("gradio_patches", "memory.visits", "programs.addresses", "programs.models")
    )
}
PAGE = {name: module for name, module in MODULES.items() if name.startswith("mint.ui") and name not in PATCHES}
KINDS = (gr.Blocks, gr.components.Component)  # nothing of theirs is set
# Names that are private of one of gradio's classes, and of no other that the page uses as documented, nor of every dict.
UNMISTAKABLE = {
    tail for names in PATCHES.values() for name in names if not hasattr(gr.Blocks, tail := name.rpartition(".")[2])
} - set(dir(dict))


def has(owner: object, attribute: str) -> bool:
    """Whether a module or class has an attribute, or gives it to itself when it is made."""
    if hasattr(owner, attribute):
        return True
    if not inspect.isclass(owner):
        return False
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node) == f"self.{attribute}"
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize(("patches", "name"), [(patches, name) for patches, names in PATCHES.items() for name in names])
def test_gradio_still_has_what_is_private_and_touched(patches: str, name: str) -> None:
    head, _, last = name.rpartition(".")
    try:
        owner = importlib.import_module(head)
    except ModuleNotFoundError:
        module, _, kind = head.rpartition(".")
        owner = getattr(importlib.import_module(module), kind)
    if owner in (UnguessableUpload, AuditTool):  # ours, where a page was opened before
        owner = owner.__base__
    assert has(owner, last), f"gradio {gr.__version__} has no {name}: {PATCHES[patches][name]}"
    assert len(re.findall(rf"\b{last}\b", MODULES[patches].text)) > 1, (
        f"{name} is touched no more: strike it off the list"
    )


def touched(module: Module) -> Iterator[str]:
    """Lines of a file that touch what is private of gradio."""
    for imported in module.imports:
        if imported.name.startswith("gradio."):
            yield f"{imported.line}: imports {imported.name}"
    others = {imported.name for imported in module.imports} - {"gradio"}
    for node in module.nodes:
        if not isinstance(node, ast.Attribute) or ast.unparse(node.value) in {"self", "super()", "cls"} | others:
            continue
        if node.attr in UNMISTAKABLE or re.match("_(?!_)", node.attr):
            yield f"{node.lineno}: touches {ast.unparse(node)}"
        elif isinstance(node.ctx, ast.Store) and any(has(kind, node.attr) for kind in KINDS):
            yield f"{node.lineno}: sets {ast.unparse(node)}"


@pytest.mark.parametrize("name", PAGE)
def test_no_other_file_touches_it(name: str) -> None:
    assert not [f"{PAGE[name].path.name}:{line}" for line in touched(PAGE[name])]


@pytest.mark.parametrize(
    "code",
    [
        "import gradio as gr\ngr.Image().preprocess = print",
        "import gradio as gr\ngr.Blocks().title = 'x'",
        "page.blocks._queue",
        "visitors.session_data",
        "from gradio.utils import get_upload_folder",
        "import gradio.routes",
    ],
)
def test_touching_it_would_be_noticed(code: str, tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(code)
    assert len(list(touched(Module(tmp_path / "page.py")))) == 1
