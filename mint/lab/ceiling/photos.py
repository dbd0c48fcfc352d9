"""Which photos are asked about, who they show, and what auditors without references said of the very same photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.bundles.bundle import Bundle
from mint.errors import BadPool
from mint.evidence.score_table import (
    IDENTITY,
    MEMBERS,
    OUTSIDERS,
    PHOTO,
    SIBLINGS,
    TEST,
    TRAINING,
    VALIDATION,
    Tables,
)
from mint.lab.inputs.splits import Indices
from mint.lab.training.store_splits import SCORED
from mint.lab.twin_bundles.ledger_splits import MAX_PER_SOURCE, ledger_splits
from mint.lab.twin_bundles.roles import identity_numbers, rows_by_role
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row, counterpart
from mint.lab.twins.recipe import TwinRecipe
from mint.networks.base import AuditedNetwork

# Without reference networks; the first one is what answers the question about a photo.
OURS = {
    PHOTO: "combined",
    "prototype/head": "prototype",
    "centred/head": "centred",
    "consistency/views": "consistency",
}
AGAINST = (SIBLINGS, OUTSIDERS)
POPULATION = "population"  # other photos of people who are neither for calibration nor for test
COUNTERPART = "counterpart"  # test people of the other twin, whom the audited network does not know
Floats = NDArray[np.float64]
Kind = tuple[str, str]  # split and kind of photo


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A network under attack.

    Attributes:
        name: of ``ledger.PAIRS``.
        network: with its head.
        recipe: that it was trained by.
        seed: of its bundle's splits.
        scores: of its bundle, by split and kind, with the columns of ``OURS``.
    """

    name: str
    network: AuditedNetwork
    recipe: TwinRecipe
    seed: int
    scores: Mapping[str, Tables]

    @classmethod
    def of(cls, bundle: Bundle) -> Target:
        """Take it from a bundle of the twins. Raises BadPool for another one."""
        if "recipe" not in bundle.facts or bundle.network.head is None:
            raise BadPool(f"{bundle.name} was not made by mint lab train --pool: nobody knows how to train its like.")
        recipe = TwinRecipe.from_log(bundle.facts["recipe"])
        return cls(bundle.name, bundle.network, recipe, int(bundle.facts["seed"]), bundle.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Photos:
    """The photos of an attack.

    Attributes:
        rows: their row numbers in the ledger, (N,), sorted.
        kinds: split and kind to their places among ``rows``.
        people: the number of the person of each, (N,).
        ours: split and kind to column of ``OURS`` to scores, in the order of ``kinds``.
    """

    rows: Indices
    kinds: Mapping[Kind, Indices]
    people: NDArray[np.int32]
    ours: Mapping[Kind, Mapping[str, Floats]]


def photos_of(rows: Sequence[Row], target: Target) -> Photos:
    """Choose the photos: those that the bundle scored in calibration and test, the population, and the other twin's.

    Raises:
        BadPool: the bundle was scored on another pool.
    """
    generated = np.array([row.source == GAN for row in rows])
    splits = ledger_splits(rows, target.name, target.seed)
    chosen: dict[Kind, Indices] = {}
    ours: dict[Kind, dict[str, Floats]] = {}
    for split in SCORED:
        for kind in (MEMBERS, *AGAINST):
            index, columns = splits.rows[split][kind], target.scores[split][kind]
            if not np.array_equal(columns[IDENTITY], splits.about[IDENTITY][index]):
                raise BadPool(
                    f"{target.name} was scored on other photos: the pool is not the one that it was made with."
                )
            kept = generated[index]
            chosen[split, kind] = index[kept]
            ours[split, kind] = {c: columns[c][kept].astype(np.float64) for c in OURS if c in columns}
    for purpose in (TRAINING, VALIDATION):
        found = rows_by_role(rows, target.name, purpose, target.seed, MAX_PER_SOURCE)[SIBLINGS]
        chosen[purpose, SIBLINGS] = found[generated[found]]
    chosen[POPULATION, SIBLINGS] = np.sort(np.concatenate([chosen.pop((p, SIBLINGS)) for p in (TRAINING, VALIDATION)]))
    others = rows_by_role(rows, counterpart(target.name), TEST, target.seed, MAX_PER_SOURCE)
    for kind in (MEMBERS, SIBLINGS):
        chosen[COUNTERPART, kind] = others[kind][generated[others[kind]]]
    every = np.unique(np.concatenate(list(chosen.values())))
    places = {name: np.searchsorted(every, index) for name, index in chosen.items()}
    return Photos(every, places, identity_numbers(rows)[every], ours)
