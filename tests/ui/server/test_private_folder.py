from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mint.ui.server.private_folder import PrivateFolder


def folder(tmp_path: Path) -> PrivateFolder:
    return PrivateFolder(tmp_path)


def test_only_this_user_may_look_inside(tmp_path: Path) -> None:
    private = folder(tmp_path)
    for path in (private.path, private.path.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    private.wipe()


def test_wiping_leaves_nothing(tmp_path: Path) -> None:
    private = folder(tmp_path)
    (private.path / "upload").mkdir()
    (private.path / "upload" / "face.png").write_bytes(b"x")
    private.wipe()
    assert not private.path.exists()
    private.wipe()  # twice is once


def test_a_start_wipes_what_a_crash_left_and_no_living_run(tmp_path: Path) -> None:
    crashed, living = folder(tmp_path), folder(tmp_path)
    (crashed.path / "face.png").write_bytes(b"x")
    assert crashed._release is not None
    crashed._release()  # the process is gone, its lock with it
    crashed._release = None
    third = folder(tmp_path)
    assert not crashed.path.exists()
    assert living.path.exists()
    for private in (living, third):
        private.wipe()


def test_a_start_wipes_what_came_in_after_the_wipe_of_another(tmp_path: Path) -> None:
    late, fresh = folder(tmp_path), folder(tmp_path)
    late.wipe()
    (late.path / "upload").mkdir(parents=True)
    os.utime(late.path, (0, 0))
    third = folder(tmp_path)
    assert not late.path.exists()
    assert fresh.path.exists()
    for private in (fresh, third):
        private.wipe()


def test_every_temporary_file_lies_in_the_folder_and_a_crash_dumps_none(tmp_path: Path) -> None:
    code = (
        "import os, resource, signal, sys, tempfile; from pathlib import Path; from mint.ui.server.private_folder import PrivateFolder;"
        "private = PrivateFolder(Path(sys.argv[1])); private.use();"
        "print(private.path == Path(tempfile.mkstemp()[1]).parent == Path(os.environ['GRADIO_TEMP_DIR']),"
        "resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "0"]
    assert not list(tmp_path.glob("*/run-*"))


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs POSIX signals")
def test_whoever_was_told_not_to_hear_a_signal_does_not(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from mint.ui.server.private_folder import PrivateFolder;"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN);"  # as nohup does
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # as in the foreground
        "PrivateFolder(Path(sys.argv[1])).use();"
        "os.kill(os.getpid(), signal.SIGHUP); print('stays', flush=True);"
        "os.kill(os.getpid(), signal.SIGINT); print('stays too')"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("stays\n", "", 128 + signal.SIGINT)
    assert not list(tmp_path.glob("*/run-*"))


def test_old_files_go_and_fresh_ones_stay(tmp_path: Path) -> None:
    private = folder(tmp_path)
    (private.path / "upload").mkdir()
    photo = private.path / "upload" / "face.png"
    photo.write_bytes(b"x")
    private.forget_old(60)
    assert photo.exists()
    private.forget_old(-1)
    assert not photo.exists()
    assert private.path.exists(), "the run goes on"
    private.wipe()


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_somebody_elses_link_under_our_name_is_not_followed(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    (tmp_path / f"mint-{os.getuid()}").symlink_to(trap)
    private = folder(tmp_path)
    assert trap not in private.path.parents
    assert not list(trap.iterdir())
    private.wipe()
