"""Make other training sets from the pool: repeated pictures, or fewer pictures.

They make the networks of two controls. Dose-response: if a score is membership, it grows with the
number of times that a picture was shown (exposures are drawn per picture, so nothing else differs).
Positive control: a network that is overfitted on purpose must be found out by the whole pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row


def with_exposures(rows: Sequence[Row], doses: Sequence[int], seed: int) -> tuple[Row, ...]:
    """Draw how often an epoch shows each training picture.

    Args:
        rows: a ledger.
        doses: exposures to draw from, evenly, within each person.
        seed: of the draw.

    Raises:
        ValueError: no doses, or one below 1.
    """
    if not doses or min(doses) < 1:
        raise ValueError(f"an exposure is at least 1, got {list(doses)}")
    random = np.random.default_rng([seed, 1])
    found = list(rows)
    for indices in _used_by_identity(rows).values():
        # Dealt in turn from a random start: each person's pictures get all doses, as evenly as they can.
        dealt = random.permutation(np.resize(random.permutation(doses), len(indices)))
        for i, dose in zip(indices, dealt, strict=True):
            found[i] = replace(rows[i], exposure=int(dose))
    return tuple(found)


def thinned(rows: Sequence[Row], pictures: int, seed: int) -> tuple[Row, ...]:
    """Keep few training pictures of each generated person and hold out the others.

    Args:
        rows: a ledger.
        pictures: of one person at most.
        seed: of the choice.
    """
    random = np.random.default_rng([seed, 2])
    found = list(rows)
    for indices in _used_by_identity(rows).values():
        for i in random.permutation(indices)[pictures:]:
            if rows[i].source == GAN:
                found[i] = replace(rows[i], role_a=HELD_OUT, role_b=HELD_OUT, exposure=0)
    return tuple(found)


def _used_by_identity(rows: Sequence[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if TRAINED in (row.role_a, row.role_b):
            found.setdefault(row.identity, []).append(i)
    return found
