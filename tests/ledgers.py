"""Ledgers made up for tests."""

from __future__ import annotations

import numpy as np

from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row


def people(count: int, pictures: int = 10) -> list[Row]:
    rows = []
    random = np.random.default_rng(count)
    for person in range(count):
        used = set(random.permutation(pictures)[:5].tolist())
        name = f"gan/{person:04d}"
        purpose = ("training", "validation", "calibration", "test")[person % 4]
        for k in range(pictures):
            roles = [TRAINED if side == (person // 4) % 3 and k in used else HELD_OUT for side in (0, 1)]
            rows.append(Row(f"{person}-{k}", name, "gan", f"{name}/{k:02d}", *roles, int(TRAINED in roles), purpose))
    return rows
