"""Network and auditors of a bundle with a graph: known at once, opened by torch only where somebody wants them themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.networks.base import AuditedNetwork, Maps, Tap
from mint.networks.modules.light_names import light_of, told_of_light
from mint.storage.files import parse_json
from mint.vision.detectors import Finder

if TYPE_CHECKING:  # takes seconds to import: only who opens them waits
    from torch import Tensor

    from mint.auditors.base import Auditor

FORMAT = "mint-graph-1"


@dataclass(frozen=True, slots=True)
class GraphNote:
    """What a graph says of itself.

    Attributes:
        network: sha256 of the network's weights.
        auditors: sha256 of the auditors' weights.
        columns: of the auditors whose scores it puts out.
        about: what ``AuditedNetwork.describe`` says of the network.
    """

    network: str
    auditors: str
    columns: tuple[str, ...]
    about: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; ``parse`` reads them."""
        return {
            "format": FORMAT,
            "network": self.network,
            "auditors": self.auditors,
            "columns": list(self.columns),
            "about": dict(self.about),
        }

    @classmethod
    def parse(cls, text: str) -> GraphNote:
        """Read an untrusted note.

        Raises:
            ValueError: it is none.
        """
        found = parse_json(text.encode())
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError(f"its graph is not of the format {FORMAT}")
        columns, about = found.get("columns"), found.get("about")
        if not isinstance(columns, list) or not all(isinstance(c, str) for c in columns) or not isinstance(about, dict):
            raise ValueError("its graph does not say what it holds")
        return cls(str(found.get("network")), str(found.get("auditors")), tuple(columns), about)

    @property
    def taps(self) -> tuple[Tap, ...]:
        """The places of the network that the graph shows. Raises TypeError, KeyError."""
        return tuple(Tap(**tap) for tap in self.about["taps"])


class StoredNetwork(AuditedNetwork):
    """The network that a bundle with a graph holds.

    Args:
        note: of the graph that runs it.
        finder: finds faces for it.
        centres: (K, E) class centres.
        load: opens it in torch.
    """

    kind = "torch"

    def __init__(
        self, name: str, note: GraphNote, finder: Finder, centres: np.ndarray, load: Callable[[], AuditedNetwork]
    ) -> None:
        about = note.about
        self.name, self.finder, self.fingerprint = name, finder, note.network
        self.taps, self.input_size = note.taps, int(about["input_size"])
        self.mean, self.scale = float(about["mean"]), float(about["scale"])
        self.light = light_of(about)
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
        return super().describe() | told_of_light(self.light)

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
