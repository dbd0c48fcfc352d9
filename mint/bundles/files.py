"""Bundles on disk: written whole, and checked before anything of them is used.

A bundle is a folder of safetensors and JSON. ``bundle.json`` names every other file with its bytes
and sha256, and the network that the auditors belong to. The twins' bundles hold their networks.
Networks of others are named, never copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as load_numpy
from safetensors.numpy import save as save_numpy
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch

from mint.auditors import Spec, build
from mint.auditors.panel import Panel
from mint.bundles.bundle import PEOPLE, PERSON, PHOTO, Bundle, Columns, count_rows
from mint.bundles.checks import check_evaluation, check_judging, check_scores, check_specs, check_state
from mint.errors import BadInput, BundleMismatch, WeightsCorrupt, WeightsMissing, brief
from mint.evidence.fusion import Fusion, Platt
from mint.evidence.person import CALIBRATION, TEST, PersonTest
from mint.evidence.verdict import Range
from mint.i18n.sentences import kept, restored
from mint.networks.architectures import load_network
from mint.networks.base import AuditedNetwork, FeatureShapes
from mint.networks.reopen import reference, reopen
from mint.storage.bundle_index import FORMAT, INDEX, FileEntry, parse_index
from mint.storage.files import MOST_JSON, finish, json_bytes, parse_json, read_bytes, write_files
from mint.storage.tensors import MOST_BYTES, header
from mint.types import FULL, REFERENCE
from mint.vision.detectors import ALIGNMENTS, YUNET, finder_named

SENTENCES = "sentences"  # among the facts: what texts are made from, where they are told in other languages

# What nonsense in a file makes other code raise.
UNSOUND = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, SafetensorError, TypeError, ValueError)
FILES = NETWORK, AUDITORS, SCORES, EVALUATION = (
    "network.safetensors",
    "auditors.safetensors",
    "scores.safetensors",
    "evaluation.json",
)


def save_bundle(
    bundle: Bundle, folder: Path, network_file: Path | None = None, shape: Mapping[str, Any] | None = None
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
    """
    files: dict[str, bytes] = {}
    if network_file is None:
        network = reference(bundle.network, folder)
    else:
        files[NETWORK] = network_file.read_bytes()
        network = {
            "fingerprint": hashlib.sha256(files[NETWORK]).hexdigest(),
            "shape": dict(shape or {}),
            **_finder(bundle.network),
        }
    fingerprint = network["fingerprint"]
    state = {
        f"{name}.{k}": v.contiguous() for name, a in bundle.panel.auditors.items() for k, v in a.state_dict().items()
    }
    about = {
        "format": FORMAT,
        "network": fingerprint,
        "name": bundle.name,
        "licence": str(bundle.facts.get("licence", "")),
    }
    files[AUDITORS] = save_torch(state, {**about, "content": "auditors (MINT models), float32"})
    tables = {
        f"{split}|{source}|{column}": np.ascontiguousarray(values)
        for split, sources in {**bundle.scores, **_people_splits(bundle.people)}.items()
        for source, columns in sources.items()
        for column, values in columns.items()
        if len(values) or not split.startswith(PEOPLE)
    }
    files[SCORES] = save_numpy(tables, {**about, "content": "scores, split|source|column"})
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
            "facts": _with_templates(bundle.facts),
            "files": listed,
        }
    )
    write_files(folder, files)


def _with_templates(facts: Mapping[str, Any]) -> dict[str, Any]:
    told = kept(facts)
    return {**facts, **({SENTENCES: told} if told else {})}


