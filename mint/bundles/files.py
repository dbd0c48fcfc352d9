"""Bundles on disk: written whole, and checked before anything of them is used.

A bundle is a folder of safetensors and JSON. ``bundle.json`` names every other file with its bytes
and sha256, and the network that the auditors belong to. The twins' bundles hold their networks.
Networks of others are named, never copied. Those that hold theirs may hold a graph as well, which scores without torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError
from safetensors.numpy import load as load_numpy
from safetensors.numpy import save as save_numpy

from mint.auditors import Spec
from mint.auditors.panel import Panel
from mint.bundles.bounds import about, parse_bounds
from mint.bundles.bundle import PEOPLE, Bundle
from mint.bundles.checks import (
    check_classes,
    check_evaluation,
    check_gates,
    check_judging,
    check_numbers,
    check_owner,
    check_scores,
    check_specs,
    check_state,
    check_unique,
)
from mint.errors import BadInput, BundleMismatch, WeightsCorrupt, WeightsMissing, brief
from mint.evidence.fusion import Fusion, Platt
from mint.evidence.person import PersonTest
from mint.evidence.score_table import CALIBRATION, IDENTITY, MEMBERS, PERSON, PHOTO, TEST, ScoreTable
from mint.evidence.verdict import Range
from mint.i18n.sentences import kept, restored
from mint.networks.base import AuditedNetwork, FeatureShapes
from mint.storage.bundle_index import BOUNDS, FORMAT, GRAPH, INDEX, BundleIndex, FileEntry, add_file, parse_index
from mint.storage.files import MOST_JSON, finish, json_bytes, parse_json, read_bytes, read_json, write_files
from mint.storage.tensors import MOST_BYTES, tensors_in
from mint.types import FULL, REFERENCE
from mint.vision.detectors import RECORDED, YUNET, Finder, recorded_finder

if TYPE_CHECKING:  # takes seconds to import, and an answer from a graph needs none of it
    from torch import Tensor

SENTENCES = "sentences"  # among the facts: what texts are made from, where they are told in other languages

# What nonsense in a file makes other code raise.
UNSOUND = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, SafetensorError, TypeError, ValueError)
NETWORK, AUDITORS, SCORES, EVALUATION = (
    "network.safetensors",
    "auditors.safetensors",
    "scores.safetensors",
    "evaluation.json",
)
LATER = (SCORES, EVALUATION, BOUNDS)  # files that are read after the others, so that not all lie in memory at once
FILES = (NETWORK, AUDITORS, GRAPH, *LATER)
HEAD = "head"  # in NETWORK: the class centres


def save_bundle(
    bundle: Bundle, folder: str | Path, network_file: str | Path | None = None, shape: Mapping[str, Any] | None = None
) -> None:
    """Write a bundle so that a reader sees the old one or the new one, never a valid mixture.

    Of two processes that write one bundle, the later one's stays, whole.

    Args:
        bundle: to write.
        folder: made if needed.
        network_file: weights that go into the bundle: of this project's own networks only. Without
            it the network is named, and must be there when the bundle is loaded.
        shape: of these weights, as in ``mint.networks.catalog``.

    Raises:
        CannotWrite: there is no room, or the folder is read-only; what was there is unchanged.

    What belongs to the weights and scores that it was made from is made anew: the graph (``graph_export.add_graph``), the
    bounds (``add_bounds``).
    """
    from safetensors.torch import save as save_torch

    from mint.networks.reopen import reference

    folder = Path(folder)
    files: dict[str, bytes] = {}
    if network_file is None:
        network = reference(bundle.network, folder)
    else:
        files[NETWORK] = Path(network_file).read_bytes()
        network = {
            "fingerprint": hashlib.sha256(files[NETWORK]).hexdigest(),
            "shape": dict(shape or {}),
            **_finder(bundle.network),
        }
    fingerprint = network["fingerprint"]
    state = {
        f"{name}.{k}": _stored_as(v) for name, a in bundle.panel.auditors.items() for k, v in a.state_dict().items()
    }
    about = {
        "format": FORMAT,
        "network": fingerprint,
        "name": bundle.name,
        "licence": str(bundle.facts.get("licence", "")),
    }
    files[AUDITORS] = save_torch(
        state, {**about, "content": "auditors (MINT models), float16 where that loses nothing"}
    )
    people = {} if bundle.people is None else {PEOPLE + name: sets for name, sets in bundle.people.scores.items()}
    sets = {name: values for name, values in ScoreTable(people).tensors().items() if len(values)}
    files[SCORES] = save_numpy({**bundle.scores.tensors(), **sets}, {**about, "content": "scores, split|source|column"})
    if bundle.evaluation is not None:
        files[EVALUATION] = json_bytes(bundle.evaluation)
    listed = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    files[INDEX] = json_bytes(
        {
            "format": FORMAT,
            "name": bundle.name,
            **({} if bundle.tier == FULL else {"tier": bundle.tier}),
            "network": network,
            "auditors": [asdict(spec) for spec in bundle.specs],
            "fusion": {name: fusion.to_dict() for name, fusion in bundle.fusions.items()},
            "platt": {name: [platt.slope, platt.bias] for name, platt in bundle.platt.items()},
            "range": {name: list(bounds) for name, bounds in bundle.ranges.bounds.items()},
            "gates": dict(bundle.gates),
            **({} if bundle.people is None else {"people": bundle.people.to_dict()}),
            **({"uncalibrated_classes": list(few)} if (few := bundle.uncalibrated_classes) else {}),
            "facts": {**bundle.facts, **({SENTENCES: told} if (told := kept(bundle.facts)) else {})},
            "files": listed,
        }
    )
    write_files(folder, files)


def add_bounds(folder: Path, network: AuditedNetwork | None = None) -> None:
    """Compute a bundle's bounds of false alarms, and store them in place of older ones.

    Args:
        folder: of the bundle.
        network: as for ``load_bundle``.

    Raises:
        WeightsMissing, WeightsCorrupt, BundleMismatch, CannotWrite: as ``load_bundle`` and ``write_files``.
    """
    bundle = load_bundle(folder, network)  # without older bounds: these may be damaged or gone
    scores = read_json(folder / INDEX)["files"][SCORES]["sha256"]
    add_file(folder, BOUNDS, save_numpy(bundle.bound_tensors(), about(scores)))


def load_bundle(folder: str | Path, network: AuditedNetwork | None = None, graph: bool = False) -> Bundle:
    """Read a bundle and check every file before using it.

    Args:
        folder: of the bundle.
        network: that it was made for, where somebody has it open already; needed for a torch module.
        graph: whether scores may come from the bundle's graph, and bounds of false alarms from its file, where it has
            them. Network and auditors are then opened in torch only where somebody wants them themselves.

    Raises:
        WeightsMissing: the folder, a file or the network is not there.
        WeightsCorrupt: a file's bytes are not the promised ones, or make no sense.
        BundleMismatch: auditors or scores belong to another network.
        CannotWrite: whoever wrote it was killed at the last step, and the folder is read-only now.
        OSError: the system refuses something else.
    """
    folder = Path(folder)
    path = folder / INDEX
    finish(folder)
    if not path.is_file():
        raise WeightsMissing(
            f"There is no bundle in {folder}. Bundles are folders with a bundle.json, such as weights/twin-a."
        )
    try:
        data = read_bytes(path, MOST_JSON)
        index = parse_index(data, folder.name)
        files = {n: checked(folder, n, entry) for n, entry in index.files.items() if n not in LATER}
        check_owner(f"{folder.name}/{AUDITORS}", files[AUDITORS], index.network.fingerprint)
        specs = tuple(Spec(**spec) for spec in index.auditors)
        online = [spec.column for spec in specs if spec.online]
        check_judging(index, online, (PHOTO, PERSON))
        sha256 = hashlib.sha256(data).hexdigest()
        panel: Panel
        if graph and network is None and GRAPH in files and index.network.shape is not None:
            network, panel = _stored(folder, index, specs, files, sha256)
        else:
            network = _network(folder, index, network)
            panel = _panel(specs, network, files[AUDITORS])
        del files  # nobody needs these bytes any more, and each of what follows takes its memory
        files = {n: checked(folder, n, index.files[n]) for n in LATER if n in index.files and (graph or n != BOUNDS)}
        check_owner(f"{folder.name}/{SCORES}", files[SCORES], index.network.fingerprint)
        evaluation = check_evaluation(parse_json(files[EVALUATION])) if EVALUATION in files else None
        tables = ScoreTable.parse(load_numpy(files[SCORES]))
        check_scores(tables, PEOPLE, (*online, PHOTO, PERSON, IDENTITY))
        people = {purpose: tables.get(PEOPLE + purpose, {}) for purpose in (CALIBRATION, TEST)}
        tables = ScoreTable(
            {split: kinds for split, kinds in tables.items() if split not in (PEOPLE + CALIBRATION, PEOPLE + TEST)}
        )
        bounds = None
        if graph and BOUNDS in files:
            bounds = parse_bounds(files[BOUNDS], folder, tables, index.files[SCORES].sha256)
        return Bundle(
            name=index.name,
            network=network,
            panel=panel,
            specs=specs,
            fusions={name: Fusion.from_dict(fusion.model_dump()) for name, fusion in index.fusion.items()},
            platt={name: Platt(*values) for name, values in index.platt.items()},
            ranges=Range({name: (low, high) for name, (low, high) in index.range.items()}),
            scores=tables,
            gates=check_gates(index.gates, folder.name, evaluation or {}, PHOTO),
            facts=restored(index.facts, index.facts.get(SENTENCES, {})),
            sha256=sha256,
            core_sha256=index.core_sha256(PHOTO),
            evaluation=evaluation,
            people=None if index.people is None else PersonTest.from_dict(index.people.model_dump(), people),
            tier=index.tier if tables.rows(CALIBRATION, MEMBERS) else REFERENCE,
            stored_bounds=bounds,
            uncalibrated_classes=check_classes(index.uncalibrated_classes, network.centres()),
        )
    except BadInput as error:  # its alignment is none of ours
        raise BundleMismatch(f"{folder.name} was made by another version: {error}") from error
    except UNSOUND as error:
        if isinstance(error, OSError) and error.filename is None:  # none of its files: no temporary folder, say
            raise
        raise WeightsCorrupt(
            f"{folder.name} is not a complete bundle: {brief(error)}. Restore the whole folder."
        ) from error


def _stored_as(value: Tensor) -> Tensor:
    """Return an auditor's matrix in float16 where no number changes by it, and everything else as it is."""
    import torch

    if value.ndim < 2 or value.dtype != torch.float32:
        return value.contiguous()
    half = value.half()
    return (half if torch.equal(half.float(), value) else value).contiguous()


