"""The bundle: network, auditors, fusion, calibration, test scores and results.

A bundle is a folder of safetensors and JSON. ``bundle.json`` names every other file with its bytes
and sha256, and the network that the auditors belong to; nothing is used before it is checked. The
twins' bundles hold their networks. Networks of others are named, never copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as load_numpy
from safetensors.numpy import save as save_numpy
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch

from mint.audited.architectures import load_network
from mint.audited.base import AuditedNetwork
from mint.audited.outline import Outline
from mint.audited.reopening import reference, reopen
from mint.auditors import Spec, build
from mint.auditors.panel import Panel
from mint.errors import BundleMismatch, WeightsCorrupt, WeightsMissing, brief
from mint.evidence.fusion import Fusion, Platt
from mint.evidence.person import CALIBRATION, TEST, PersonTest
from mint.evidence.verdict import Range
from mint.files import MOST_JSON, finish, json_bytes, parse_json, read_bytes, write_files
from mint.soundness import check_evaluation, check_index, check_judging, check_scores, check_specs, check_state
from mint.tensors import MOST_BYTES, header

FORMAT = "mint-bundle-1"
PHOTO, PERSON = "photo", "person"
PEOPLE = "people-"  # begins the names of splits that hold one score a person, for sets of photos
BLIND = ("pixels", "untrained")  # controls that cannot know membership; to be beaten
SOURCES = {PHOTO: ("siblings", "outsiders", "openpeople", "real"), PERSON: ("outsiders", "openpeople", "real")}
MEMBERS = {PHOTO: ("members",), PERSON: ("members", "siblings")}
FULL, REFERENCE = "full", "reference"  # tiers: with known members to check it with, and without
# What nonsense in a file makes other code raise.
UNSOUND = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, SafetensorError, TypeError, ValueError)
FEWEST = 3  # non-members of a kind without whom that kind cannot be compared with
NETWORK, AUDITORS, SCORES, EVALUATION = (
    "network.safetensors",
    "auditors.safetensors",
    "scores.safetensors",
    "evaluation.json",
)

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A checked bundle, ready to score and judge photos.

    Attributes:
        name: of the folder.
        network: under audit.
        panel: trained auditors, all of them.
        specs: which auditors, in the panel's order.
        fusions: ``photo`` and ``person`` to the sum of columns that answers it.
        platt: column (and ``photo``, ``person``) to the map to a probability.
        ranges: what calibration looked like.
        scores: split to source to columns of scores. Splits are ``calibration``, ``test``, one a
            control and one a checkpoint; sources are ``members``, ``siblings``, ``outsiders``,
            ``openpeople`` (photographic outsiders) and ``real``, any of which may be missing; besides
            scores there are columns ``identity`` and, for those of a pool, ``generated``.
        gates: column (and ``photo``, ``person``) to whether it beat its controls; ask ``may_speak``.
        facts: licence, training data, seeds, commands: what ``bundle.json`` says beside.
        sha256: of ``bundle.json``, which names the hash of every other file.
        evaluation: what ``mint lab evaluate`` reports, or None before that was run.
        people: what several photos of one person are judged by, or None if the bundle was made without.
        tier: ``reference`` if no member is known: then there is a p-value, and nothing to check it with.
    """

    name: str
    network: AuditedNetwork
    panel: Panel
    specs: tuple[Spec, ...]
    fusions: Mapping[str, Fusion]
    platt: Mapping[str, Platt]
    ranges: Range
    scores: Mapping[str, Mapping[str, Columns]]
    gates: Mapping[str, bool]
    facts: Mapping[str, Any]
    sha256: str = ""
    evaluation: Mapping[str, Any] | None = None
    people: PersonTest | None = None
    tier: str = FULL

    @property
    def calibration(self) -> Mapping[str, Columns]:
        """Scores that p-values compare with."""
        return self.scores["calibration"]

    @property
    def test(self) -> Mapping[str, Columns]:
        """Scores of people who were neither fitted to nor calibrated on."""
        return self.scores["test"]

    def sources(self, question: str) -> tuple[str, ...]:
        """Return the kinds of non-members with enough scores to compare ``photo`` or ``person`` with."""
        return tuple(s for s in SOURCES[question] if _rows(self.calibration, s) >= FEWEST)

    def members(self, question: str) -> tuple[str, ...]:
        """Return the kinds of pictures for which the answer to ``photo`` or ``person`` is yes."""
        return tuple(s for s in MEMBERS[question] if _rows(self.calibration, s))

    def non_members(self, column: str, question: str) -> dict[str, np.ndarray]:
        """Return the calibration scores of non-members for a column, by source."""
        return {s: self.calibration[s][column] for s in self.sources(question)}

    def silence(self, column: str, question: str, p_value: float) -> str | None:
        """Return why a column must abstain whatever its score, or None if it may speak."""
        if self.tier == REFERENCE:
            return f"reference tier, p = {p_value:.2g}: there is no known member to check it with"
        if not self.sources(question):
            return f"no known non-member to compare a {question} with"
        if any(name not in self.scores for name in BLIND):
            return "its controls, pixels and an untrained network, were not run"
        if not self.may_speak(column):
            return "it did not beat its controls: pixels alone, or an untrained network, do as well"
        return None

    def may_speak(self, column: str) -> bool:
        """Return whether an auditor, or the verdict on ``photo`` or ``person``, beat its controls.

        What is not named did not; without the scores of both blind controls nothing did.
        """
        return self.gates.get(column) is True and all(name in self.scores for name in BLIND)

    def online(self) -> Panel:
        """The auditors that page and shell run."""
        return self.panel.only(s.column for s in self.specs if s.online)


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
        shape: of these weights, as in ``mint.audited.catalog``.

    Raises:
        CannotWrite: there is no room, or the folder is read-only; what was there is unchanged.
    """
    files: dict[str, bytes] = {}
    if network_file is None:
        network = reference(bundle.network, folder)
    else:
        files[NETWORK] = network_file.read_bytes()
        network = {"fingerprint": hashlib.sha256(files[NETWORK]).hexdigest(), "shape": dict(shape or {})}
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
    files["bundle.json"] = json_bytes(
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
            "facts": dict(bundle.facts),
            "files": listed,
        }
    )
    write_files(folder, files)


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
    path = folder / "bundle.json"
    finish(folder)
    if not path.is_file():
        raise WeightsMissing(
            f"There is no bundle in {folder}. Bundles are folders with a bundle.json, such as weights/twin-a."
        )
    try:
        data = read_bytes(path, MOST_JSON)
        index = parse_json(data)
        if index["format"] != FORMAT:
            raise BundleMismatch(
                f"{folder.name} has format {str(index['format'])[:50]!r}, this version reads {FORMAT}. Get a bundle that "
                "was made by this version, or the version that made this one."
            )
        check_index(index, (NETWORK, AUDITORS, SCORES, EVALUATION))
        files = {name: _checked(folder, name, entry) for name, entry in index["files"].items()}
        fingerprint = index["network"]["fingerprint"]
        for name in (AUDITORS, SCORES):
            if header(files[name]).get("__metadata__", {}).get("network") != fingerprint:
                raise BundleMismatch(f"{folder.name}/{name} belongs to another network. Restore the whole folder.")
        if "shape" in index["network"]:
            network = load_network(folder / NETWORK, index["network"]["shape"], index["name"])
        else:
            network = reopen(index["network"], folder, network)
        if network.fingerprint != fingerprint:
            raise BundleMismatch(f"{folder.name} was made for another network file. Restore the whole folder.")
        specs = tuple(Spec(**spec) for spec in index["auditors"])
        online = [spec.column for spec in specs if spec.online]
        check_judging(index, online, (PHOTO, PERSON))
        evaluation = check_evaluation(parse_json(files[EVALUATION])) if EVALUATION in files else None
        tables = _tables(load_numpy(files[SCORES]))
        check_scores(tables, PEOPLE, (*online, PHOTO, PERSON, "identity"))
        people = {purpose: tables.pop(PEOPLE + purpose, {}) for purpose in (CALIBRATION, TEST)}
        return Bundle(
            name=index["name"],
            network=network,
            panel=_panel(specs, network, load_torch(files[AUDITORS])),
            specs=specs,
            fusions={name: Fusion.from_dict(fusion) for name, fusion in index["fusion"].items()},
            platt={name: Platt(*values) for name, values in index["platt"].items()},
            ranges=Range({name: (low, high) for name, (low, high) in index["range"].items()}),
            scores=tables,
            gates=_gates(index["gates"], folder.name, evaluation or {}),
            facts=index["facts"],
            sha256=hashlib.sha256(data).hexdigest(),
            evaluation=evaluation,
            people=PersonTest.from_dict(index["people"], people) if "people" in index else None,
            tier=_tier(index.get("tier", FULL), tables.get("calibration", {})),
        )
    except UNSOUND as error:
        if isinstance(error, OSError) and error.filename is None:  # none of its files: no temporary folder, say
            raise
        raise WeightsCorrupt(
            f"{folder.name} is not a complete bundle: {brief(error)}. Restore the whole folder."
        ) from error


def _checked(folder: Path, name: str, entry: Mapping[str, Any]) -> bytes:
    path = folder / name
    if Path(name).name != name or not path.is_file():
        raise WeightsMissing(f"{folder.name}/{name} is missing. Restore the whole folder from the repository.")
    # Once: what was checked is what is used. No more is read than was promised.
    data = read_bytes(path, min(max(entry["bytes"], 0), MOST_BYTES)) if path.stat().st_size == entry["bytes"] else b""
    if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise WeightsCorrupt(
            f"{folder.name}/{name} is damaged: its sha256 is not the one in bundle.json. Restore the whole folder."
        )
    return data


def _rows(tables: Mapping[str, Columns], source: str) -> int:
    return len(tables.get(source, {}).get("identity", ()))


def _tier(stored: str, calibration: Mapping[str, Columns]) -> str:
    """Return the stored tier if the scores allow it."""
    if stored not in (FULL, REFERENCE):
        raise ValueError(f"there is no tier {stored}")
    return stored if _rows(calibration, "members") else REFERENCE


def _panel(specs: tuple[Spec, ...], network: AuditedNetwork, state: Mapping[str, torch.Tensor]) -> Panel:
    outline = Outline.of(network)
    check_specs(specs, outline)
    auditors = {spec.column: build(spec, outline) for spec in specs}
    wanted = {f"{name}.{k}": v for name, auditor in auditors.items() for k, v in auditor.state_dict().items()}
    check_state(list(auditors), state, wanted)
    for name, auditor in auditors.items():
        prefix = f"{name}."
        auditor.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)})
        auditor.eval()
    return Panel(auditors)


def _gates(stored: Mapping[str, Any], name: str, evaluation: Mapping[str, Any]) -> dict[str, bool]:
    """Return the stored gates if the evaluation does not contradict them."""
    if not all(type(passes) is bool for passes in stored.values()):
        raise WeightsCorrupt(f"{name} has gates that are neither open nor closed. Restore the whole folder.")
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
