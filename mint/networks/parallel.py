"""Run several networks at once, each with its share of torch's threads.

A small network leaves cores idle between its layers: two that share two cores are done in two thirds of the time that
they take one after the other with both (``python -m tests.benchmarks.photo``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from threading import Barrier
from typing import TypeVar

import torch

T = TypeVar("T")


def run_parallel(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run jobs side by side; one after the other where torch has one thread only.

    Args:
        jobs: that do not wait for each other.

    Returns:
        What each gave, in their order.

    Raises:
        Whatever the first of them raised.
    """
    threads = torch.get_num_threads()
    count = min(len(jobs), threads)
    if count < 2:
        return [job() for job in jobs]
    workers = _workers(os.getpid(), count, threads)
    running = [workers.submit(job) for job in jobs]
    wait(running)  # all of them, also where one fails: nothing goes on behind the caller's back
    return [job.result() for job in running]


@lru_cache(maxsize=1)
def _workers(process: int, count: int, threads: int) -> ThreadPoolExecutor:
    """Return worker threads that keep their share.

    Cached by process, because threads do not outlive a fork.
    """
    started = Barrier(count + 1)

    def start() -> None:
        torch.get_num_threads()  # makes torch give this thread the number of all: now, and not after what follows
        torch.set_num_threads(threads // count)
        started.wait()

    workers = ThreadPoolExecutor(count, f"abreast-{process}", start)
    for _ in range(count):
        workers.submit(int)
    started.wait()
    torch.set_num_threads(threads)  # torch also keeps the last number it was told for every thread that is new to it
    return workers
