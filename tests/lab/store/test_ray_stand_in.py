"""The Ray engine with a stand-in for Ray, which works in this process: the store is the one that ``plain`` makes.

The real Ray, on two nodes, is in test_ray_engine.py; what a pool of workers promises is in tests/test_ray_pool.py.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from mint.errors import BadInput, MintError
from mint.lab.inputs.samples import Photos, Sample
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.run import Engine, Progress, extract
from tests.lab.photos import people, tiny_network, tree
from tests.ray_stand_in import RayStandIn, install


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> RayStandIn:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # a worker sets it, and here it is this process
    return install(monkeypatch)


def cluster(address: str | None = None, workers: int | None = None) -> Engine:
    pool = importlib.import_module("mint.ray_pool").RayPool(address, workers)
    engine: Engine = importlib.import_module("mint.lab.store.ray_engine").Cluster(pool)
    return engine


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, str]:
    return {"members": str(people(tmp_path / "m", 2, 3, 0)), "non-members": str(people(tmp_path / "n", 2, 3, 2))}


def test_the_store_is_the_one_that_one_process_makes(ray: RayStandIn, sides: dict[str, str], tmp_path: Path) -> None:
    recipe = ExtractionRecipe(tiny_network(), aligned=True, recall=False, controls=False, views=False)
    seen: list[Progress] = []
    extract(recipe, sides, tmp_path / "plain", size=4)
    extract(recipe, sides, tmp_path / "ray", cluster(workers=2), size=4, report=seen.append)
    assert tree(tmp_path / "ray") == tree(tmp_path / "plain")
    assert (seen[-1].photos, seen[-1].made, seen[-1].rejected) == (16, 16, 4)
    assert ray.calls == ["init local", "shutdown"]
    assert [asked["num_cpus"] for asked in ray.asked] == [1.0, 1.0]
    # What is missing is made, and nothing else; a Ray that was there before is left running.
    (tmp_path / "ray" / "members" / "000001.safetensors").unlink()
    ray.init("somebody's")
    extract(recipe, sides, tmp_path / "ray", cluster(), size=4, report=seen.append)
    assert tree(tmp_path / "ray") == tree(tmp_path / "plain")
    assert (seen[-1].there, seen[-1].made) == (12, 4)
    extract(recipe, sides, tmp_path / "ray", cluster("ray://far:10001"), size=4)  # nothing is due: nobody is called
    assert ray.calls[2:] == ["init somebody's"]


def test_an_error_that_stops_a_run_comes_in_its_own_words(
    ray: RayStandIn, sides: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(photos: Photos, sample: Sample) -> bytes:
        raise BadInput(f"{sample.file} cannot be read: the disk is gone.")

    monkeypatch.setattr(Photos, "read", gone)
    recipe = ExtractionRecipe(tiny_network(), aligned=True, recall=False, controls=False, views=False)
    with pytest.raises(MintError, match="the disk is gone"):
        extract(recipe, sides, tmp_path / "store", cluster("auto"), size=4)
    assert ray.calls == ["init auto", "shutdown"]
