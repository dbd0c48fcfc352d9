"""``mint weights`` as a user types it, in a process of its own, against a stand-in Hub."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub_stand_in import Hub
from tests.test_sharing import files_of, shareable

NET = b"network" * 9000
# A catalog of one more network, which the stand-in serves.
RUN = f"""
import sys
from mint import cli
from mint.audited import catalog
net = catalog.RemoteFile("pack/net.onnx", {hashlib.sha256(NET).hexdigest()!r}, {len(NET)})
entry = catalog.Entry("pack", "a set of faces", catalog.INSIGHTFACE, "owner/pack", sys.argv.pop(1), net)
catalog.CATALOG["pack"] = entry
catalog.ENTRIES += (entry,)
cli.main()
"""
NAME = "insightface-non-commercial"


@pytest.fixture
def commit(hub: Hub) -> str:
    return hub.add("owner/pack", {"pack/net.onnx": NET})


def mint(commit: str, *arguments: object, stdin: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, commit, "weights", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        command, stdin=stdin, capture_output=True, text=True, timeout=120, check=False, env=environment
    )


def typed(commit: str, answer: str) -> subprocess.CompletedProcess[str]:
    """The same at a terminal, where somebody types an answer."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        return mint(commit, "get", "pack", stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def remembered(tmp_path: Path) -> Path:
    return tmp_path / "config" / "mint" / "licences.json"


def test_without_a_terminal_nobody_accepts_by_accident(hub: Hub, commit: str, tmp_path: Path) -> None:
    done = mint(commit, "get", "pack")
    assert done.returncode == 1
    assert "non-commercial research" in done.stderr
    assert "--accept-licence" in done.stderr
    assert "Traceback" not in done.stderr
    assert hub.log == []
    assert not remembered(tmp_path).exists()


def test_accepted_by_a_flag_once_and_never_asked_again(hub: Hub, commit: str, tmp_path: Path) -> None:
    done = mint(commit, "get", "pack", "--accept-licence")
    assert done.returncode == 0, done.stderr
    assert "non-commercial research" in done.stderr
    assert json.loads(remembered(tmp_path).read_text())[NAME]["accepted"]
    path = Path(done.stdout.splitlines()[0])
    assert path.read_bytes() == NET
    assert "pack is cached" in done.stdout
    asked = len(hub.log)
    again = mint(commit, "get", "pack")
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert again.stderr == ""
    assert len(hub.log) == asked


@pytest.mark.parametrize(("answer", "taken"), [(NAME, True), ("yes", False), ("", False)])
def test_at_a_terminal_its_name_is_typed(hub: Hub, commit: str, tmp_path: Path, answer: str, taken: bool) -> None:
    done = typed(commit, answer)
    assert "non-commercial research" in done.stderr
    assert (done.returncode == 0) is taken, done.stderr
    assert remembered(tmp_path).exists() is taken
    assert bool(hub.log) is taken
    if not taken:
        assert "nothing was downloaded" in done.stderr


def test_a_server_accepts_by_its_settings(
    hub: Hub, commit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINT_ACCEPT_LICENCE", NAME)
    assert mint(commit, "get", "pack").returncode == 0
    assert not remembered(tmp_path).exists()


def test_the_list_shows_where_everything_is_and_asks_nobody(hub: Hub, commit: str) -> None:
    before = mint(commit, "list")
    assert before.returncode == 0, before.stderr
    rows = {line.split()[1]: line for line in before.stdout.splitlines() if line.startswith("│ ")}
    assert "not here" in rows["pack"]
    assert "to be accepted" in rows["pack"]
    assert "a set of faces" in rows["pack"]
    assert "in weights/" in rows["twin-a"]
    assert "Glint360K" in rows["antelopev2"]
    assert hub.log == []
    mint(commit, "get", "pack", "--accept-licence")
    rows = {line.split()[1]: line for line in mint(commit, "list").stdout.splitlines() if line.startswith("│ ")}
    assert "cached" in rows["pack"]
    assert "to be accepted" not in rows["pack"]


def test_the_files_that_ship_are_listed_with_their_source(hub: Hub, commit: str) -> None:
    done = mint(commit, "list", "--files")
    assert done.returncode == 0, done.stderr
    assert "face_detection_yunet_2023mar.onnx" in done.stdout


def test_what_goes_wrong_is_one_clear_line(hub: Hub, commit: str, tmp_path: Path) -> None:
    for arguments, words in (
        (["get", "antelope"], "The catalog has no 'antelope'"),
        (["push", tmp_path, "me/twin"], "There is no bundle"),
        (["pull", "me/nothing", "--out", tmp_path / "x"], "no such repository"),
    ):
        done = mint(commit, *arguments)
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def test_offline_says_so(hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("MINT_ACCEPT_LICENCE", NAME)
    done = mint(commit, "get", "pack")
    assert done.returncode == 1
    assert "HF_HUB_OFFLINE" in done.stderr
    assert hub.log == []


def test_push_and_pull(hub: Hub, commit: str, tmp_path: Path) -> None:
    bundle = shareable(tmp_path / "weights")
    pushed = mint(commit, "push", bundle, "me/twin", "--private")
    assert pushed.returncode == 0, pushed.stderr
    assert hub.repositories["me/twin"].private
    assert pushed.stdout.strip().endswith(hub.repositories["me/twin"].refs["main"])
    pulled = mint(commit, "pull", "me/twin", "--out", tmp_path / "got")
    assert pulled.returncode == 0, pulled.stderr
    assert pulled.stdout.strip() == f"mint audit PHOTO --network {tmp_path / 'got'}"
    assert files_of(tmp_path / "got") == files_of(bundle)
    again = mint(commit, "pull", "me/twin", "--out", bundle.parent / "cards")
    assert again.returncode == 1
    assert "holds no bundle" in again.stderr
