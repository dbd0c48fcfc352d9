"""Files that grow at their end: one process at a time, and what a killed one left half written is cut off."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mint.errors import CannotWrite, brief
from mint.storage.files import LOCKS


@contextmanager
def appending(path: Path, whole: Callable[[BinaryIO], int]) -> Iterator[Callable[[bytes], None]]:
    """Open a file to go on with it, and yield what appends bytes to it.

    Whoever is killed while appending leaves the beginning of what was to be written, which the next run cuts off.

    Args:
        path: made if needed, with its folder.
        whole: is given the file, and returns how many of its first bytes are to be kept.

    Raises:
        CannotWrite: another process has the file open here, or the system refuses.
    """
    try:
        there = path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(
            path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0), 0o666
        )
    except OSError as error:
        raise _refused(path, error) from error
    try:
        _alone(path, handle)
        try:
            with os.fdopen(handle, "rb", closefd=False) as file:
                kept = whole(file)
        except BaseException:
            if not there:
                path.unlink(missing_ok=True)
            raise
        try:
            if kept < os.fstat(handle).st_size:
                os.ftruncate(handle, kept)
            os.lseek(handle, 0, os.SEEK_END)
        except OSError as error:
            raise _refused(path, error) from error
        yield lambda data: _append(path, handle, data)
    finally:
        os.close(handle)


def _append(path: Path, handle: int, data: bytes) -> None:
    try:
        while data:  # a disk that gets full takes a part of it
            data = data[os.write(handle, data) :]
    except OSError as error:
        raise _refused(path, error) from error


def _alone(path: Path, handle: int) -> None:
    """Lock the file itself. The lock leaves nothing behind and dies with its process."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise CannotWrite(f"{path} is no plain file.")
    if not LOCKS:
        return
    from filelock import lock_descriptor  # lazily: most runs lock nothing

    free = True
    with suppress(OSError):  # a file system without locks
        free = lock_descriptor(handle, blocking=False)
    try:
        same = os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:  # whoever had it is done with it, and took it away
        same = False
    if not (free and same):
        raise CannotWrite(f"{path} is being written by another run. Wait for its end.")


def _refused(path: Path, error: OSError) -> CannotWrite:
    return CannotWrite(f"{path} cannot be written ({brief(error)}). What is in it stays, and the next run goes on.")
