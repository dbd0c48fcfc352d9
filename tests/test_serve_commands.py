from __future__ import annotations

import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mint.cli import app
from mint.serve_commands import serve as command

ROOT = Path(__file__).parents[1]


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
    assert (started["host"], started["port"]) == ("0.0.0.0", 8001)
    started["loading"].start().get()
    assert asked == [["twin-a", "twin-b", str(weights / "twin-b")]]


@pytest.mark.skipif(find_spec("mcp") is not None, reason="mcp is installed")
def test_a_missing_extra_is_named_before_anything_starts() -> None:
    done = subprocess.run([sys.executable, "app.py", "--mcp"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'mint-audit[mcp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_cannot_be_had_ends_it_with_words(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"on port {port}" in done.stderr
    assert "--host and --port" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())


def test_the_shell_knows_the_command() -> None:
    from mint.serve_commands import register

    if "serve" not in {c.name for c in app.registered_commands}:
        register(app)
    said = CliRunner().invoke(app, ["serve", "--help"]).output
    assert "--kiosk" in said
