"""Select crops to score by source: members, siblings, outsiders, openpeople, real faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mint.lab.inputs.splits import GROUPS, REAL_FROM, Indices
from mint.lab.training.fit import Pictures, Samples
from mint.lab.twin_bundles.roles import identity_numbers, rows_by_role
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import Pool

# Siblings and outsiders each in calibration and test: all siblings that there are. The promise about people reads the few
# highest scores, and photos of a person beyond the fifth still add to it.
MAX_PER_SOURCE = 2600
MAX_FITTED = 1300  # siblings and outsiders each that auditors are trained on
MAX_CONTROLLED = (
    500  # pictures of a kind that controls are fitted to and tested on, members as well: each is a pipeline
)


def pool_pictures(pool: Pool, name: str, purpose: str, seed: int, most: int | None = None) -> dict[str, Pictures]:
    """Return one purpose's crops for a network, by source; ``most`` of each source, drawn by the seed."""
    found = roles_of(pool.rows, name, purpose, seed)
    return {source: _of(pool, some(pool.rows, index, most, seed)) for source, index in found.items()}


def some(rows: Sequence[Row], index: Indices, most: int | None, seed: int) -> Indices:
    """Return ``most`` of these rows of the ledger in their order, drawn by the seed, as many of each person; all if None.

    Everybody stays, as far as ``most`` reaches: a bootstrap over people then draws the same ones with or without it.
    """
    if most is None or len(index) <= most:
        return index
    people = identity_numbers(rows)[index]
    order = np.random.default_rng([seed, len(index)]).permutation(len(index))
    dealt: Counter[int] = Counter()
    turn = np.zeros(len(index), np.int64)
    for place in order:
        turn[place] = dealt[int(people[place])]
        dealt[int(people[place])] += 1
    return np.sort(index[order[np.argsort(turn[order], kind="stable")][:most]])


def roles_of(rows: Sequence[Row], name: str, purpose: str, seed: int, most: int = MAX_PER_SOURCE) -> dict[str, Indices]:
    """Return the rows of one purpose that are scored for a network, by source; at most so many siblings, and outsiders.

    Photographic outsiders are few and unlike the generated ones, so they are a source of their own.
    """
    found = rows_by_role(rows, name, purpose, seed, most)
    generated = np.array([rows[i].source == GAN for i in found["outsiders"]], dtype=bool)
    return {**found, "outsiders": found["outsiders"][generated], "openpeople": found["outsiders"][~generated]}


def all_real(real: tuple[np.ndarray, list[str]]) -> Pictures:
    """Return crops of real faces with a number for each person."""
    numbers = REAL_FROM + np.unique(real[1], return_inverse=True)[1]
    return Pictures(real[0], {"identity": numbers.astype(np.int32)})


def fitting_samples(pool: Pool, name: str, seed: int, most: int | None = None) -> dict[str, Samples]:
    """Return training and validation crops: members, siblings and outsiders; ``most`` of each.

    In validation there are as many siblings and outsiders as members. Half of the outsiders in
    training are the reference: people of whom no picture is a sample.
    """
    found = {}
    for split, others in (("training", MAX_FITTED), ("validation", None)):
        picked = rows_by_role(pool.rows, name, split, seed, others)
        picked = {group: some(pool.rows, rows, most, seed) for group, rows in picked.items()}
        reference = None
        if split == "training":
            held = _half_of_people(pool, picked["outsiders"], seed)
            reference = pool.crops[picked["outsiders"][held]]
            picked["outsiders"] = picked["outsiders"][~held]
        index = np.concatenate([picked[group] for group in GROUPS])
        kinds = np.repeat(GROUPS, [len(picked[group]) for group in GROUPS])
        found[split] = Samples(pool.crops[index], kinds == "members", kinds != "outsiders", reference)
    return found


def _half_of_people(pool: Pool, index: np.ndarray, seed: int) -> np.ndarray:
    """Return (N,) bool: the rows of a seeded half of these people."""
    people = identity_numbers(pool.rows)[index]
    drawn = np.random.default_rng([seed, len(index)]).permutation(np.unique(people))
    return np.isin(people, drawn[: len(drawn) // 2])


def _of(pool: Pool, index: np.ndarray) -> Pictures:
    index = index.astype(np.int64)
    rows = [pool.rows[i] for i in index]
    return Pictures(
        pool.crops[index],
        {
            "identity": identity_numbers(pool.rows)[index],
            "generated": np.array([row.source == GAN for row in rows], dtype=np.uint8),
            "exposure": np.array([row.exposure for row in rows], dtype=np.uint8),
        },
    )