def _finder(network: AuditedNetwork) -> dict[str, str]:
    """Return what is recorded of how faces are found for a network in the bundle; nothing of the first, for older readers."""
    name = network.finder.name
    return {} if name == YUNET.name or name not in RECORDED else {"finder": name}


def checked(folder: Path, name: str, entry: FileEntry) -> bytes:
    """Read a file of a bundle and compare it with its entry. Raises ValueError, WeightsMissing or WeightsCorrupt."""
    path = folder / name
    if name not in FILES:
        raise ValueError(f"it lists {name[:100]!r}, which this version does not know")
    again = f", or compute it again with mint weights bounds {folder}" if name == BOUNDS else ""
    if not path.is_file():
        raise WeightsMissing(f"{folder.name}/{name} is missing. Restore the whole folder from the repository{again}.")
    # Once: what was checked is what is used. No more is read than was promised.
    data = read_bytes(path, min(entry.bytes, MOST_BYTES)) if path.stat().st_size == entry.bytes else b""
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise WeightsCorrupt(
            f"{folder.name}/{name} is damaged: its sha256 is not the one in bundle.json. Restore the whole folder{again}."
        )
    return data


def _network(folder: Path, index: BundleIndex, network: AuditedNetwork | None) -> AuditedNetwork:
    """Open the network in the bundle, or the one that it names."""
    from mint.networks.architectures import load_network
    from mint.networks.reopen import reopen

    if index.network.shape is not None:
        network = load_network(folder / NETWORK, index.network.shape, index.name)
        network.finder = _finder_of(index)
    else:
        network = reopen(index.network.stored, folder, network)
    if network.fingerprint != index.network.fingerprint:
        raise BundleMismatch(f"{folder.name} was made for another network file. Restore the whole folder.")
    return network


