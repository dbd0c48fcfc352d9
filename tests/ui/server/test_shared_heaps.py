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
