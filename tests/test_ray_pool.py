"""Pieces of work on a stand-in for Ray: every answer once and in order, whatever ends first and whoever dies.

The real Ray is in lab/store/test_ray_engine.py and cli/audit/audit_on_ray.py.
"""

from __future__ import annotations

import importlib
import io
import os
import socket
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from mint.errors import MintError
from tests.ray_stand_in import RayStandIn, Worker, install

PIECES = list(range(37))


class Squares:
    """Work whose answer is known."""

    made = 0

    def __init__(self, plus: int) -> None:
        Squares.made += 1
        self.plus = plus

    def __call__(self, piece: int) -> int:
        if piece < 0:
            raise MintError(f"{piece} is below zero")
        return piece**2 + self.plus


def unable(why: str) -> Callable[[int], int]:
    raise MintError(why)


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # a worker sets it, and here it is this process


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> RayStandIn:
    return install(monkeypatch)


def pool() -> ModuleType:
    return importlib.import_module("mint.ray_pool")


@pytest.mark.parametrize("seed", range(4))
def test_answers_come_once_and_in_order_whatever_ends_first(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    ray = install(monkeypatch, seed=seed)
    Squares.made = 0
    assert list(pool().RayPool(workers=3).run(Squares, (5,), PIECES)) == [n**2 + 5 for n in PIECES]
    assert Squares.made <= 3  # opened once a worker, not once a piece
    assert ray.calls == ["init local", "shutdown"]
    assert not any(worker.alive for worker in ray.workers)


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_worker_s_piece_is_done_again(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    ray = install(monkeypatch, seed=seed)
    killed: list[Any] = []

    def dies(name: str, worker: Worker, *arguments: Any) -> bool:
        if name == "run" and arguments[0] % 5 == 0 and arguments[0] not in killed:
            killed.append(arguments[0])
            return True
        return False

    ray.dies = dies
    assert list(pool().RayPool(workers=2).run(Squares, (0,), PIECES)) == [n**2 for n in PIECES]
    assert sorted(killed) == PIECES[::5]
    assert len(ray.workers) == 2 + len(killed)


def test_an_answer_that_is_lost_with_its_machine_is_computed_again(ray: RayStandIn) -> None:
    lost: list[Any] = []

    def loses(name: str, worker: Worker, *arguments: Any) -> bool:
        if name == "run" and not lost:
            lost.append(arguments[0])
            return True
        return False

    ray.loses = loses
    assert list(pool().RayPool(workers=2).run(Squares, (0,), PIECES)) == [n**2 for n in PIECES]
    assert lost
    assert not any(worker.alive for worker in ray.workers)


def test_the_address_is_that_of_the_option_or_of_ray_s_own_variable(
    ray: RayStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_: io.BytesIO())
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    for address, wanted in ((None, "head:6379"), ("ray://far:10001", "ray://far:10001")):
        ray.calls.clear()
        assert list(pool().RayPool(address).run(Squares, (0,), [2])) == [4]
        assert ray.calls == [f"init {wanted}", "shutdown"]


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("nonsense", ValueError("Invalid address format")),
        ("auto", ConnectionError("none runs")),
        ("ray://", RuntimeError()),
    ],
)
def test_an_address_that_ray_refuses_is_one_line(
    ray: RayStandIn, monkeypatch: pytest.MonkeyPatch, address: str, error: Exception
) -> None:
    def init(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(MintError, match=f"^No Ray can be reached at {address} .*--address or RAY_ADDRESS"):
        list(pool().RayPool(address).run(Squares, (0,), [2]))


def test_nobody_at_an_address_is_told_at_once(ray: RayStandIn) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        port = taken.getsockname()[1]
        for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}", "127.0.0.1:99999"):
            with pytest.raises(MintError, match=f"^No Ray can be reached at {address} "):
                list(pool().RayPool(address).run(Squares, (0,), [2]))
    assert not ray.calls


def test_a_piece_that_kills_every_worker_ends_the_run(ray: RayStandIn) -> None:
    ray.dies = lambda name, worker, *arguments: name == "run" and arguments[0] == 3
    found: list[int] = []
    with pytest.raises(
        MintError, match=r"3 workers of Ray died at the same piece of the work .*was killed.* start fewer"
    ):
        found.extend(pool().RayPool(workers=2).run(Squares, (0,), PIECES))
    assert found == [0, 1, 4]  # what came before it is whole
    assert not any(worker.alive for worker in ray.workers)
    assert ray.calls == ["init local", "shutdown"]


def test_workers_that_never_start_end_the_run(ray: RayStandIn) -> None:
    ray.dies = lambda name, *_: name == "ready"
    with pytest.raises(MintError, match="3 workers of Ray died as they started"):
        list(pool().RayPool(workers=1).run(Squares, (0,), PIECES))


def test_an_error_comes_in_its_own_words(ray: RayStandIn) -> None:
    with pytest.raises(MintError, match=r"^-1 is below zero$"):
        list(pool().RayPool(workers=2).run(Squares, (0,), [1, -1, 2]))
    with pytest.raises(MintError, match=r"^no such bundle$"):
        list(pool().RayPool(workers=2).run(unable, ("no such bundle",), PIECES))


def test_a_ray_that_was_there_is_left_running(ray: RayStandIn) -> None:
    ray.init("somebody's")
    run = pool().RayPool("ray://far:10001", workers=2).run(Squares, (0,), PIECES)
    assert next(run) == 0
    run.close()  # not all answers are wanted
    assert not any(worker.alive for worker in ray.workers)
    assert ray.calls == ["init somebody's"]
    assert list(pool().RayPool().run(Squares, (0,), [])) == []  # nothing is due: nobody is called
    assert ray.calls == ["init somebody's"]


def test_answers_do_not_pile_up_behind_one_that_is_late(ray: RayStandIn) -> None:
    asked: list[int] = []
    ray.dies = lambda name, worker, *arguments: bool(asked.extend(arguments))
    module = pool()
    run = module.RayPool(workers=2).run(Squares, (0,), range(10**6))
    for number in range(5):
        assert next(run) == number**2
        assert max(asked) < number + module.PIECES_AHEAD * 2
    run.close()


def test_a_worker_computes_with_its_threads(ray: RayStandIn) -> None:
    list(pool().RayPool(workers=1, threads=3, gpus=0.5).run(Squares, (0,), PIECES))
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert ray.asked == [{"num_cpus": 3.0, "num_gpus": 0.5, "max_restarts": 0}]


@pytest.mark.parametrize(
    ("nodes", "threads", "wanted", "pieces", "count", "processors"),
    [
        ([4], 1, None, 10, 4, 1.0),
        ([4], 2, None, 10, 2, 2.0),
        ([4], 1, None, 3, 3, 1.0),
        ([4], 1, 8, 10, 8, 0.5),
        ([4], 6, 1, 9, 1, 4.0),  # fewer processors than threads
        ([1, 1], 1, 2, 9, 2, 1.0),
        ([3, 3], 2, 3, 9, 3, 1.5),  # three that ask for two would need a third machine
        ([2, 1], 1, 4, 9, 4, 0.6666),
        ([0.0, 2], 1, None, 9, 2, 1.0),
    ],
)
def test_as_many_workers_as_find_a_place(
    ray: RayStandIn, nodes: list[float], threads: int, wanted: int | None, pieces: int, count: int, processors: float
) -> None:
    found = pool().share(nodes, threads, wanted, pieces)
    assert found == (count, pytest.approx(processors, abs=1e-9))
    assert sum(int(node / found[1]) for node in nodes) >= count
