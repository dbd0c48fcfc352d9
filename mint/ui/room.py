"""Cap the total size of pending uploads, whose folder may lie in memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

LEAST_BYTES = 2**16  # that a file counts, however small: there is an end to their number as well
LOOK_SECONDS = 0.5
SPARE_BYTES = 2**20  # of the disk that are left for other things


class Room:
    """The room in a folder: measured now and then, and counted in between.

    Args:
        folder: of uploads.
        most: bytes.
        look_seconds: how long a look at the folder holds.
    """

    def __init__(self, folder: Path, most: int, look_seconds: float = LOOK_SECONDS) -> None:
        self.folder = folder
        self.most = most
        self._look_seconds = look_seconds
        self._looked = float("-inf")
        self._held = 0
        self._most = most

    def fits(self, more: int = 0) -> bool:
        """Return whether so many more bytes fit."""
        now = time.monotonic()
        if now - self._looked >= self._look_seconds:
            self._looked, self._held = now, _held(self.folder)
            self._most = min(self.most, self._held + _free(self.folder) - SPARE_BYTES)
        return self._held + more <= self._most

    def add(self, came: int) -> None:
        """Count bytes that are being written."""
        self._held += came


def _free(folder: Path) -> int:
    """Return the free bytes of the disk."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free


def _held(folder: Path) -> int:
    """Return the bytes in a folder, without files that vanish meanwhile."""
    held = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                held += max(LEAST_BYTES, os.lstat(os.path.join(place, name)).st_size)
    return held
