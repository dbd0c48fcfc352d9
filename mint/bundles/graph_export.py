"""Write a bundle's graph: trace network, views and auditors in torch, and leave their weights where they lie.

What is traced is the code that scores in torch, so that there is one definition of every view and every auditor. The
exporter is torch's own, see ``networks.modules.export``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from mint.auditors.base import reading_of
from mint.auditors.features import EMBEDDING, RECALLED, read_features
from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.bundles.files import AUDITORS, HEAD, NETWORK, load_bundle
from mint.bundles.graph import CROPS, SALIENCY, AuditGraph
from mint.bundles.stored import GraphNote
from mint.errors import MintError
from mint.networks.architectures import build_network
from mint.networks.modules.export import exported
from mint.networks.onnx.file import Place, with_weights_outside
from mint.networks.onnx.trial import patterns
from mint.networks.saliency import activity
from mint.networks.torch_network import TorchNetwork
from mint.storage.bundle_index import GRAPH, INDEX, NOTE, add_file
from mint.storage.files import json_bytes, read_json
from mint.storage.tensors import header
from mint.vision.faces import CROP_SIZE

OF_NETWORK = "network."  # in NETWORK
CLOSE = 1e-4  # of a column's standard deviation
TRIED = 8  # made-up crops
KINDS = {"F16": torch.float16, "F32": torch.float32}  # what weights are stored as


def fits_a_graph(bundle: Bundle) -> bool:
    """Return whether a graph can score for a bundle: no answer may rest on the search for a face's best cut, which no graph does."""
    return RECALLED not in bundle.online().needs


def add_graph(folder: Path) -> float:
    """Make the graph of a bundle that holds its network, in place of an older one.

    Args:
        folder: of the bundle.

    Returns:
        The largest distance of a score from torch's on made-up crops, in standard deviations of its column.

    Raises:
        MintError: it holds no network, has an auditor that searches, or the graph would say something else than torch.
        WeightsMissing, WeightsCorrupt, BundleMismatch, CannotWrite: as ``load_bundle`` and ``write_files``.
    """
    bundle = load_bundle(folder)
    index = read_json(folder / INDEX)
    network, panel = bundle.network, bundle.online()
    shape = index["network"].get("shape")
    if shape is None or not isinstance(network, TorchNetwork):
        raise MintError(f"{folder.name} does not hold its network, so that no graph of it could.")
    if not fits_a_graph(bundle):
        raise MintError(f"{folder.name} has an auditor that searches for the best cut of a face, which no graph does.")
    files = {name: (folder / name).read_bytes() for name in (NETWORK, AUDITORS)}
    note = GraphNote(network.fingerprint, index["files"][AUDITORS]["sha256"], tuple(panel.auditors), network.describe())
    data = _export(network, shape, panel, files, note)
    apart = _distance(bundle, panel, AuditGraph(folder, data, files))
    if not apart <= CLOSE:
        raise MintError(
            f"The graph of {folder.name} scores {apart:.1e} standard deviations away from torch, more than {CLOSE:g}. "
            "It was not kept: the bundle is as it was."
        )
    add_file(folder, GRAPH, data)
    return apart


def _distance(bundle: Bundle, panel: Panel, graph: AuditGraph) -> float:
    """Return how far the graph's scores of made-up crops lie from torch's at most, in standard deviations."""
    crops = np.ascontiguousarray(patterns(TRIED, CROP_SIZE).transpose(0, 2, 3, 1).round().astype(np.uint8))
    wanted, found = panel.scores(bundle.network, crops), graph.show(crops, tuple(panel.auditors)).columns
    apart = 0.0
    for column in panel.auditors:
        spread = np.concatenate([scores[column] for scores in bundle.calibration.values()]).std()
        apart = max(apart, float(np.abs(wanted[column] - found[column]).max() / max(float(spread), 1e-12)))
    return apart


@dataclass(frozen=True, slots=True, eq=False)
class _Weight:
    """A tensor of a file that a module computes with.

    Attributes:
        file: of the bundle.
        key: in the file.
        owner: the module, or None for the head.
        leaf: its name there.
    """

    file: str
    key: str
    owner: nn.Module | None
    leaf: str

    @property
    def name(self) -> str:
        """The name in the graph."""
        return f"{self.file}:{self.key}"


class _Traced(nn.Module):
    """From a crop and all weights to what the graph puts out; the weights are arguments so that none is folded."""

    def __init__(self, network: TorchNetwork, panel: Panel) -> None:
        super().__init__()
        self.model, self.auditors = network.model, nn.ModuleList(panel.auditors.values())
        self.shown, self.panel = network, panel
        self.views, self.maps = panel.views, panel.maps
        self.weights = [*_weights(NETWORK, OF_NETWORK, network.model), _Weight(NETWORK, HEAD, None, HEAD)]
        for column, auditor in panel.auditors.items():
            self.weights += _weights(AUDITORS, f"{column}.", auditor)

    @property
    def outputs(self) -> list[str]:
        return [EMBEDDING, *self.panel.auditors, *(SALIENCY + tap.name for tap in self.shown.taps)]

    def forward(self, crop: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
        head = None
        for weight, value in zip(self.weights, values, strict=True):
            if weight.owner is None:
                head = normalize(value.float(), dim=1)
            else:
                weight.owner._parameters.pop(weight.leaf, None)
                weight.owner._buffers.pop(weight.leaf, None)
                weight.owner.__dict__[weight.leaf] = value.float()
        reading = reading_of(self.shown, crop.permute(0, 3, 1, 2).float(), self.views, head)
        found = read_features(reading, self.maps)
        scores = [auditor(*auditor.inputs(found, head)) for auditor in self.panel.auditors.values()]
        return (found[EMBEDDING], *scores, *(activity(maps) for maps in reading.plain.taps.values()))


def _weights(file: str, prefix: str, module: nn.Module) -> Iterator[_Weight]:
    for name, value in module.state_dict().items():
        if value.is_floating_point():  # not the counters of batch norms
            owner, _, leaf = name.rpartition(".")
            yield _Weight(file, prefix + name, module.get_submodule(owner), leaf)


def _export(
    network: TorchNetwork, shape: Mapping[str, Any], panel: Panel, files: Mapping[str, bytes], note: GraphNote
) -> bytes:
    """Return the graph of a network and its auditors, without weights."""
    # As it lies in the file: what a loaded network folds into its convolutions, the runtime folds as well.
    unfused = build_network(shape, network.name)
    traced = _Traced(unfused, Panel({c: copy.deepcopy(a) for c, a in panel.auditors.items()})).eval()
    places = _places(traced.weights, files)
    values = [torch.zeros(places[w.name].shape, dtype=KINDS[places[w.name].kind]) for w in traced.weights]
    crop = torch.zeros(1, CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8)
    names = [CROPS, *(weight.name for weight in traced.weights)]
    folded = exported(traced, (crop, *values), names, traced.outputs, network.name)
    return with_weights_outside(folded, places, {NOTE: json_bytes(note.to_dict()).decode()})


def _places(weights: Sequence[_Weight], files: Mapping[str, bytes]) -> dict[str, Place]:
    """Return where in the bundle's files the weights lie, by their names in the graph."""
    starts = {file: 8 + int.from_bytes(data[:8], "little") for file, data in files.items()}
    headers = {file: header(data) for file, data in files.items()}
    found = {}
    for weight in weights:
        about = headers[weight.file][weight.key]
        begin, end = about["data_offsets"]
        shape = tuple(about["shape"])
        found[weight.name] = Place(weight.file, about["dtype"], shape, starts[weight.file] + begin, end - begin)
    return found
