"""Run pieces of work on Ray, each at least once, the answers in their order. Nothing else imports Ray.

Ray starts the processes and moves small answers; which process does what is decided here. A worker that dies (a lost
machine, a lack of memory) is replaced, and its piece goes to whoever is free, so that nobody waits for a machine that may
never come back. Photos are read where they are worked on: only pieces and answers pass through Ray.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, Generic, TypeVar

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # before ray reads it: nothing is sent anywhere

import ray
from ray.exceptions import ObjectLostError, RayActorError

from mint.errors import MintError, brief

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")
MOST_DEATHS = 3  # of workers at one piece, or at their start one after the other: then it is no accident
SECONDS_TO_ANSWER = 10  # of a cluster's address
PIECES_AHEAD = 4  # pieces a worker, that may be done before the first that is not: their answers wait in memory


class PoolWorker:
    """A process of the pool. It is made ready by its first piece, so that whatever is wrong is told as an answer.

    Args:
        make: is called once with ``settings`` and returns what works on pieces. It must be importable by its name.
        settings: that can be pickled.
        threads: of whatever computes in this process.
    """

    def __init__(self, make: Callable[..., Callable[[Any], Any]], settings: Sequence[Any], threads: int) -> None:
        os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch reads it; Ray sets a number of its own
        self._make, self._settings = make, settings
        self._work: Callable[[Any], Any] | None = None

    def ready(self) -> None:
        """Return as soon as the process runs."""

    def run(self, piece: Any) -> tuple[Any, str]:
        """Work on a piece; an error that the user can fix is returned beside the answer, in its words."""
        try:
            if self._work is None:
                self._work = self._make(*self._settings)
            return self._work(piece), ""
        except MintError as error:
            return None, str(error)


@dataclass(frozen=True, slots=True)
class RayPool:
    """Workers on Ray.

    Attributes:
        address: of a running Ray; None takes that of ``RAY_ADDRESS``, or starts one here for the time of the run.
        workers: how many; None for as many as the processors carry.
        threads: of each: it asks Ray for so many processors.
        gpus: that each of them takes, may be a fraction.
    """

    address: str | None = None
    workers: int | None = None
    threads: int = 1
    gpus: float = 0.0

    def run(
        self, make: Callable[..., Callable[[Piece], Answer]], settings: Sequence[Any], pieces: Sequence[Piece]
    ) -> Generator[Answer]:
        """Work on pieces. Close the generator if not all answers are wanted: then the workers end.

        Args:
            make: see ``PoolWorker``.
            settings: likewise.
            pieces: that can be pickled and do not depend on each other. One is done anew where its worker died.

        Yields:
            The answers, each once, in the pieces' order.

        Raises:
            MintError: a worker met an error that stops the run, or ``MOST_DEATHS`` of them died at one piece.
        """
        if not pieces:
            return
        with self._connected():
            count, processors = share(_processors(), self.threads, self.workers, len(pieces))
            started = ray.remote(PoolWorker).options(num_cpus=processors, num_gpus=self.gpus or None, max_restarts=0)
            run = _Run(lambda: started.remote(make, settings, self.threads), pieces)
            try:
                yield from run.answers(count)
            finally:
                run.end()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        if ray.is_initialized():  # somebody else's: it is left running
            yield
            return
        if address := self.address or os.environ.get("RAY_ADDRESS"):
            _check_answers(address)
            try:
                ray.init(address, log_to_driver=False, logging_level=logging.WARNING)
            except (OSError, RuntimeError, ValueError) as error:  # ConnectionError is an OSError
                raise _no_cluster(address, brief(error)) from error
        else:
            ray.init("local", log_to_driver=False, include_dashboard=False, logging_level=logging.WARNING)
        try:
            yield
        finally:
            ray.shutdown()


class _Run(Generic[Piece]):
    """One run: which worker is starting, idle or at which piece."""

    def __init__(self, start: Callable[[], Any], pieces: Sequence[Piece]) -> None:
        self._start, self._pieces = start, pieces
        self._due = list(range(len(pieces)))
        heapify(self._due)  # what a dead worker leaves comes first again
        self._starting: dict[Any, Any] = {}  # what Ray will answer with, to the worker
        self._running: dict[Any, tuple[Any, int]] = {}
        self._idle: list[Any] = []
        self._done: dict[int, tuple[Any, MintError | None]] = {}
        self._deaths: Counter[int] = Counter()
        self._stillborn = 0

    def answers(self, workers: int) -> Iterator[Any]:
        for _ in range(workers):
            self._begin()
        for number in range(len(self._pieces)):
            while number not in self._done:
                self._hand_out(number + PIECES_AHEAD * workers)
                for ref in ray.wait([*self._running, *self._starting], num_returns=1)[0]:
                    self._take(ref)
            answer, error = self._done.pop(number)
            if error is not None:  # not before its turn: what stands before it is whole
                raise error
            yield answer

    def end(self) -> None:
        """End all workers, whatever they are doing."""
        for worker in (*self._starting.values(), *self._idle, *(worker for worker, _ in self._running.values())):
            ray.kill(worker)

    def _begin(self) -> None:
        worker = self._start()
        self._starting[worker.ready.remote()] = worker

    def _hand_out(self, before: int) -> None:
        while self._idle and self._due and self._due[0] < before:
            worker, number = self._idle.pop(), heappop(self._due)
            self._running[worker.run.remote(self._pieces[number])] = worker, number

    def _take(self, ref: Any) -> None:
        """Take what a worker answered, or replace it."""
        number: int | None = None
        if ref in self._starting:
            worker = self._starting.pop(ref)
        else:
            worker, number = self._running.pop(ref)
        try:
            found = ray.get(ref)
        except (RayActorError, ObjectLostError) as error:  # with its machine, an answer is gone that was given already
            ray.kill(worker)
            self._died(number, error)
            return
        self._idle.append(worker)
        if number is None:
            self._stillborn = 0
            return
        answer, problem = found
        self._done[number] = answer, MintError(problem) if problem else None

    def _died(self, number: int | None, error: Exception) -> None:
        """Replace a worker; ``number`` is the piece that it was at, None where it was only starting."""
        if number is None:
            self._stillborn += 1
            if self._stillborn == MOST_DEATHS:
                raise _given_up("as they started", error)
        else:
            self._deaths[number] += 1
            if self._deaths[number] == MOST_DEATHS:
                self._done[number] = None, _given_up("at the same piece of the work", error)
            else:
                heappush(self._due, number)
        self._begin()


def _check_answers(address: str) -> None:
    """Refuse an address at which nobody answers: Ray itself tries for minutes. Names such as ``auto`` are left to Ray."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isascii() and port.isdigit()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, brief(error)) from error


