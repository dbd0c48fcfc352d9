"""Choose the distinct photos of a person, whatever a network shows of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.evidence.near_duplicates import copies, likeness
from mint.evidence.person import MAX_PHOTOS, Photos
from mint.evidence.score_table import OUTSIDERS
from mint.lab.inputs.splits import Indices

OVERSAMPLING = 4  # times as many pictures as count: further copies are not looked for
Known = dict[str, dict[str, list[Photos]]]  # purpose to kind of people to one entry a person


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody's distinct photos.

    Attributes:
        purpose: ``validation``, ``calibration`` or ``test``.
        rows: (N,) numbers of the photos, in the order in which they count.
        alike: (N, N) their ``likeness``.
        used: (N,) bool: which were trained on; None of somebody of whom no photo was.
        kind: of somebody who was not used.
    """

    purpose: str
    rows: Indices
    alike: NDArray[np.floating[Any]]
    used: NDArray[np.bool_] | None = None
    kind: str = OUTSIDERS


def distinct(
    rows: Sequence[int] | Indices, thumbnails: Callable[[Indices], np.ndarray], most: int, random: np.random.Generator
) -> tuple[Indices, NDArray[np.floating[Any]]]:
    """Return up to ``most`` photos of a person that repeat no other, in random order, and how alike they are.

    Args:
        rows: numbers of all photos.
        thumbnails: returns those of some photos.
        most: see above.
        random: draws the order.
    """
    order = random.permutation(np.asarray(rows, np.int64))[: OVERSAMPLING * MAX_PHOTOS]
    thumbs = thumbnails(order)
    alike = likeness(thumbs, thumbs)
    kept, _ = copies(alike, most)
    return order[kept], alike[np.ix_(kept, kept)]
