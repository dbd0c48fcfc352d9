"""Files are whole or absent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from mint.errors import CannotWrite
from mint.storage.files import BEGUN, atomic, finish, lock, read_json, sha256_of, write_bytes, write_files, write_json

ROOT = Path(__file__).parents[2]
OLD = {"a": b"old", "b": b"old", "c": b"old"}
NEW = {"a": b"new", "b": b"new", "c": b"new"}


def test_sha256_of_a_known_text(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2


def test_write_makes_folders_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "a" / "b" / "file.bin"
    write_bytes(path, b"one")
    write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_who_is_reading_the_old_file_reads_it_to_the_end(tmp_path):
    path = tmp_path / "file.bin"
    write_bytes(path, b"old" * 10_000)
    with path.open("rb") as reader:
        start = reader.read(3)
        write_bytes(path, b"new")
        assert start + reader.read() == b"old" * 10_000
    assert path.read_bytes() == b"new"


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    write_bytes(path, b"old")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CannotWrite, match="No space"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)  # of os.fork, from Python 3.12
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("then", ["read", "written again"])
@pytest.mark.parametrize("kill_at", range(8))
def test_files_that_belong_together_are_all_old_or_all_new_after_a_kill(tmp_path, monkeypatch, kill_at, then):
    write_files(tmp_path, OLD)
    child = os.fork()
    if child == 0:
        done = iter(range(9))
        for function in ("write_bytes", "unlink"):
            monkeypatch.setattr(Path, function, lethal(getattr(Path, function), done, kill_at))
        monkeypatch.setattr(os, "replace", lethal(os.replace, done, kill_at))
        with suppress(BaseException):
            write_files(tmp_path, NEW)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9  # not one of these steps is one too many
    if then == "read":
        finish(tmp_path)
        begun = kill_at > 4  # three parts and the list of them are whole, and the list has its name
        assert {name: contents(tmp_path)[name] for name in NEW} == (NEW if begun else OLD)
    write_files(tmp_path, NEW)
    assert contents(tmp_path) == NEW


def lethal(real, done, kill_at):
    def step(*args, **kwargs):
        if next(done) == kill_at:
            os._exit(9)
        return real(*args, **kwargs)

    return step


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"[]",
        b'{".a.1.1.part": 3}',
        b'{"../out": "a"}',
        b'{".a.1.1.part": "../a"}',
        b'{"b": "a"}',
        b'{".b.1.1.part": "a"}',
    ],
)
def test_a_list_of_names_that_was_not_written_here_moves_nothing(tmp_path, found):
    folder = tmp_path / "folder"
    write_files(folder, OLD)
    (tmp_path / "out").write_bytes(b"outside")
    (folder / BEGUN).write_bytes(found)
    finish(folder)
    assert contents(folder) == OLD
    assert (tmp_path / "out").read_bytes() == b"outside"


def test_two_threads_never_write_one_temporary_file(tmp_path):
    path = tmp_path / "file.bin"
    failed = []

    def work(letter: bytes) -> None:
        try:
            for _ in range(200):
                write_bytes(path, letter * 5000)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in (b"a", b"b", b"c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert path.read_bytes() in {letter * 5000 for letter in (b"a", b"b", b"c")}


def test_json_keeps_order_and_letters(tmp_path):
    path = tmp_path / "x.json"
    value = {"z": [1, 2.5, None], "a": {"é": "–"}}
    write_json(path, value)
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert text.index('"z"') < text.index('"a"')
    assert "é" in text
    assert json.loads(text) == value == read_json(path)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_has_no_nan(tmp_path, number):
    path = tmp_path / "x.json"
    write_json(path, 1)
    with pytest.raises(ValueError, match="Out of range"):
        write_json(path, {"p": number})
    assert read_json(path) == 1


def test_a_file_gets_its_name_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with atomic(path) as part:
        part.write_bytes(b"old")
        assert not path.exists()
    with suppress(ZeroDivisionError), atomic(path) as part:
        part.write_bytes(b"half")
        raise ZeroDivisionError
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x", b"old")]


def test_one_holds_a_lock_and_a_killed_process_holds_none(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    release = lock(path, wait=False)
    assert release is not None
    assert lock(path, wait=False) is None
    release()
    code = (
        "import sys; from pathlib import Path; from mint.storage.files import lock\n"
        "held = lock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert lock(path, wait=False) is None
    finally:
        other.kill()
        other.communicate()
    release = lock(path)  # waits for nobody
    assert release is not None
    release()
