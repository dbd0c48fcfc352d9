"""How much memory a process takes at the worst moment, above what it held before (proc(5))."""

from __future__ import annotations

import ctypes
import os
import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

MOST_MB = 700  # above idle, for whatever a stranger sends or hands over
SAMPLE_SECONDS = 0.005


def resident_mb(process: int) -> float:
    """Memory of a process that is in RAM: VmRSS."""
    return _status_mb(process, "VmRSS")


class Growth:
    """A context within which the highest VmRSS is kept: the kernel's own mark, set back, or samples where that is refused.

    The mark alone would not do: what a process needed before, at its start, would hide what it needs now. So would pages
    that were freed within the heap and stay resident: this process hands them back first. What libraries and mapped files
    came to hold meanwhile is taken off: the kernel reads their pages in and drops them as it likes, 190 MB of them once.

    Args:
        process: this one if not given.
        by_kernel: whether to try its mark.
    """

    def __init__(self, process: int = 0, by_kernel: bool = True) -> None:
        self.process = process or os.getpid()
        self._by_kernel = by_kernel
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._highest = 0.0
        self._files = self._idle_files = 0.0

    def __enter__(self) -> Self:
        """Begin from what is resident now, and in use."""
        if self.process == os.getpid():
            _hand_back()
        self._by_kernel = self._by_kernel and self._set_back()
        self.idle = self._highest = resident_mb(self.process)
        self._files = self._idle_files = _status_mb(self.process, "RssFile")
        if not self._by_kernel:
            self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Look for the last time."""
        self._look()
        self._ended.set()
        if not self._by_kernel:
            self._sampler.join()

    @property
    def mb(self) -> float:
        """The highest so far, above the beginning."""
        if not self._ended.is_set():
            self._look()
        return round(self._highest - self.idle - (self._files - self._idle_files), 1)

    def _look(self) -> None:
        now = _status_mb(self.process, "VmHWM") if self._by_kernel else resident_mb(self.process)
        self._highest = max(self._highest, now)
        self._files = max(self._files, _status_mb(self.process, "RssFile"))

    def _set_back(self) -> bool:
        """The mark VmHWM to what is resident now; whether the system let us."""
        try:
            Path(f"/proc/{self.process}/clear_refs").write_text("5")
        except OSError:
            return False
        return _status_mb(self.process, "VmHWM") - resident_mb(self.process) < 16

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._look()


def _hand_back() -> None:
    """What this process freed, to the system: malloc_trim(3), which glibc alone has."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _status_mb(process: int, name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return round(int(found[1]) / 1024, 1) if found else 0.0
