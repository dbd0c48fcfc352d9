"""Reference networks: what an attacker trains, on seeded halves of the photos, and what each says of every photo.

References come in pairs. Of each person whom the audited network knows, one of a pair is trained on a half of the photos and the
other one on the rest, whichever of them the audited network used: so that every photo was used by half of the references, and
every reference knows every person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.auditors.panel import readings
from mint.lab.ceiling.attacks import Floats, own_logits
from mint.lab.inputs.splits import Indices
from mint.lab.training.on_record import Figures, figures_on_record
from mint.lab.twin_bundles.trained_network import Report, trained_network
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row
from mint.lab.twins.pool import Pool, by_person
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import trained_file
from mint.networks.base import AuditedNetwork
from mint.storage.files import sha256_of

SEEDS = 100  # of one seed of a run: numbers of references stay below it
COSINES_AT_ONCE = 2000  # photos whose cosines to all centres are held at a time


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What networks are asked about.

    Attributes:
        rows: row numbers of N photos in the ledger.
        names: the person whose class is asked for, of each.
    """

    rows: Indices
    names: tuple[str, ...]


def coins(rows: Sequence[Row], count: int, seed: int) -> NDArray[np.bool_]:
    """Draw which reference is trained on which photo of generated people, (rows, count), if it is trained on the person at all.

    Photos of people whom no reference is trained on have a coin as well: it says which references are asked about them, so that
    they are calibrated by as many as the others.

    Args:
        rows: the ledger.
        count: of references, even; a larger one goes on behind a smaller.
        seed: of the halves.

    Raises:
        ValueError: the count is odd or below 2.
    """
    if count < 2 or count % 2:
        raise ValueError(f"references come in pairs, so there cannot be {count}")
    found = np.zeros((len(rows), count), bool)
    people = by_person(rows)
    for pair in range(count // 2):
        random = np.random.default_rng([seed, 17, pair])
        for index in people:
            # Of an odd number of photos either one of the pair has one more, as often as the other.
            half = len(index) // 2 + int(random.integers(2)) * (len(index) % 2)
            dealt = random.permutation(index)
            found[dealt[:half], 2 * pair] = True
            found[dealt[half:], 2 * pair + 1] = True
    return found


def known_people(rows: Sequence[Row], network: str) -> frozenset[str]:
    """Return the generated people whom an audited network knows."""
    return frozenset(row.identity for row in rows if row.member(network) and row.source == GAN)


def reference_ledger(rows: Sequence[Row], network: str, used: NDArray[np.bool_]) -> tuple[Row, ...]:
    """Return the ledger of a reference: of generated people whom ``network`` knows, it is trained on the photos of (rows,) ``used``."""
    known = known_people(rows, network)
    found = []
    for row, coin in zip(rows, used, strict=True):
        trained = bool(coin) and row.identity in known
        role = TRAINED if trained else HELD_OUT
        found.append(replace(row, role_a=role, role_b=HELD_OUT, exposure=int(trained)))
    return tuple(found)


def reference_logits(
    pool: Pool,
    network: str,
    used: NDArray[np.bool_],
    asked: Asked,
    folder: Path,
    recipe: TwinRecipe,
    device: str,
    report: Report,
) -> Figures:
    """Train a reference, or go on where its training was cut off, and ask it about all photos.

    Args:
        pool: crops and ledger.
        network: the audited one.
        used: (rows,) which photos the reference is trained on, see ``coins``.
        asked: the photos.
        folder: keeps the training and ``figures.json``.
        recipe: of the reference, with its seed.
        device: to train on.
        report: told a line now and then.

    Returns:
        ``logits`` of the asked classes, one a photo, ``photos`` that it was trained on, and what ``trained_network`` tells.

    Raises:
        BadPool: the folder holds a network of another recipe, or one that was asked about other photos.
    """
    rows = reference_ledger(pool.rows, network, used)
    trained, facts = trained_network(Pool(rows, pool.crops), folder, recipe, device, report)
    members = [row.sha256 for row in rows if row.exposure]
    about = {
        "weights": sha256_of(trained_file(folder)),
        "trained on": _hash(members),
        "asked": _hash([f"{pool.rows[i].sha256} {name}" for i, name in zip(asked.rows, asked.names, strict=True)]),
    }

    def measure() -> Figures:
        report("asking it about all photos")
        people = sorted({row.identity for row in rows if row.exposure})
        logits = logits_of(trained, people, pool.crops, asked, recipe.scale)
        return {**facts, "photos": len(members), "logits": logits.tolist()}

    return figures_on_record(folder, about, measure, "pool, seed, number of references or audited network")


def logits_of(
    network: AuditedNetwork, people: Sequence[str], crops: NDArray[np.uint8], asked: Asked, scale: float
) -> Floats:
    """Return the (N,) logits of the asked classes of a network whose classes are ``people``, in that order."""
    number = {name: k for k, name in enumerate(people)}
    classes = np.array([number[name] for name in asked.names])
    parts = [
        own_logits(cosines, classes[start : start + len(cosines)], scale)
        for start, cosines in zip(
            range(0, len(asked.rows), COSINES_AT_ONCE), _cosines(network, crops, asked.rows), strict=True
        )
    ]
    return np.concatenate(parts)


def nearest_of(
    network: AuditedNetwork, people: Sequence[str], crops: NDArray[np.uint8], rows: Indices, wanted: Collection[str]
) -> list[str]:
    """Return which of the ``wanted`` people's class centres each of some crops lies nearest to."""
    columns = np.array([k for k, name in enumerate(people) if name in wanted])
    found = [people[k] for part in _cosines(network, crops, rows) for k in columns[part[:, columns].argmax(1)]]
    return found


def _cosines(network: AuditedNetwork, crops: NDArray[np.uint8], rows: Indices) -> Any:
    """Yield (n, C) cosines of crops to all class centres, ``COSINES_AT_ONCE`` at a time."""
    if network.head is None:
        raise ValueError("an attack on the own class needs the classification head")
    centres = torch.nn.functional.normalize(network.head.float(), dim=1)
    for start in range(0, len(rows), COSINES_AT_ONCE):
        embedding = torch.cat(
            [r.plain.embedding for _, r in readings(network, crops[rows[start : start + COSINES_AT_ONCE]], views=False)]
        )
        yield (torch.nn.functional.normalize(embedding.float(), dim=1) @ centres.T).numpy()


def _hash(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