def _no_cluster(address: str, why: str) -> MintError:
    return MintError(
        f"No Ray can be reached at {address[:200]} ({why}). Give the address of one that runs, such as 192.0.2.1:6379, with "
        "--address or RAY_ADDRESS, or neither: then one is started here."
    )


def _given_up(when: str, error: Exception) -> MintError:
    return MintError(
        f"{MOST_DEATHS} workers of Ray died {when} ({brief(error)}). What is written stays, and the same command goes on. If they "
        "lack memory, start fewer."
    )


def share(nodes: Sequence[float], threads: int, workers: int | None, pieces: int) -> tuple[int, float]:
    """Return the number of workers, and the processors that each asks for.

    Args:
        nodes: processors of each machine.
        threads: of a worker.
        workers: that the user wants; None for as many as find their ``threads`` processors.
        pieces: of the work; more workers would idle.
    """
    count = max(1, min(workers or sum(int(node // threads) for node in nodes), pieces))
    # More workers than that share processors, as many of them on each machine as it has its part of all.
    fitting = (
        part
        for part in sorted({node / k for node in nodes if node for k in range(1, count + 1)}, reverse=True)
        if part <= threads and sum(int(node / part + 1e-9) for node in nodes) >= count
    )
    most = float(threads) if sum(int(node // threads) for node in nodes) >= count else next(fitting, 0.0)
    return count, int(most * 1e4) / 1e4  # Ray counts in parts of ten thousand


def _processors() -> list[float]:
    return [float(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
