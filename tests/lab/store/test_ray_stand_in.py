"""The Ray engine with a stand-in for Ray, which works in this process: the store is the one that ``plain`` makes.

The real Ray, on two nodes, is in test_ray_engine.py.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import mint.lab
from mint.errors import BadInput, MintError
from mint.lab.inputs.samples import Photos, Sample
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.run import Progress, extract
from tests.lab.photos import people, tiny_network, tree


class Rows:
    """A dataset: items that become batches of one, each handed to one of the actors."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self.items = items

    def map_batches(self, worker: type, fn_constructor_args: tuple[Any, ...], batch_size: int, **asked: Any) -> Rows:
        assert batch_size == 1
        actors = [worker(*fn_constructor_args) for _ in range(asked["compute"].size)]
        answers = [
            actors[number % len(actors)]({name: [value] for name, value in item.items()})
            for number, item in enumerate(self.items)
        ]
        self.asked = asked
        return Rows([{name: values[0] for name, values in answer.items()} for answer in answers])

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        return iter(self.items)


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    ray = ModuleType("ray")
    ray.calls = []
    ray.running = False

    def init(address: str | None = None, **_: Any) -> None:
        ray.calls.append(f"init {address}")
        ray.running = True

    def shutdown() -> None:
        ray.calls.append("shutdown")
        ray.running = False

    ray.init, ray.shutdown, ray.is_initialized = init, shutdown, lambda: ray.running
    ray.nodes = lambda: [{"Alive": True, "Resources": {"CPU": 4}}, {"Alive": False, "Resources": {"CPU": 64}}]
    ray.data = SimpleNamespace(
        DataContext=SimpleNamespace(get_current=lambda: SimpleNamespace()),
        ActorPoolStrategy=lambda size: SimpleNamespace(size=size),
        from_items=lambda items, override_num_blocks: Rows(items),
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    # Imported anew, with the stand-in; what was there comes back afterwards.
    monkeypatch.setitem(sys.modules, "mint.lab.store.ray_engine", ray)
    del sys.modules["mint.lab.store.ray_engine"]
    monkeypatch.setattr(mint.lab, "scale", None, raising=False)
    return ray


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, str]:
    return {"members": str(people(tmp_path / "m", 2, 3, 0)), "non-members": str(people(tmp_path / "n", 2, 3, 2))}


def test_the_store_is_the_one_that_one_process_makes(ray: ModuleType, sides: dict[str, str], tmp_path: Path) -> None:
    cluster = importlib.import_module("mint.lab.store.ray_engine").Cluster
    recipe = ExtractionRecipe(tiny_network(), aligned=True, recall=False, controls=False, views=False)
    seen: list[Progress] = []
    extract(recipe, sides, tmp_path / "plain", size=4)
    extract(recipe, sides, tmp_path / "ray", cluster(actors=2), size=4, report=seen.append)
    assert tree(tmp_path / "ray") == tree(tmp_path / "plain")
    assert (seen[-1].photos, seen[-1].made, seen[-1].rejected) == (16, 16, 4)
    assert ray.calls == ["init None", "shutdown"]
    # What is missing is made, and nothing else; a Ray that was there before is left running.
    (tmp_path / "ray" / "members" / "000001.safetensors").unlink()
    ray.init("somebody's")
    extract(recipe, sides, tmp_path / "ray", cluster(), size=4, report=seen.append)
    assert tree(tmp_path / "ray") == tree(tmp_path / "plain")
    assert (seen[-1].there, seen[-1].made) == (12, 4)
    assert ray.calls[2:] == ["init somebody's"]
    extract(recipe, sides, tmp_path / "ray", cluster("ray://far:10001"), size=4)  # nothing is due: nobody is called
    assert ray.calls[2:] == ["init somebody's"]


def test_an_error_that_stops_a_run_comes_in_its_own_words(
    ray: ModuleType, sides: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = importlib.import_module("mint.lab.store.ray_engine").Cluster

    def gone(photos: Photos, sample: Sample) -> bytes:
        raise BadInput(f"{sample.file} cannot be read: the disk is gone.")

    monkeypatch.setattr(Photos, "read", gone)
    recipe = ExtractionRecipe(tiny_network(), aligned=True, recall=False, controls=False, views=False)
    with pytest.raises(MintError, match="the disk is gone"):
        extract(recipe, sides, tmp_path / "store", cluster("ray://far:10001"), size=4)
    assert ray.calls == ["init ray://far:10001", "shutdown"]


@pytest.mark.parametrize(
    ("asked", "threads", "tasks", "actors", "processors"),
    [
        (None, 1, 10, 4, 3.5 / 4),
        (None, 2, 10, 2, 1.75),
        (None, 1, 3, 3, 1.0),
        (8, 1, 10, 8, 3.5 / 8),
        (1, 6, 9, 1, 3.5),
    ],
)
def test_half_a_processor_is_left_to_ray(
    ray: ModuleType, asked: int | None, threads: int, tasks: int, actors: int, processors: float
) -> None:
    cluster = importlib.import_module("mint.lab.store.ray_engine").Cluster(actors=asked)
    assert cluster._share(threads, tasks) == (actors, pytest.approx(processors))
