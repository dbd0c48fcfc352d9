"""Photos that lie in several stores of one network, read as one store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.lab.inputs.splits import Indices
from mint.lab.store.folder import Folder
from mint.lab.store.reader import NETWORK, Rows, Store

Part = tuple[Store, Indices, Indices]  # a store, some of its rows, and the number that each is asked for by
FACTS = [field.name for field in fields(Rows) if field.name != "qualities"]


class JoinedStore:
    """Some rows of several stores, in the order of their numbers.

    Args:
        parts: at least one; no number is in two. The stores are of one network, and hold the same of a photo where a feature
            is read that both have.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._stores = [store for store, _, _ in parts]
        numbers = np.concatenate([numbers for _, _, numbers in parts])
        order = np.argsort(numbers, kind="stable")
        self.numbers: Indices = numbers[order]
        self._which = np.repeat(np.arange(len(parts)), [len(rows) for _, rows, _ in parts])[order]
        self._where = np.concatenate([rows for _, rows, _ in parts])[order]

    @property
    def folder(self) -> Folder:
        """The folder of the first store, for errors."""
        return self._stores[0].folder

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest of the first store: the network and its taps are the same in all."""
        return self._stores[0].manifest

    def shapes(self, part: str = NETWORK) -> dict[str, tuple[int, ...]]:
        """Return each feature's shape of one row, of those that every store keeps."""
        every = [store.shapes(part) for store in self._stores]
        return {name: shape for name, shape in every[0].items() if all(name in other for other in every)}

    @cached_property
    def rows(self) -> Rows:
        """The facts of every photo, as each store has them."""
        every = [store.rows for store in self._stores]
        facts = {name: self._picked([getattr(one, name) for one in every]) for name in FACTS}
        qualities = {name: self._picked([one.qualities[name] for one in every]) for name in every[0].qualities}
        return Rows(**facts, qualities=qualities)

    def read(self, names: Sequence[str], part: str = NETWORK, where: Indices | None = None) -> dict[str, np.ndarray]:
        """Read numbers of (M,) rows, or of all, as ``Store.read`` does."""
        where = np.arange(len(self._which)) if where is None else where
        found: dict[str, np.ndarray] = {}
        for number, store in enumerate(self._stores):
            here = np.flatnonzero(self._which[where] == number)
            for name, values in store.read(names, part, self._where[where][here]).items():
                found.setdefault(name, np.empty((len(where), *values.shape[1:]), values.dtype))[here] = values
        return found

    def _picked(self, columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
        found = np.empty(len(self._which), columns[0].dtype)
        for number, values in enumerate(columns):
            here = self._which == number
            found[here] = values[self._where[here]]
        return found
