"""Photos that a store holds more than once, as far as that spoils what is learnt from it: which, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mint.lab.inputs.source import counted
from mint.lab.inputs.splits import Indices
from mint.lab.store.extractor import THUMBNAIL
from mint.lab.store.reader import MEMBERS, NETWORK, NON_MEMBERS, Store

LIKE_A_COPY = 0.95  # correlation: nine of ten copies saved anew reach it, and one pair in a hundred of one sitting
MOST_COMPARED = 10_000  # photos of a side
OTHERS_AT_ONCE = 512


def repeated_photos(store: Store) -> list[str]:
    """Return a line a kind of photo that is there twice: on both sides, under two people, again, and saved anew on the other side.

    Raises:
        StoreIncomplete: the store is damaged.
    """
    rows, lines = store.rows, []
    both, firsts = rows.on_both_sides, rows.first
    again, repeated = rows.under_other_names & ~both, rows.repeated & ~both
    if both.any():
        place = rows.id[int(np.flatnonzero(both)[0])]
        lines.append(
            f"{counted(int(both.sum()), 'photo')} with the same bytes on the other side, such as {place}: counted on neither"
        )
    if again.any():
        place = int(np.flatnonzero(again)[0])
        lines.append(
            f"{counted(int(again.sum()), 'photo')} with the same bytes as another person's of the same side, such as "
            f"{rows.id[firsts[place]]} and {rows.id[place]}: counted once"
        )
    if repeated.any():
        place = int(np.flatnonzero(repeated)[0])
        lines.append(
            f"{counted(int(repeated.sum()), 'photo')} with the same bytes as another of the same person and side, such as "
            f"{rows.id[firsts[place]]} and {rows.id[place]}: counted once"
        )
    if THUMBNAIL in store.shapes():
        members, others = (
            _some(np.flatnonzero((rows.side == side) & ~(both | again | repeated))) for side in (MEMBERS, NON_MEMBERS)
        )
        found = list(_copies(store, members, others))
        if found:
            member, other = found[0]
            count = counted(len({other for _, other in found}), "non-member")
            lines.append(
                f"{count} nearly equal to a member, such as {rows.id[other]} and {rows.id[member]}: of one sitting, or one photo saved anew. "
                "If the latter, take them out: they are taken for unused, and used photos are then hard to find"
            )
    return lines


def _copies(store: Store, members: Indices, others: Indices) -> Iterator[tuple[int, int]]:
    """Yield pairs of a member and a non-member whose crops show the same, as they are or mirrored."""
    if not len(members) or not len(others):
        return
    known = _unit(store.read([THUMBNAIL], NETWORK, members)[THUMBNAIL])
    for start in range(0, len(others), OTHERS_AT_ONCE):
        some = others[start : start + OTHERS_AT_ONCE]
        crops = store.read([THUMBNAIL], NETWORK, some)[THUMBNAIL]
        alike = np.maximum(_unit(crops) @ known.T, _unit(crops[:, :, ::-1]) @ known.T)
        best = alike.argmax(axis=1)
        for place in np.flatnonzero(alike[np.arange(len(some)), best] >= LIKE_A_COPY):
            yield int(members[best[place]]), int(some[place])


def _some(index: Indices) -> Indices:
    return (
        index if len(index) <= MOST_COMPARED else index[np.linspace(0, len(index) - 1, MOST_COMPARED).astype(np.int64)]
    )


def _unit(crops: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = crops.reshape(len(crops), -1).astype(np.float32)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-2), np.float32)
