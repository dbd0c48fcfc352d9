"""Split a store's photos by person: training, validation, calibration, test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.errors import TooFew
from mint.evidence.score_table import CALIBRATION, IDENTITY, MEMBERS, OUTSIDERS, TEST, TRAINING, VALIDATION
from mint.lab.inputs.splits import GROUPS, Indices
from mint.lab.store.reader import Rows

FITTED = (TRAINING, VALIDATION)
SCORED = (CALIBRATION, TEST)
MOST_MEMBERS = 10_000  # that auditors are fitted to: more take longer and teach a logistic regression nothing
OTHERS = 2_000  # non-members of a kind that they are fitted to, where there are fewer members
WHOLE_MAPS = 2_000  # samples that auditors of whole maps are fitted to: maps are large
MOST_SCORED = 20_000  # of a kind in calibration and in test
MIN_PER_SPLIT = {TRAINING: 10, VALIDATION: 5, CALIBRATION: 5, TEST: 5}  # members, and non-members


@dataclass(frozen=True, slots=True, eq=False)
class StoreSplits:
    """The splits of a store, as row numbers.

    Attributes:
        rows: split to source (``members``, ``siblings``, ``outsiders``) to sorted row numbers; all of
            the kinds are there, and may be empty.
        reference: outsiders in training of whom no photo is a sample: auditors only see how their
            embeddings lie.
        about: columns that say something of each row, by its number: ``identity`` always. One that is shorter than the others
            says nothing of the rows beyond.
        mirrored: whether the store has the mirror image of every photo in training, as row ``~number``.
        whole_maps: samples that auditors of whole maps are fitted to at most; None for all.
    """

    rows: Mapping[str, Mapping[str, Indices]]
    reference: Indices
    about: Mapping[str, NDArray[Any]]
    mirrored: bool = False
    whole_maps: int | None = WHOLE_MAPS

    def samples(self, split: str) -> tuple[Indices, NDArray[np.bool_], NDArray[np.bool_]]:
        """Return a split's row numbers, which are members, and which show trained people."""
        index = np.concatenate([self.rows[split][group] for group in GROUPS])
        kinds = np.repeat(GROUPS, [len(self.rows[split][group]) for group in GROUPS])
        return index, kinds == MEMBERS, kinds != OUTSIDERS

    @property
    def members_fitted(self) -> dict[str, int]:
        """The members that auditors are fitted to, and that say when to stop."""
        return {split: len(self.rows[split][MEMBERS]) for split in FITTED}

    def only(self, *kept: str) -> StoreSplits:
        """Return some of the splits; without training there is no reference."""
        reference = self.reference if TRAINING in kept else self.reference[:0]
        return replace(self, rows={split: self.rows[split] for split in kept}, reference=reference)


def split_store(rows: Rows, seed: int) -> StoreSplits:
    """Split the photos of a store with members.

    The split was drawn with the person's name. Where there are too many of a kind, a seeded choice is
    kept; half of the training outsiders are the reference.

    Args:
        rows: of the store.
        seed: of the choices.

    Raises:
        TooFew: too few members or non-members fall into a split.
    """
    doubtful = rows.unusable
    found: dict[str, dict[str, Indices]] = {}
    reference = np.zeros(0, np.int64)
    for number, split in enumerate((*FITTED, *SCORED)):
        kinds = {group: np.flatnonzero((rows.split == split) & (rows.source == group) & ~doubtful) for group in GROUPS}
        for side, count in (
            ("members", len(kinds[MEMBERS])),
            ("non-members", sum(map(len, kinds.values())) - len(kinds[MEMBERS])),
        ):
            if count < MIN_PER_SPLIT[split]:
                raise TooFew(
                    f"Of the {side} only {count} photos fall into {split}, where {MIN_PER_SPLIT[split]} are needed at least. "
                    "Extract photos of more people: the splits are drawn by person."
                )
        random = np.random.default_rng([seed, number])
        if split == TRAINING:
            reference, kinds[OUTSIDERS] = _half(kinds[OUTSIDERS], rows.identity, random)
        most = MOST_SCORED
        if split in FITTED:
            kinds[MEMBERS] = _some(kinds[MEMBERS], MOST_MEMBERS, random)
            most = max(len(kinds[MEMBERS]), OTHERS)
        found[split] = {group: _some(index, most, random) for group, index in kinds.items()}
    return StoreSplits(found, _some(reference, OTHERS, np.random.default_rng([seed, 9])), {IDENTITY: numbers_of(rows)})


def numbers_of(rows: Rows) -> NDArray[np.int32]:
    """Return a number for each row's person."""
    return np.unique(rows.identity.astype(str), return_inverse=True)[1].astype(np.int32)


def _some(index: Indices, most: int, random: np.random.Generator) -> Indices:
    return index if len(index) <= most else np.sort(random.permutation(index)[:most])


def _half(index: Indices, identity: NDArray[np.object_], random: np.random.Generator) -> tuple[Indices, Indices]:
    """Return the rows of one half of the people, and those of the other half."""
    people = np.unique(identity[index].astype(str))
    held = np.isin(identity[index].astype(str), random.permutation(people)[: len(people) // 2])
    return index[held], index[~held]
