"""What passes between this project and a peer's own virtual environment: features in, scores out.

Needs numpy only, because it is imported in every one of those environments.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

GROUPS = ("members", "siblings", "outsiders")
SPLITS = ("training", "validation", "test")
FITS = 3  # how often a fit is timed
NEAREST = 10  # cosines that learned attacks read
PATIENCE = 3.0  # CPU seconds; a fit that takes longer is timed once
Model = TypeVar("Model")

OUTPUT, MAPS, VIEWS = "embedding", "inner maps", "altered views"
HEAD, LABELS, REFERENCE = "head", "class labels", "reference model"


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """What an attack reads.

    Attributes:
        access: what the auditor must have to compute it.
        forwards: which of the timed forward passes it needs.
    """

    access: tuple[str, ...]
    forwards: tuple[str, ...]


FEATURES = {
    "embedding": FeatureSet((OUTPUT,), ("plain",)),
    "channel maxima": FeatureSet((MAPS,), ("plain",)),
    "consistency of the embedding": FeatureSet((OUTPUT, VIEWS), ("views",)),
    "consistency": FeatureSet((MAPS, VIEWS), ("views",)),
    "prototype": FeatureSet((HEAD,), ("plain",)),
    "cosines": FeatureSet((HEAD,), ("plain",)),
    "cosines, true class first": FeatureSet((HEAD, LABELS), ("plain",)),
    "consistency + prototype": FeatureSet((HEAD, MAPS, VIEWS), ("views",)),
    "cosines under both twins": FeatureSet((HEAD, REFERENCE), ("plain", "reference")),
    "cosines under both twins, true class": FeatureSet((HEAD, LABELS, REFERENCE), ("plain", "reference")),
}


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """Features of one twin's people.

    Attributes:
        about: network, scale of the head, milliseconds a forward pass costs, counts.
        split: (N,) place in ``SPLITS``.
        group: (N,) place in ``GROUPS``.
        identity: (N,) number of the person.
        label: (N,) row of the head that belongs to the person, -1 for people it does not know.
        reference_member: (N,) bool, the other twin was trained on this crop.
        features: name to (N, D) float32. ``cosines`` are in the head's order, ``reference cosines``
            are those of the other twin with its own head.
    """

    about: Mapping[str, Any]
    split: np.ndarray
    group: np.ndarray
    identity: np.ndarray
    label: np.ndarray
    reference_member: np.ndarray
    features: Mapping[str, np.ndarray]

    @property
    def fitting(self) -> np.ndarray:
        """Rows to fit on: people of training and validation; peers get both, as we do."""
        return np.flatnonzero(self.split < 2)

    @property
    def scored(self) -> np.ndarray:
        """Rows to score: test people, strangers to every attack."""
        return np.flatnonzero(self.split == 2)

    @property
    def member(self) -> np.ndarray:
        """(N,) bool."""
        return self.group == 0

    def get(self, name: str) -> np.ndarray:
        """(N, D) float32 of a set in ``FEATURES``.

        Of the cosines it is the ten largest in falling order: the classes of the people scored are other
        ones than those of the people fitted on, so a column of its own for each class could not be learned.
        """
        if name == "cosines":
            return -np.sort(-self.features["cosines"], axis=1)[:, :NEAREST]
        if name == "cosines, true class first":
            return np.concatenate([self.true_cosine()[:, None], self.get("cosines")], axis=1)
        if name == "consistency + prototype":
            return np.concatenate([self.features["consistency"], self.features["prototype"]], axis=1)
        return self.features[name]

    def true_cosine(self) -> np.ndarray:
        """(N,) cosine to the person's own class; of people that the head does not know, to class 0: leave them out."""
        return self.features["cosines"][np.arange(len(self.label)), np.maximum(self.label, 0)]

    def standardised(self, name: str) -> np.ndarray:
        """``get``, with mean 0 and deviation 1 over the rows fitted on."""
        x = self.get(name)
        base = x[self.fitting]
        return (x - base.mean(0)) / np.maximum(base.std(0), 1e-6)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack on one feature set.

    Attributes:
        attack: as the tool calls it.
        features: a name in ``FEATURES``.
        fit_seconds: CPU seconds, one a timed fit; empty for an attack that fits nothing.
        score_ms: CPU milliseconds a photo, its features given.
        scores: group to scores of the test rows, larger = more member.
        note: what a reader has to know about how it was used.
    """

    attack: str
    features: str
    fit_seconds: tuple[float, ...]
    score_ms: float
    scores: Mapping[str, list[float]]
    note: str = ""


def save_export(path: Path, export: Export) -> None:
    """One npz, nothing pickled."""
    plain = {n: getattr(export, n) for n in ("split", "group", "identity", "label", "reference_member")}
    features = {f"feature/{n}": v for n, v in export.features.items()}
    with path.open("wb") as file:
        np.savez(file, about=np.array(json.dumps(dict(export.about))), **plain, **features)


def load_export(path: Path) -> Export:
    """Read what ``save_export`` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        return Export(
            json.loads(str(stored["about"])),
            *(stored[n] for n in ("split", "group", "identity", "label", "reference_member")),
            {n.removeprefix("feature/"): stored[n] for n in stored.files if n.startswith("feature/")},
        )


def measure(
    export: Export,
    attack: str,
    features: str,
    fit: Callable[[], Model] | None,
    score: Callable[[Model | None, np.ndarray], np.ndarray],
    note: str = "",
) -> Attempt:
    """Fit, score, and time both the same way for every tool: CPU seconds, which other work on the machine does not move.

    Args:
        export: see there.
        attack: name of the attack.
        features: a name in ``FEATURES``.
        fit: gives a fitted model; None for an attack that fits nothing.
        score: model and row numbers to one score a row.
        note: see ``Attempt``.
    """
    seconds: list[float] = []
    model = None
    while fit and len(seconds) < FITS and not (seconds and seconds[0] > PATIENCE):
        started = time.process_time()
        model = fit()
        seconds.append(time.process_time() - started)
    rows = export.scored
    if LABELS in FEATURES[features].access:
        rows = rows[export.label[rows] >= 0]  # outsiders have no class
    spent = []
    for _ in range(FITS):
        started = time.process_time()
        found = score(model, rows)
        spent.append(time.process_time() - started)
    scores = {
        name: np.asarray(found, np.float64)[export.group[rows] == k].tolist()
        for k, name in enumerate(GROUPS)
        if (export.group[rows] == k).any()
    }
    done = Attempt(attack, features, tuple(seconds), statistics.median(spent) * 1e3 / len(rows), scores, note)
    print(f"  {attack} on {features}: fit {statistics.median(seconds) if seconds else 0:.2f} s", flush=True)
    return done


def write_attempts(path: Path, tool: str, version: str, attempts: Sequence[Attempt], **more: Any) -> None:
    """A tool's attempts as JSON, whole or absent."""
    part = path.with_suffix(".part")
    found = {"tool": tool, "version": version, "attempts": [asdict(a) for a in attempts], **more}
    part.write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
    os.replace(part, path)


def paths(description: str) -> argparse.Namespace:
    """The command line of every adapter: the export, and where the attempts go."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("export", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--check", type=Path, help="Attempts of another tool, whose scores to judge as well.")
    parser.add_argument("--weights", type=Path)
    return parser.parse_args()