def _finder_of(index: BundleIndex) -> Finder:
    return recorded_finder(index.network.finder or None)


def _stored(
    folder: Path, index: BundleIndex, specs: tuple[Spec, ...], files: Mapping[str, bytes], sha256: str
) -> tuple[AuditedNetwork, Panel]:
    """Return network and panel of a bundle with a graph: known, and not opened."""
    from mint.bundles.graph import AuditGraph, GraphPanel
    from mint.bundles.stored import StoredAuditors, StoredNetwork

    fingerprint = index.network.fingerprint
    if index.files[NETWORK].sha256 != fingerprint:
        raise BundleMismatch(f"{folder.name} was made for another network file. Restore the whole folder.")
    weights = {name: files[name] for name in (NETWORK, AUDITORS)}
    for name, stored in weights.items():
        check_numbers(name, tensors_in(stored))
    check_unique(specs)
    graph = AuditGraph(folder, files[GRAPH], weights)
    online = [spec.column for spec in specs if spec.online]
    graph.check(fingerprint, index.files[AUDITORS].sha256, online)

    @cache
    def opened() -> Bundle:
        again = load_bundle(folder)
        if again.sha256 != sha256:
            raise BundleMismatch(f"{folder.name} was changed since it was loaded. Load it again.")
        return again

    network = StoredNetwork(
        index.name, graph.note, _finder_of(index), dict(tensors_in(files[NETWORK]))[HEAD], lambda: opened().network
    )
    columns = [spec.column for spec in specs]
    return network, GraphPanel(StoredAuditors(columns, lambda: opened().panel.auditors), graph=graph, network=network)


def _panel(specs: tuple[Spec, ...], network: AuditedNetwork, stored: bytes) -> Panel:
    from safetensors.torch import load

    from mint.auditors.kinds import build

    state: Mapping[str, Tensor] = load(stored)
    shapes = FeatureShapes.of(network)
    check_specs(specs, shapes)
    auditors = {spec.column: build(spec, shapes) for spec in specs}
    wanted = {f"{name}.{k}": v for name, auditor in auditors.items() for k, v in auditor.state_dict().items()}
    check_state(list(auditors), state, wanted)
    for name, auditor in auditors.items():
        prefix = f"{name}."
        auditor.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)})
        auditor.eval()
    return Panel(auditors)
