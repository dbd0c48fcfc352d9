"""Network and auditors of a bundle with a graph: known at once, opened by torch only where somebody wants them themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.networks.base import AuditedNetwork, Maps
from mint.vision.detectors import Finder

if TYPE_CHECKING:  # takes seconds to import: only who opens them waits
    from torch import Tensor

    from mint.auditors.base import Auditor
    from mint.bundles.graph import AuditGraph


class StoredNetwork(AuditedNetwork):
    """The network that a bundle with a graph holds.

    Args:
        graph: that runs it.
        finder: finds faces for it.
        centres: (K, E) class centres.
        load: opens it in torch.
    """

    kind = "torch"

    def __init__(
        self, name: str, graph: AuditGraph, finder: Finder, centres: np.ndarray, load: Callable[[], AuditedNetwork]
    ) -> None:
        about = graph.note.about
        self.name, self.finder, self.fingerprint = name, finder, graph.note.network
        self.taps, self.input_size = graph.note.taps, int(about["input_size"])
        self.mean, self.scale = float(about["mean"]), float(about["scale"])
        self._standardised = bool(about.get("standardised", False))
        self._load = load
        rows = centres.astype(np.float32)
        self._centres: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

    @property
    def opened(self) -> AuditedNetwork:
        """The network itself, in torch. Raises as ``load_bundle``."""
        return self._load()

    @property
    def head(self) -> Tensor | None:  # type: ignore[override]
        return self.opened.head

    def centres(self) -> np.ndarray | None:
        return self._centres

    def describe(self) -> dict[str, Any]:
        return super().describe() | ({"standardised": True} if self._standardised else {})

    def preprocess(self, crops: Tensor) -> Tensor:
        return self.opened.preprocess(crops)

    def forward(self, batch: Tensor) -> Maps:
        return self.opened.forward(batch)


class StoredAuditors(Mapping[str, "Auditor"]):
    """The auditors that a bundle with a graph holds, by column; built when the first of them is wanted.

    Args:
        columns: their names, in order.
        load: builds all of them.
    """

    def __init__(self, columns: Sequence[str], load: Callable[[], Mapping[str, Auditor]]) -> None:
        self._columns, self._load = tuple(columns), load

    @cached_property
    def _built(self) -> Mapping[str, Auditor]:
        return self._load()

    def __getitem__(self, column: str) -> Auditor:
        return self._built[column]

    def __contains__(self, column: object) -> bool:
        return column in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
