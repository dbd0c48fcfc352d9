from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mint.ui.privacy import PrivateFolder


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
    assert crashed._lock is not None
    crashed._lock.close()  # the process is gone, its lock with it
    crashed._lock = None
    third = folder(tmp_path)
    assert not crashed.path.exists()
    assert living.path.exists()
    for private in (living, third):
        private.wipe()


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
