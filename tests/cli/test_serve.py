from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mint.cli.main import app
from mint.cli.serve import serve as command
from mint.doctor import extras
from mint.errors import LibraryMissing

ROOT = Path(__file__).parents[2]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page would have been started with."""
    import mint.ui.serve

    told: dict[str, Any] = {}
    monkeypatch.setattr(mint.ui.serve, "serve", lambda loading, **more: told.update(more, loading=loading))
    return told


def test_options_reach_the_page_and_networks_load_later(
    started: dict[str, Any], weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mint.ui.loading

    asked: list[Any] = []
    monkeypatch.setattr(mint.ui.loading, "load", lambda names: asked.append(list(names)))
    command(bundle=[weights / "twin-b"], kiosk=True, host="0.0.0.0", port=8001)
    assert (started["kiosk"], started["mcp"], asked) == (True, False, [])
    assert (started["host"], started["port"], started["others"]) == ("0.0.0.0", 8001, {})
    started["loading"].start().get()
    assert asked == [["twin-a", "twin-b", str(weights / "twin-b")]]


def test_a_missing_extra_is_named_before_anything_starts(
    started: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(LibraryMissing, match=r"^This needs mcp, which is not installed: pip install '.+\[mcp\]'$"):
        command(mcp=True)
    assert started == {}
    command()
    assert started["mcp"] is False


# Runs a program of this checkout as Python would, and says at the end which of the slow packages it imported.
WATCHED = """
import atexit, runpy, sys
slow = ("torch", "gradio", "cv2", "onnxruntime", "PIL", "scipy")
atexit.register(lambda: print("imported", [name for name in slow if name in sys.modules]))
program, *sys.argv[1:] = sys.argv[1:]
runpy.run_path(program, run_name="__main__") if program.endswith(".py") else runpy.run_module(program, run_name="__main__")
"""


@pytest.mark.parametrize("program", [["app.py"], ["mint", "serve"]])
def test_a_port_that_cannot_be_had_ends_it_with_words_before_anything_slow_begins(
    program: list[str], tmp_path: Path
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, *program, "--port", str(port)],
            cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("mint: The page cannot be served")
    assert f"on port {port}" in line
    assert "--host and --port" in line
    assert done.stdout == "imported []\n"
    assert not list(tmp_path.iterdir())


def test_the_shell_knows_the_command() -> None:
    from mint.cli.serve import register

    if "serve" not in {c.name for c in app.registered_commands}:
        register(app)
    said = CliRunner().invoke(app, ["serve", "--help"]).output
    assert "--kiosk" in said
    assert "X-Forwarded-Host" in said
