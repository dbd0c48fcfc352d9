from __future__ import annotations

import subprocess
import sys

import pytest

from mint.ui.server.process import ARENAS

CODE = """
import ctypes, sys, threading
from mint.ui.server.process import share_heaps
told = share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
barrier = threading.Barrier(12)
def work():
    libc.malloc(1000)
    barrier.wait()
for thread in (threads := [threading.Thread(target=work) for _ in range(12)]): thread.start()
for thread in threads: thread.join()
sys.stdout.flush()
print(told, flush=True)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has these heaps")
def test_many_threads_share_few_heaps() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    if done.stdout.startswith("False"):
        pytest.skip("another C library")
    assert 1 <= done.stdout.count("<heap nr=") <= ARENAS


GIVEN_BACK = """
import ctypes
from mint.ui.server.process import LARGE, share_heaps
told = share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
for size in (2 * LARGE, 8 * LARGE, 16 * LARGE):  # each larger than what was kept for the last one
    piece = libc.malloc(size)
    libc.free(piece)
pieces = [libc.malloc(12 * LARGE) for _ in range(4)]
for piece in pieces:
    ctypes.memset(piece, 1, 12 * LARGE)
small = libc.malloc(1000)  # lies behind them, if they lie on the heap
most = resident()
for piece in pieces:
    libc.free(piece)
print(told, (most - resident()) // LARGE)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has these heaps")
def test_what_a_photo_took_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", GIVEN_BACK], capture_output=True, text=True, check=True)
    told, given_back = done.stdout.split()
    if told == "False":
        pytest.skip("another C library")
    assert int(given_back) >= 47