def load_bundle(folder: Path, network: AuditedNetwork | None = None) -> Bundle:
    """Read a bundle and check every file before using it.

    Args:
        folder: of the bundle.
        network: that it was made for, where somebody has it open already; needed for a torch module.

    Raises:
        WeightsMissing: the folder, a file or the network is not there.
        WeightsCorrupt: a file's bytes are not the promised ones, or make no sense.
        BundleMismatch: auditors or scores belong to another network.
        CannotWrite: whoever wrote it was killed at the last step, and the folder is read-only now.
        OSError: the system refuses something else.
    """
    path = folder / INDEX
    finish(folder)
    if not path.is_file():
        raise WeightsMissing(
            f"There is no bundle in {folder}. Bundles are folders with a bundle.json, such as weights/twin-a."
        )
    try:
        data = read_bytes(path, MOST_JSON)
        index = parse_index(data, folder.name)
        files = {name: _checked(folder, name, entry) for name, entry in index.files.items()}
        fingerprint = index.network.fingerprint
        for name in (AUDITORS, SCORES):
            if header(files[name]).get("__metadata__", {}).get("network") != fingerprint:
                raise BundleMismatch(f"{folder.name}/{name} belongs to another network. Restore the whole folder.")
        if index.network.shape is not None:
            network = load_network(folder / NETWORK, index.network.shape, index.name)
            network.finder = finder_named(index.network.finder or YUNET.name)
        else:
            network = reopen(index.network.stored, folder, network)
        if network.fingerprint != fingerprint:
            raise BundleMismatch(f"{folder.name} was made for another network file. Restore the whole folder.")
        specs = tuple(Spec(**spec) for spec in index.auditors)
        online = [spec.column for spec in specs if spec.online]
        check_judging(index, online, (PHOTO, PERSON))
        evaluation = check_evaluation(parse_json(files[EVALUATION])) if EVALUATION in files else None
        tables = _tables(load_numpy(files[SCORES]))
        check_scores(tables, PEOPLE, (*online, PHOTO, PERSON, "identity"))
        people = {purpose: tables.pop(PEOPLE + purpose, {}) for purpose in (CALIBRATION, TEST)}
        return Bundle(
            name=index.name,
            network=network,
            panel=_panel(specs, network, load_torch(files[AUDITORS])),
            specs=specs,
            fusions={name: Fusion.from_dict(fusion.model_dump()) for name, fusion in index.fusion.items()},
            platt={name: Platt(*values) for name, values in index.platt.items()},
            ranges=Range({name: (low, high) for name, (low, high) in index.range.items()}),
            scores=tables,
            gates=_gates(index.gates, folder.name, evaluation or {}),
            facts=restored(index.facts, index.facts.get(SENTENCES, {})),
            sha256=hashlib.sha256(data).hexdigest(),
            evaluation=evaluation,
            people=None if index.people is None else PersonTest.from_dict(index.people.model_dump(), people),
            tier=_tier(index.tier, tables.get("calibration", {})),
        )
    except BadInput as error:  # its alignment is none of ours
        raise BundleMismatch(f"{folder.name} was made by another version: {error}") from error
    except UNSOUND as error:
        if isinstance(error, OSError) and error.filename is None:  # none of its files: no temporary folder, say
            raise
        raise WeightsCorrupt(
            f"{folder.name} is not a complete bundle: {brief(error)}. Restore the whole folder."
        ) from error


def _finder(network: AuditedNetwork) -> dict[str, str]:
    """Return what is recorded of the alignment of a network in the bundle; nothing of the first, for older readers."""
    name = network.finder.name
    return {} if name == YUNET.name or name not in ALIGNMENTS else {"finder": name}


def _checked(folder: Path, name: str, entry: FileEntry) -> bytes:
    path = folder / name
    if name not in FILES:
        raise ValueError(f"it lists {name[:100]!r}, which this version does not know")
    if not path.is_file():
        raise WeightsMissing(f"{folder.name}/{name} is missing. Restore the whole folder from the repository.")
    # Once: what was checked is what is used. No more is read than was promised.
    data = read_bytes(path, min(entry.bytes, MOST_BYTES)) if path.stat().st_size == entry.bytes else b""
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise WeightsCorrupt(
            f"{folder.name}/{name} is damaged: its sha256 is not the one in bundle.json. Restore the whole folder."
        )
    return data


def _tier(stored: str, calibration: Mapping[str, Columns]) -> str:
    """Return the stored tier if the scores allow it."""
    return stored if count_rows(calibration, "members") else REFERENCE


def _panel(specs: tuple[Spec, ...], network: AuditedNetwork, state: Mapping[str, torch.Tensor]) -> Panel:
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


def _gates(stored: Mapping[str, bool], name: str, evaluation: Mapping[str, Any]) -> dict[str, bool]:
    """Return the stored gates if the evaluation does not contradict them."""
    shown = evaluation.get("sample", evaluation.get("identity", {}))  # the harder level that was measured
    for row in shown.get("rows", ()):
        column = PHOTO if row["auditor"] == "combined" else f"{row['auditor']}/{row['layer']}"
        if stored.get(column) and not row.get("gate", {}).get("passes"):
            raise BundleMismatch(
                f"{name} opens the gate for {column}, but its evaluation does not show that it beat its controls."
            )
    return dict(stored)


def _people_splits(people: PersonTest | None) -> dict[str, Any]:
    return {} if people is None else {PEOPLE + purpose: sets for purpose, sets in people.scores.items()}


def _tables(tables: Mapping[str, np.ndarray]) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    found: dict[str, dict[str, dict[str, np.ndarray]]] = {}
    for key, values in tables.items():
        split, source, column = key.split("|")
        found.setdefault(split, {}).setdefault(source, {})[column] = values
    return found
