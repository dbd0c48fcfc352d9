"""A bundle's graph: network, taps and auditors as one ONNX graph. A crop goes in, scores come out, and torch is not needed.

The graph holds no weights of its own. It says where in ``network.safetensors`` and ``auditors.safetensors`` they lie, so
that it is small, and cannot hold other ones than the bundle does. ``graph_export.py`` writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from mint.auditors.panel import Panel, PanelLook
from mint.bundles.bundle import Bundle
from mint.bundles.stored import GraphNote, StoredAuditors, StoredNetwork
from mint.errors import BundleMismatch, WeightsCorrupt
from mint.networks.base import AuditedNetwork
from mint.networks.onnx.session import FLOATS, OnnxSession
from mint.storage.bundle_index import GRAPH, NOTE
from mint.storage.files import read_json
from mint.storage.paths import MANIFEST, WEIGHTS
from mint.vision.faces import qualities

CROPS, EMBEDDING, SALIENCY = "crops", "embedding", "saliency/"
GRAPH_BYTES = 8 * 2**20  # of a graph without weights; the twins' has a twentieth


class AuditGraph:
    """A bundle's graph, ready to run.

    Args:
        folder: of the bundle, for errors.
        data: the graph's file.
        weights: the files that its weights lie in: name to bytes.

    Attributes:
        note: what the graph says of itself.

    Raises:
        WeightsCorrupt: it is no graph, reads other files, or lacks what it promises.
        ValueError: its note makes no sense.
    """

    def __init__(self, folder: Path, data: bytes, weights: Mapping[str, bytes]) -> None:
        self._name = f"{folder.name}/{GRAPH}"
        self._again = f"Make it again: mint weights graph {folder}"
        if len(data) > GRAPH_BYTES:
            raise WeightsCorrupt(f"{self._name} is far larger than a graph without weights. {self._again}")
        if hashlib.sha256(data).hexdigest() not in shipped_graphs():
            from mint.networks.onnx.checks import check_stored_graph  # imports onnx: only for graphs that others made

            check_stored_graph(data, self._name, weights)
        self._session = OnnxSession(data, self._name, weights=weights, arena=False)
        self.note = GraphNote.parse(self._session.notes.get(NOTE, ""))
        types = self._session.types
        self._taps = tuple(tap.name for tap in self.note.taps)
        wanted = (EMBEDDING, *self.note.columns, *(SALIENCY + tap for tap in self._taps))
        lacking = [tensor for tensor in wanted if types.get(tensor) != FLOATS]
        if lacking:
            raise WeightsCorrupt(f"{self._name} does not put out {lacking[0][:100]}. {self._again}")

    def check(self, network: str, auditors: str, columns: Sequence[str]) -> None:
        """Refuse the graph of another bundle.

        Args:
            network: the sha256 of its network's weights.
            auditors: that of its auditors'.
            columns: of the auditors that page and shell run.

        Raises:
            BundleMismatch: it was made from other weights, or of other auditors.
        """
        if (self.note.network, self.note.auditors) != (network, auditors) or set(self.note.columns) != set(columns):
            raise BundleMismatch(
                f"{self._name} was made from other weights or auditors than this bundle's. {self._again}"
            )

    def show(self, crops: np.ndarray, columns: Sequence[str], saliency: bool = False) -> PanelLook:
        """Score crops, each by itself, so that no score depends on its neighbours.

        Args:
            crops: (N, 112, 112, 3) uint8 RGB.
            columns: of the auditors that score; the others are not run.
            saliency: whether it is wanted where the network is active, too.

        Raises:
            WeightsCorrupt: the graph cannot be run, or puts out what is no number.
        """
        taps = self._taps if saliency else ()
        asked = (EMBEDDING, *columns, *(SALIENCY + tap for tap in taps))
        found: dict[str, list[np.ndarray]] = {name: [] for name in asked}
        for crop in np.ascontiguousarray(crops):
            for name, value in zip(asked, self._session({CROPS: crop[None]}, asked), strict=True):
                found[name].append(value)
        values = {name: np.concatenate(parts) for name, parts in found.items()}
        if not all(np.isfinite(part).all() for part in values.values()):
            raise WeightsCorrupt(f"{self._name} puts out what is no number. {self._again}")
        embedding = values[EMBEDDING]
        lengths = np.linalg.norm(embedding, axis=1)
        scores = {column: values[column] for column in columns} | qualities(crops, lengths)
        return PanelLook(
            {name: score.astype(np.float32) for name, score in scores.items()},
            embedding / np.maximum(lengths, 1e-12)[:, None],
            {tap: values[SALIENCY + tap] for tap in taps},
        )


@dataclass(frozen=True, slots=True, eq=False)
class GraphPanel(Panel):
    """A panel whose scores come out of the bundle's graph, as long as the network is the bundle's own.

    Attributes:
        graph: of the bundle.
        network: of the bundle; a copy that was taught something is another one.
    """

    graph: AuditGraph = field(kw_only=True)
    network: StoredNetwork = field(kw_only=True)
    _columns: tuple[str, ...] = field(
        init=False, repr=False
    )  # that the graph puts out; none where it lacks one of them

    def __post_init__(self) -> None:
        Panel.__post_init__(self)
        columns = tuple(self.auditors)
        object.__setattr__(self, "_columns", columns if set(columns) <= set(self.graph.note.columns) else ())

    def only(self, columns: Iterable[str]) -> Panel:
        wanted = frozenset(columns)
        if lacking := sorted(wanted - self.auditors.keys()):
            raise KeyError(f"The panel has no auditor {', '.join(lacking)}.")
        kept = [column for column in self.auditors if column in wanted]
        every = self.auditors
        return GraphPanel(
            StoredAuditors(kept, lambda: {c: every[c] for c in kept}), graph=self.graph, network=self.network
        )

    def show(self, network: AuditedNetwork, crops: np.ndarray, saliency: bool = False) -> PanelLook:
        if network is self.network and self._columns:
            return self.graph.show(crops, self._columns, saliency)
        return Panel.show(self, network, crops, saliency)


def opened(bundle: Bundle) -> Bundle:
    """Return a bundle whose network and auditors are torch's own: what teaching and the lab compute with."""
    network, panel = bundle.network, bundle.panel
    if isinstance(network, StoredNetwork):
        network = network.opened
    if isinstance(panel, GraphPanel):
        panel = Panel(dict(panel.auditors))
    same = network is bundle.network and panel is bundle.panel
    return bundle if same else replace(bundle, network=network, panel=panel)


@lru_cache(maxsize=1)
def shipped_graphs() -> frozenset[str]:
    """Return the sha256 of the graphs that came with this package, as its manifest lists them.

    They were checked when they were made, and ``mint weights verify`` and the tests check them again. Nobody else's graph is
    among them: whoever could write there could as well write this code.
    """
    try:
        listed = read_json(WEIGHTS / MANIFEST)["files"]
        return frozenset(str(entry["sha256"]) for entry in listed if str(entry["file"]).endswith(f"/{GRAPH}"))
    except (OSError, ValueError, LookupError, TypeError):
        # `mint weights verify` tells it; until then every graph is checked.
        return frozenset()
