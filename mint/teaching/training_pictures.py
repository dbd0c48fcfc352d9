"""Look a face up in the ledger that ships with the networks: which pictures they were trained on."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.bundles.bundle import Bundle
from mint.i18n.labels import pair_of
from mint.storage.bundle_index import INDEX
from mint.storage.paths import WEIGHTS
from mint.vision.faces import fingerprint

LEDGER = "ledger.csv"  # in weights


@dataclass(frozen=True, slots=True)
class Listed:
    """What the ledger says of a crop.

    Attributes:
        person: an identity of the pool.
        member: whether the network was trained on this very crop.
    """

    person: str
    member: bool


def listed(crop: np.ndarray, bundle: Bundle, weights: Path = WEIGHTS) -> Listed | None:
    """Look up a crop, (112, 112, 3) uint8 RGB, pixel by pixel; a picture that was saved anew is another one.

    Args:
        crop: as the network that is taught sees it.
        bundle: of that network. Only of a bundle that ships beside the ledger does the ledger tell.
        weights: where both lie.

    Returns:
        None where nobody knows: of a crop that is not in the ledger, and of every other network.
    """
    pair, ledger = pair_of(bundle.name), weights / LEDGER
    if pair is None or not ledger.is_file() or not _ships(bundle, weights):
        return None
    key = fingerprint(crop)
    with ledger.open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file), [])
        row = next((row for row in csv.reader(line for line in file if line.startswith(key))), None)
    if row is None:
        return None
    found = dict(zip(names, row, strict=False))
    role = found[("role_a", "role_b")[pair.networks.index(bundle.name)]]
    return Listed(found["identity"], role == "trained on")


def _ships(bundle: Bundle, weights: Path) -> bool:
    index = weights / bundle.name / INDEX
    return index.is_file() and hashlib.sha256(index.read_bytes()).hexdigest() == bundle.sha256
