"""The Ray engine: the same extractor in a pool of actors. Nothing else imports ray.

Ray Data hands out the shards that are due; an actor reads its samples from the plan in the store, and
writes the shard itself. So neither photos nor numbers pass through the driver or the object store, a
shard that is tried twice (a lost machine) is the same file once, and what is whole is told as ever:
by the shards.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # before ray reads it: nothing is sent anywhere

import ray

from mint.errors import MintError
from mint.lab.store.extractor import ExtractionRecipe, Extractor
from mint.lab.store.run import Done, make
from mint.lab.store.shards import Shards
from mint.lab.store.writer import Plan, Task, Writing

SPARE = 0.5  # of a processor, left to Ray's own tasks


class Worker:
    """An actor that opens the network once, then makes shard after shard."""

    def __init__(self, recipe: ExtractionRecipe, shards: Shards, plan: Plan) -> None:
        self._extractor = Extractor(recipe)
        self._shards, self._plan = shards, plan

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Run tasks; an error that the user can fix is returned, not raised."""
        found: dict[str, list[Any]] = {"side": [], "number": [], "photos": [], "rejected": [], "problem": []}
        for side, number in zip(batch["side"], batch["number"], strict=True):
            task, problem = Task(str(side), int(number)), ""
            done = Done(task, 0, 0)
            try:
                done = make(self._extractor, self._shards, self._plan, task)
            except MintError as error:
                problem = str(error)
            for name, value in zip(found, (task.side, task.number, done.photos, done.rejected, problem), strict=True):
                found[name].append(value)
        return found


@dataclass(frozen=True, slots=True)
class Cluster:
    """An engine for ``extract``.

    Attributes:
        address: of a running Ray; None starts one here for the time of the run.
        actors: how many; None for as many as the processors carry.
        gpus: that each of them takes, may be a fraction.
    """

    address: str | None = None
    actors: int | None = None
    gpus: float = 0.0

    def __call__(self, recipe: ExtractionRecipe, extractor: Extractor, store: Writing) -> Iterator[Done]:
        """See ``Engine``.

        Raises:
            MintError: an actor met an error that stops the run, such as a full disk.
        """
        tasks = [{"side": task.side, "number": task.number} for task in store.due()]
        if not tasks:
            return
        mine = not ray.is_initialized()
        if mine and self.address is None:
            ray.init(log_to_driver=False, include_dashboard=False, logging_level=logging.WARNING)
        elif mine:
            ray.init(self.address, log_to_driver=False, logging_level=logging.WARNING)
        ray.data.DataContext.get_current().enable_progress_bars = False  # the shell has its own
        try:
            actors, cpus = self._share(recipe.threads, len(tasks))
            shown = ray.data.from_items(tasks, override_num_blocks=len(tasks)).map_batches(
                Worker,
                fn_constructor_args=(recipe, store.shards, store.plan),
                batch_size=1,
                compute=ray.data.ActorPoolStrategy(size=actors),
                num_cpus=cpus,
                num_gpus=self.gpus or None,
            )
            logging.getLogger("ray.data").setLevel(logging.WARNING)  # Ray sets it anew for every dataset
            for row in shown.iter_rows():
                if row["problem"]:
                    raise MintError(row["problem"])
                yield Done(Task(row["side"], row["number"]), row["photos"], row["rejected"])
        finally:
            if mine:
                ray.shutdown()

    def _share(self, threads: int, tasks: int) -> tuple[int, float]:
        """Return the number of actors and the processors that each asks for.

        Actors that take every processor leave none to the tasks that feed them, and the run stands
        still (ray-project/ray#44687).
        """
        nodes = [float(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        actors = min(self.actors or max(1, int(sum(nodes)) // threads), tasks)
        return actors, min(float(threads), max(nodes), (sum(nodes) - SPARE) / actors)
