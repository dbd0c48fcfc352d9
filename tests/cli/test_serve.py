from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mint.bundles.series import TABLES
from mint.cli.main import app
from mint.cli.serve import serve as command
from mint.doctor import extras
from mint.errors import LibraryMissing, WeightsCorrupt, WeightsMissing
from tests.hostile.series_files import NAMES, whole
from tests.tiny_bundles import tiny_bundle

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


def test_what_is_offered_is_found_at_the_start_and_what_is_not_is_said(
    started: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_bundle(tmp_path / "mine", "mine", 3)
    command(offer=[str(tmp_path / "mine"), str(tmp_path / "nowhere")])
    assert [*started["others"]][-1:] == ["mine"]
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line]
    assert line.startswith(f"not offered: {tmp_path / 'nowhere'}: ")
    with pytest.raises(typer.BadParameter, match="A kiosk offers no choice"):
        command(offer=[str(tmp_path / "mine")], kiosk=True)


def test_a_space_says_by_a_variable_what_it_offers(
    started: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed, name in enumerate(("one", "two")):
        tiny_bundle(tmp_path / name, name, seed)
    monkeypatch.setenv("MINT_OFFER", f"{tmp_path / 'one'} {tmp_path / 'two'}")
    monkeypatch.setattr("mint.ui.server.process.check_address", lambda host, port: None)
    shell = typer.Typer()
    shell.command()(command)
    done = CliRunner().invoke(shell, [])
    assert done.exit_code == 0, done.output
    assert [*started["others"]][-2:] == ["one", "two"]


def test_a_series_is_read_at_the_start_and_its_versions_load_after_the_networks(
    started: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mint.ui.loading

    order: list[str] = []
    monkeypatch.setattr(mint.ui.loading, "load", lambda names: order.append("twins"))
    monkeypatch.setattr(mint.ui.loading, "load_versions", lambda series: order.append(series.name))
    command()
    assert started["versions"] is None
    whole(tmp_path / "mine")
    monkeypatch.setenv("MINT_VERSIONS", str(tmp_path / "mine"))
    monkeypatch.setattr("mint.ui.server.process.check_address", lambda host, port: None)
    shell = typer.Typer()
    shell.command()(command)
    done = CliRunner().invoke(shell, [])
    assert done.exit_code == 0, done.output
    versions = started["versions"]
    assert versions.series.names == NAMES
    assert versions.loading.waiting
    started["loading"].start().get()
    versions.loading.get()
    assert order == ["twins", "mine"]


def test_a_series_that_is_none_ends_it_with_words(started: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="There is no series of versions in"):
        command(versions=tmp_path)
    whole(tmp_path / "mine")
    (tmp_path / "mine" / TABLES).write_bytes(b"")
    with pytest.raises(WeightsCorrupt, match="holds no complete series"):
        command(versions=tmp_path / "mine")
    assert started == {}


def test_a_page_without_a_server_takes_nothing_else(
    started: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr("mint.ui.stored_page.write_stored_page", lambda folder: asked.append(folder))
    others: dict[str, Any] = {
        "bundle": [tmp_path],
        "offer": ["x"],
        "versions": tmp_path,
        "kiosk": True,
        "mcp": True,
        "host": "::",
        "port": 80,
    }
    for name, value in others.items():
        with pytest.raises(typer.BadParameter, match=f"leave out --{name}\\.$"):
            command(static=tmp_path, **{name: value})
    assert asked == []
    monkeypatch.setenv("MINT_OFFER", "x")  # a Space's own: nobody typed it
    command(static=tmp_path, offer=["x"])
    assert (asked, started) == ([tmp_path], {})


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
