"""Limit glibc's heaps: one for every thread would keep much memory."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8  # malloc.h, mallopt(3)
ARENAS = 2  # one line of networks, one of everything else


def share_heaps() -> bool:
    """Let the threads of this process share a few heaps; return whether that is possible."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError):  # another C library
        return False
