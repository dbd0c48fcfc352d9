"""``mint weights`` as a user types it, against a stand-in Hub: in this process, and in the full tier in one of its own."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mint.cli import main, weights
from mint.networks import catalog
from tests.bundles.test_share import files_of, shareable
from tests.hub_stand_in import Hub
from tests.shell import typed

NET = b"network" * 9000
SHA256 = hashlib.sha256(NET).hexdigest()
# A catalog of one more network, which the stand-in serves.
RUN = f"""
import sys
from mint.cli import main as cli
from mint.networks import catalog
net = catalog.RemoteFile("pack/net.onnx", {SHA256!r}, {len(NET)})
entry = catalog.Entry("pack", "a set of faces", catalog.INSIGHTFACE, "owner/pack", sys.argv.pop(1), net)
catalog.CATALOG["pack"] = entry
catalog.ENTRIES += (entry,)
cli.main()
"""
NAME = "insightface-non-commercial"
Done = subprocess.CompletedProcess[str]
PATIENCE = 120  # seconds


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


def in_this_process(monkeypatch: pytest.MonkeyPatch, commit: str) -> Callable[..., Done]:
    from huggingface_hub import constants

    net = catalog.RemoteFile("pack/net.onnx", SHA256, len(NET))
    entry = catalog.Entry("pack", "a set of faces", catalog.INSIGHTFACE, "owner/pack", commit, net)
    monkeypatch.setitem(catalog.CATALOG, "pack", entry)
    monkeypatch.setattr(catalog, "ENTRIES", (*catalog.ENTRIES, entry))
    for app in (main.app, main.weights_app, main.lab_app):  # every run registers its commands
        monkeypatch.setattr(app, "registered_commands", list(app.registered_commands))
    monkeypatch.setattr(weights.out, "width", 130)
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"):
        monkeypatch.setattr(constants, name, PATIENCE)

    def run(*arguments: object, answer: str | None = None) -> Done:
        words = ["weights", *map(str, arguments)]
        streams = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", sys.argv)
            patch.setattr(sys, "stdin", io.StringIO() if answer is None else Terminal(f"{answer}\n"))
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            patch.setattr(constants, "HF_HUB_OFFLINE", "HF_HUB_OFFLINE" in os.environ)
            code = typed(words)
        return subprocess.CompletedProcess(words, code, *(stream.getvalue() for stream in streams))

    return run


def in_its_own(commit: str) -> Callable[..., Done]:
    def run(*arguments: object, answer: str | None = None) -> Done:
        command = [sys.executable, "-c", RUN, commit, "weights", *map(str, arguments)]
        ours, theirs = (None, None) if answer is None else pty.openpty()
        try:
            if ours is not None:
                os.write(ours, f"{answer}\n".encode())
            return subprocess.run(
                command, stdin=subprocess.DEVNULL if theirs is None else theirs, capture_output=True, text=True,
                timeout=PATIENCE, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )  # fmt: skip
        finally:
            for end in (ours, theirs):
                if end is not None:
                    os.close(end)

    return run


@pytest.fixture(params=["this process", pytest.param("its own", marks=pytest.mark.full)])
def mint(request: pytest.FixtureRequest, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """``mint weights ARGUMENTS``; with an ``answer`` at a terminal, where somebody types it."""
    commit = hub.add("owner/pack", {"pack/net.onnx": NET})
    return in_this_process(monkeypatch, commit) if request.param == "this process" else in_its_own(commit)


def remembered(tmp_path: Path) -> Path:
    return tmp_path / "config" / "mint" / "licences.json"


def test_without_a_terminal_nobody_accepts_by_accident(hub: Hub, mint: Callable[..., Done], tmp_path: Path) -> None:
    done = mint("get", "pack")
    assert done.returncode == 1
    assert "non-commercial research" in done.stderr
    assert "--accept-licence" in done.stderr
    assert "Traceback" not in done.stderr
    assert hub.log == []
    assert not remembered(tmp_path).exists()


def test_accepted_by_a_flag_once_and_never_asked_again(hub: Hub, mint: Callable[..., Done], tmp_path: Path) -> None:
    done = mint("get", "pack", "--accept-licence")
    assert done.returncode == 0, done.stderr
    assert "non-commercial research" in done.stderr
    assert json.loads(remembered(tmp_path).read_text())[NAME]["accepted"]
    path = Path(done.stdout.splitlines()[0])
    assert path.read_bytes() == NET
    assert "pack is cached" in done.stdout
    asked = len(hub.log)
    again = mint("get", "pack")
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert again.stderr == ""
    assert len(hub.log) == asked


@pytest.mark.parametrize(("answer", "taken"), [(NAME, True), ("yes", False), ("", False)])
def test_at_a_terminal_its_name_is_typed(
    hub: Hub, mint: Callable[..., Done], tmp_path: Path, answer: str, taken: bool
) -> None:
    done = mint("get", "pack", answer=answer)
    assert "non-commercial research" in done.stderr
    assert (done.returncode == 0) is taken, done.stderr
    assert remembered(tmp_path).exists() is taken
    assert bool(hub.log) is taken
    if not taken:
        assert "nothing was downloaded" in done.stderr


def test_a_server_accepts_by_its_settings(
    hub: Hub, mint: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINT_ACCEPT_LICENCE", NAME)
    assert mint("get", "pack").returncode == 0
    assert not remembered(tmp_path).exists()


def test_the_list_shows_where_everything_is_and_asks_nobody(hub: Hub, mint: Callable[..., Done]) -> None:
    before = mint("list")
    assert before.returncode == 0, before.stderr
    rows = {line.split()[1]: line for line in before.stdout.splitlines() if line.startswith("│ ")}
    assert "not here" in rows["pack"]
    assert "to be accepted" in rows["pack"]
    assert "a set of faces" in rows["pack"]
    assert "in weights/" in rows["twin-a"]
    assert "Glint360K" in rows["antelopev2"]
    assert hub.log == []
    mint("get", "pack", "--accept-licence")
    rows = {line.split()[1]: line for line in mint("list").stdout.splitlines() if line.startswith("│ ")}
    assert "cached" in rows["pack"]
    assert "to be accepted" not in rows["pack"]


def test_the_files_that_ship_are_listed_with_their_source(hub: Hub, mint: Callable[..., Done]) -> None:
    done = mint("list", "--files")
    assert done.returncode == 0, done.stderr
    assert "face_detection_yunet_2023mar.onnx" in done.stdout


def test_what_goes_wrong_is_one_clear_line(hub: Hub, mint: Callable[..., Done], tmp_path: Path) -> None:
    for arguments, words in (
        (["get", "antelope"], "The catalog has no 'antelope'"),
        (["push", tmp_path, "me/twin"], "There is no bundle"),
        (["pull", "me/nothing", "--out", tmp_path / "x"], "no such repository"),
    ):
        done = mint(*arguments)
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def test_offline_says_so(hub: Hub, mint: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("MINT_ACCEPT_LICENCE", NAME)
    done = mint("get", "pack")
    assert done.returncode == 1
    assert "HF_HUB_OFFLINE" in done.stderr
    assert hub.log == []


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the library's own call
def test_push_and_pull(hub: Hub, mint: Callable[..., Done], tmp_path: Path) -> None:
    bundle = shareable(tmp_path / "weights")
    pushed = mint("push", bundle, "me/twin", "--private")
    assert pushed.returncode == 0, pushed.stderr
    assert hub.repositories["me/twin"].private
    assert pushed.stdout.strip().endswith(hub.repositories["me/twin"].refs["main"])
    pulled = mint("pull", "me/twin", "--out", tmp_path / "got")
    assert pulled.returncode == 0, pulled.stderr
    assert pulled.stdout.strip() == f"mint audit PHOTO --network {tmp_path / 'got'}"
    assert files_of(tmp_path / "got") == files_of(bundle)
    again = mint("pull", "me/twin", "--out", bundle.parent / "cards")
    assert again.returncode == 1
    assert "holds no bundle" in again.stderr
