"""A stand-in for Ray that works in this process: answers come in a shuffled order, and workers die when they are told to."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class RayActorError(Exception):
    """A worker died."""


class ObjectLostError(Exception):
    """An answer went with the machine that it lay on."""


class Ref:
    """What a call will have answered: computed when it is waited for."""

    def __init__(self, worker: Worker, call: Callable[[], Any]) -> None:
        self.worker, self.call = worker, call


class Worker:
    """A handle of an actor. All that goes to it and comes from it is pickled, as between processes."""

    def __init__(self, ray: RayStandIn, kind: type, arguments: Sequence[Any]) -> None:
        self.ray, self.alive = ray, True
        self.number = len(ray.workers)
        ray.workers.append(self)
        self.actor = kind(*pickle.loads(pickle.dumps(arguments)))

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Ref:
            sent = pickle.dumps(arguments)

            def answer() -> Any:
                if not self.alive or self.ray.dies(name, self, *arguments):
                    self.alive = False
                    raise RayActorError(f"the process of worker {self.number} was killed")
                found = pickle.loads(pickle.dumps(getattr(self.actor, name)(*pickle.loads(sent))))
                if self.ray.loses(name, self, *arguments):
                    raise ObjectLostError("its machine is gone")
                return found

            return Ref(self, answer)

        return SimpleNamespace(remote=call)


class RayStandIn(ModuleType):
    """The part of Ray that ``mint.ray_pool`` uses.

    Attributes:
        calls: of ``init`` and ``shutdown``.
        asked: what each worker was asked to have.
        workers: all that were started.
        most_waiting: the largest number of answers that were under way at once.
        dies: whether a worker dies in a call: its name, the worker, the arguments.
        loses: whether its answer is lost, likewise.
    """

    def __init__(self, cpus: Sequence[float] = (4.0,), seed: int = 0) -> None:
        super().__init__("ray")
        self.calls: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.workers: list[Worker] = []
        self.running = False
        self.most_waiting = 0
        self.dies: Callable[..., bool] = lambda *call: False
        self.loses: Callable[..., bool] = lambda *call: False
        self.exceptions = SimpleNamespace(RayActorError=RayActorError, ObjectLostError=ObjectLostError)
        self._cpus, self._random = cpus, random.Random(seed)

    def init(self, address: str | None = None, **_: Any) -> None:
        self.calls.append(f"init {address}")
        self.running = True

    def shutdown(self) -> None:
        self.calls.append("shutdown")
        self.running = False

    def is_initialized(self) -> bool:
        return self.running

    def nodes(self) -> list[dict[str, Any]]:
        alive = [{"Alive": True, "Resources": {"CPU": cpus}} for cpus in self._cpus]
        return [*alive, {"Alive": False, "Resources": {"CPU": 64.0}}]

    def remote(self, kind: type) -> Any:
        def options(**asked: Any) -> Any:
            def start(*arguments: Any) -> Worker:
                assert self.running
                self.asked.append(asked)
                return Worker(self, kind, arguments)

            return SimpleNamespace(remote=start)

        return SimpleNamespace(options=options)

    def wait(self, refs: Sequence[Ref], num_returns: int) -> tuple[list[Ref], list[Ref]]:
        assert refs
        assert num_returns == 1
        self.most_waiting = max(self.most_waiting, len(refs))
        first = self._random.choice(refs)
        return [first], [ref for ref in refs if ref is not first]

    def get(self, ref: Ref) -> Any:
        return ref.call()

    def kill(self, worker: Worker) -> None:
        worker.alive = False


def install(monkeypatch: pytest.MonkeyPatch, **how: Any) -> RayStandIn:
    """Put a stand-in in Ray's place. What imports it is imported anew; what was there comes back afterwards."""
    ray = RayStandIn(**how)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setitem(sys.modules, "ray.exceptions", ray.exceptions)
    for name in ("mint.ray_pool", "mint.lab.store.ray_engine"):
        monkeypatch.setitem(sys.modules, name, ray)  # remembered, to be put back
        del sys.modules[name]
    return ray
