"""What waits in the folder of uploads, of all visitors together, has an end: that folder may lie in memory."""

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
    """The room in a folder: looked at now and then, and between two looks whatever has come since is added.

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
        """Whether what is there and so many bytes more are not too much."""
        now = time.monotonic()
        if now - self._looked >= self._look_seconds:
            self._looked, self._held = now, _held(self.folder)
            self._most = min(self.most, self._held + _free(self.folder) - SPARE_BYTES)
        return self._held + more <= self._most

    def add(self, came: int) -> None:
        """So many bytes came, and are being written."""
        self._held += came


def _free(folder: Path) -> int:
    """Bytes that the disk still takes."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free


def _held(folder: Path) -> int:
    """Bytes in a folder; what vanishes meanwhile is gone."""
    held = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                held += max(LEAST_BYTES, os.lstat(os.path.join(place, name)).st_size)
    return held
