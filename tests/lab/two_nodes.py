"""Run by test_ray_engine.py in a process of its own: ``extract`` on a Ray of two nodes, then the plain engine.

Prints one JSON object: nodes, the hosts that worked, and whether the stores are the same.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import ray
from ray.cluster_utils import Cluster as Nodes
from torch import Tensor

from mint.errors import MintError
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.ray_engine import Cluster
from mint.lab.store.run import Progress, extract
from mint.networks.base import Maps
from mint.networks.torch_network import TorchNetwork
from mint.ray_pool import RayPool
from tests.lab.photos import people, tiny_network, tree


class Mortal(TorchNetwork):
    """The tiny network, whose process dies once, when it is far from home: not in the driver."""

    def __init__(self, mark: str) -> None:
        tiny = tiny_network()
        super().__init__("tiny", tiny.model, tiny.taps, tiny.input_size, tiny.head, tiny.fingerprint)
        self.mark, self.driver, self.looks = Path(mark), os.getpid(), 0

    def forward(self, batch: Tensor) -> Maps:
        self.looks += 1
        if os.getpid() != self.driver and self.looks > 3 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward(batch)


def main(work: Path) -> None:
    sides = {"members": str(people(work / "m", 4, 4, 0)), "non-members": f"file://{people(work / 'n', 4, 4, 2)}"}
    recipe = ExtractionRecipe(tiny_network(), aligned=True, recall=False, readers=1)
    extract(recipe, sides, work / "plain", size=4)
    nodes = Nodes(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    nodes.add_node(num_cpus=1)
    started = time.perf_counter()
    seen: list[Progress] = []
    found: dict[str, object] = {}
    ray.init(address=nodes.address, log_to_driver=False, logging_level="WARNING")
    try:
        found["nodes"] = sum(node["Alive"] for node in ray.nodes())
        extract(recipe, sides, f"file://{work / 'ray'}", Cluster(RayPool(workers=2)), size=4, report=seen.append)
        found["same"] = tree(work / "ray") == tree(work / "plain")
        found["last"] = [seen[-1].photos, seen[-1].made, seen[-1].rejected]
        # A machine is lost in the middle: its shard is made by another actor, and is there once.
        recipe = replace(recipe, network=Mortal(str(work / "died")))
        extract(recipe, sides, work / "lost", Cluster(RayPool(workers=2)), size=4, report=seen.append)
        found["died"] = (work / "died").exists()
        found["same after a loss"] = tree(work / "lost") == tree(work / "plain")
        # What is missing is made, and nothing else.
        for name in ("members/000001.safetensors", "non-members/000002.parquet"):
            (work / "ray" / name).unlink()
        extract(recipe, sides, work / "ray", Cluster(RayPool(workers=1)), size=4, report=seen.append)
        found["mended"] = tree(work / "ray") == tree(work / "plain")
        found["again"] = [seen[-1].there, seen[-1].made]
        # An error that stops a run reaches the driver in its own words.
        pq.write_table(pa.table({"label": [1, 2]}), work / "blind.parquet")
        try:
            blind = {"members": str(work / "blind.parquet"), "non-members": sides["non-members"]}
            extract(recipe, blind, work / "blind", Cluster(RayPool(workers=1)), size=4)
        except MintError as error:
            found["refused"] = str(error)
    finally:
        ray.shutdown()
        nodes.shutdown()
    found["seconds"] = time.perf_counter() - started
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
