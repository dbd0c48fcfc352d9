"""Run several networks at once, each with its share of the threads; read photos ahead of them.

A small network leaves cores idle between its layers: two that share two cores are done in two thirds of the time that
they take one after the other with both (``python -m tests.benchmarks.photo``).
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from threading import Barrier
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")
Item = TypeVar("Item")
MOST_READERS = 4  # threads: more only take cores from the networks that wait for them


def run_parallel(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run jobs side by side; one after the other where there is one thread only.

    Args:
        jobs: that do not wait for each other.

    Returns:
        What each gave, in their order.

    Raises:
        Whatever the first of them raised.
    """
    threads = usual_threads()
    count = min(len(jobs), threads)
    if count < 2:
        return [job() for job in jobs]
    workers = _workers(os.getpid(), count, threads, _torch() is not None)
    running = [workers.submit(job) for job in jobs]
    wait(running)  # all of them, also where one fails: nothing goes on behind the caller's back
    return [job.result() for job in running]


def run_ahead(job: Callable[[Item], T], items: Iterable[Item], ahead: int, threads: int | None = None) -> Generator[T]:
    """Run a job over items in threads, ahead of whoever takes the answers.

    Items are taken in this thread and as they are needed, so there may be any number of them.
    Close the generator if not all answers are wanted.

    Args:
        job: that does not depend on the order of items.
        items: what it is run over.
        ahead: how many answers may wait to be taken, at least 1.
        threads: that the job runs in; as many as ``usual_threads``, at most ``MOST_READERS``, if None.

    Yields:
        What the job gave, in the items' order.

    Raises:
        Whatever the job raised, in place of that answer; nothing is running any more then.
    """
    waiting: deque[Future[T]] = deque()
    pool = ThreadPoolExecutor(threads or max(1, min(MOST_READERS, usual_threads())), "ahead")
    try:
        for item in items:
            waiting.append(pool.submit(job, item))
            if len(waiting) >= ahead:  # also where the first is done: the threads must not run out of work meanwhile
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def usual_threads() -> int:
    """Return how many threads compute: torch's number where torch is in use, else what it would begin with."""
    torch = _torch()
    if torch is not None:
        return int(torch.get_num_threads())
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _torch() -> ModuleType | None:
    """Return torch if somebody imported it; to ask it for a number is no reason to wait for it."""
    found = sys.modules.get("torch")
    return found if hasattr(found, "get_num_threads") else None  # another thread may be importing it at this moment


@lru_cache(maxsize=1)
def _workers(process: int, count: int, threads: int, share: bool) -> ThreadPoolExecutor:
    """Return worker threads that keep their share of torch's, if torch is in use.

    Cached by process, because threads do not outlive a fork.
    """
    if not share:
        return ThreadPoolExecutor(count, f"abreast-{process}")
    import torch

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
