"""A pool of noise in which a coin decided which photos trained a network: whatever tells them apart is memory."""

from __future__ import annotations

import numpy as np

from mint.lab.twins.fictional_people import GAN, OPENPEOPLE
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row
from mint.lab.twins.pool import Pool

SIDE = 112


def coin_pool(people: int, photos: int = 6, seed: int = 1) -> Pool:
    """Return a pool of so many people a purpose whom twin-a knows, a quarter as many whom nobody knows, and one of openpeople."""
    random = np.random.default_rng(seed)
    rows, crops = [], []

    def add(identity: str, source: str, purpose: str, used: int, base: np.ndarray) -> None:
        for photo in range(photos):
            role = TRAINED if photo < used else HELD_OUT
            rows.append(
                Row(
                    f"{len(rows):064x}",
                    identity,
                    source,
                    f"{identity}/{photo}",
                    role,
                    HELD_OUT,
                    int(photo < used),
                    purpose,
                )
            )
            rough = random.integers(0, 256, (SIDE // 8, SIDE // 8, 3)).repeat(8, 0).repeat(8, 1)
            crops.append((0.3 * base + 0.7 * rough).astype(np.uint8))

    for purpose in ("training", "validation", "calibration", "test"):
        for person in range(people + max(4, people // 4)):
            base = random.integers(0, 256, (7, 7, 3)).repeat(16, 0).repeat(16, 1)
            add(f"{GAN}/{purpose}{person}", GAN, purpose, photos // 2 * (person < people), base)
    add(f"{OPENPEOPLE}/1", OPENPEOPLE, "test", photos, np.full((SIDE, SIDE, 3), 200))
    return Pool(tuple(rows), np.stack(crops))
