"""Files that grow: whoever goes on keeps what is whole, alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mint.errors import CannotWrite
from mint.storage.append import appending
from mint.storage.files import LOCKS

ROOT = Path(__file__).parents[2]


def whole_lines(file):
    return file.read().rfind(b"\n") + 1


def test_what_is_half_written_is_cut_off(tmp_path):
    path = tmp_path / "new" / "lines"
    with appending(path, whole_lines) as append:
        append(b"one\ntw")
    with appending(path, whole_lines) as append:
        assert path.read_bytes() == b"one\n"
        append(b"two\n")
        append(b"three\n")
    assert path.read_bytes() == b"one\ntwo\nthree\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_system_that_takes_a_part_at_a_time_gets_all(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:2]))
    with appending(tmp_path / "lines", whole_lines) as append:
        append(b"seven letters\n")
    assert (tmp_path / "lines").read_bytes() == b"seven letters\n"


def test_a_full_disk_is_one_line_and_costs_nothing(tmp_path, monkeypatch):
    path = tmp_path / "lines"

    def full(handle, data):
        raise OSError(28, "No space left on device")

    with appending(path, whole_lines) as append:
        append(b"one\n")
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(CannotWrite, match="No space"):
            append(b"two\n")
    assert path.read_bytes() == b"one\n"


@pytest.mark.skipif(not LOCKS, reason="no locks here")
def test_one_process_at_a_time(tmp_path):
    path = tmp_path / "lines"
    code = "import sys; from pathlib import Path; from mint.storage.append import appending\n"
    code += "with appending(Path(sys.argv[1]), lambda file: 0) as append: append(b'other')"
    with appending(path, whole_lines) as append:
        append(b"one\n")
        with pytest.raises(CannotWrite, match="another run"), appending(path, whole_lines):
            pass
        ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT)
        assert ran.returncode
        assert "is being written by another run" in ran.stderr
        append(b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"


@pytest.mark.skipif(not LOCKS, reason="no locks here")
def test_a_file_that_its_last_writer_took_away_is_not_written_to(tmp_path):
    path = tmp_path / "lines"

    def gone(file):
        raise AssertionError("it was asked what is in it")

    unlink = os.fstat

    def late(handle):
        path.unlink(missing_ok=True)
        return unlink(handle)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fstat", late)
        with pytest.raises(CannotWrite, match="another run"), appending(path, gone):
            pass
    assert not path.exists()


def test_folders_and_devices_are_refused(tmp_path):
    for place in (tmp_path, Path(os.devnull)):
        with pytest.raises(CannotWrite), appending(place, whole_lines):
            pass
