from __future__ import annotations

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
    command(bundle=[weights / "twin-b"], kiosk=True)
    assert (started["kiosk"], started["mcp"], asked) == (True, False, [])
    started["loading"].start().get()
    assert asked == [["twin-a", "twin-b", str(weights / "twin-b")]]


@pytest.mark.skipif(find_spec("mcp") is not None, reason="mcp is installed")
def test_a_missing_extra_is_named_before_anything_starts() -> None:
    done = subprocess.run([sys.executable, "app.py", "--mcp"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'mint-audit[mcp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_shell_knows_the_command() -> None:
    from mint.serve_commands import register

    if "serve" not in {c.name for c in app.registered_commands}:
        register(app)
    said = CliRunner().invoke(app, ["serve", "--help"]).output
    assert "--kiosk" in said
