"""The Ray engine: the same extractor in a pool of processes.

Ray hands out the shards that are due; a worker reads its samples from the plan in the store, and writes the shard itself. So
neither photos nor numbers pass through the driver or the object store, a shard that is tried twice (a lost machine) is the
same file once, and what is whole is told as ever: by the shards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mint.lab.store.extractor import ExtractionRecipe, Extractor
from mint.lab.store.run import Done, make
from mint.lab.store.shards import Shards
from mint.lab.store.writer import Plan, Task, Writing
from mint.ray_pool import RayPool


class ShardMaker:
    """Opens the network once, then makes shard after shard."""

    def __init__(self, recipe: ExtractionRecipe, shards: Shards, plan: Plan) -> None:
        self._extractor = Extractor(recipe)
        self._shards, self._plan = shards, plan

    def __call__(self, task: Task) -> Done:
        return make(self._extractor, self._shards, self._plan, task)


@dataclass(frozen=True, slots=True)
class Cluster:
    """An engine for ``extract``.

    Attributes:
        pool: of workers; their threads are the recipe's.
    """

    pool: RayPool

    def __call__(self, recipe: ExtractionRecipe, extractor: Extractor, store: Writing) -> Iterator[Done]:
        """See ``Engine``.

        Raises:
            MintError: as ``RayPool.run``, for example at a full disk.
        """
        pool = replace(self.pool, threads=recipe.threads)
        return pool.run(ShardMaker, (recipe, store.shards, store.plan), list(store.due()))
