"""What tests of whole runs share: a pool and a twin that train in a moment, and a run that is killed and goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import FLOAT32
from mint.lab.twins.recipe import TwinRecipe
from tests.ledgers import people
from tests.remembering import pictures

TINY_TWIN = TwinRecipe(
    layers=(1, 1, 1, 1), width=4, input_size=16, embedding_size=8, epochs=1, keep=(), batch=8, precision=FLOAT32
)


class Killed(Exception):
    """Stands for a power cut."""


def tiny_pool(*count: int) -> Pool:
    """A pool of noise; arguments as for ``people``."""
    rows = people(*count)
    return Pool(tuple(rows), pictures(len(rows), 1, size=32))


def recorded(train: Callable[..., Path], trained: list[str], killed_at: int = 0) -> Callable[..., Path]:
    """Do what ``train_twin`` does, and list the names of the folders; at one of them, counted from 1, the run is killed."""

    def training(*given: Any) -> Path:
        trained.append(given[2].name)
        if len(trained) == killed_at:
            raise Killed
        return train(*given)

    return training


def without_seconds(found: Any) -> Any:
    """The figures of a run without how long its networks took."""
    if isinstance(found, dict):
        return {name: without_seconds(value) for name, value in found.items() if name != "seconds"}
    return [without_seconds(value) for value in found] if isinstance(found, list) else found
