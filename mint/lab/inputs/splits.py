"""Who is used for what: one coin by a person's name, and the groups that a photo may belong to."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from mint.evidence.score_table import CALIBRATION, MEMBERS, OUTSIDERS, SIBLINGS, TEST, TRAINING, VALIDATION

REAL_FROM = 1_000_000  # numbers of real people start here: nobody is in the pool as well
Indices = NDArray[np.int64]
GROUPS = (MEMBERS, SIBLINGS, OUTSIDERS)
SHARES = {TRAINING: 0.45, VALIDATION: 0.10, CALIBRATION: 0.20, TEST: 0.25}  # of the people of a store


def split_of(person: str) -> str:
    """Return a person's split in a store, drawn with the name alone; see ``SHARES``."""
    coin = int.from_bytes(hashlib.sha256(person.encode()).digest()[:8], "big") / 2**64
    for split, share in SHARES.items():
        if coin < share:
            return split
        coin -= share
    return TEST


def source_of_photo(member: bool, person_trained: bool) -> str:
    """Return one of ``GROUPS``."""
    return MEMBERS if member else SIBLINGS if person_trained else OUTSIDERS
