"""Logits made up for tests: photos are easy or hard, and a network that used one is surer of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mint.lab.ceiling.attacks import Bools, Floats
from mint.lab.ceiling.photos import AGAINST, COUNTERPART, OURS, POPULATION, Photos

SIDES = [(split, kind) for split in ("calibration", "test") for kind in ("members", *AGAINST)]
KINDS = (*SIDES, (POPULATION, "siblings"), (COUNTERPART, "members"), (COUNTERPART, "siblings"))
A_PERSON = 4  # photos of a kind


def made_up(
    effect: float, people: int = 60, networks: int = 4, seed: int = 1, ours: Sequence[str] = tuple(OURS)
) -> tuple[Photos, Floats, Floats, Bools]:
    """Photos, logits of the audited network and of references, and who used what; ``effect`` is what a use adds."""
    random = np.random.default_rng(seed)
    count = people * A_PERSON
    total = count * len(KINDS)
    kinds = {kind: np.arange(k * count, (k + 1) * count) for k, kind in enumerate(KINDS)}
    difficulty = random.normal(0, 3, total)
    member = np.zeros(total)
    for split in ("calibration", "test"):
        member[kinds[split, "members"]] = 1
    first = random.random((total, networks // 2)) < 0.5
    used = np.stack([first, ~first], axis=2).reshape(total, networks)  # in pairs
    target = difficulty + effect * member + random.normal(0, 1, total)
    references = difficulty[:, None] + effect * used + random.normal(0, 1, (total, networks))
    about = np.tile(np.repeat(np.arange(people), A_PERSON), len(KINDS)).astype(np.int32)
    scores = {
        kind: {name: target[kinds[kind]] - difficulty[kinds[kind]] / 2 + 0.1 * k for k, name in enumerate(ours)}
        for kind in SIDES
    }
    return Photos(np.arange(total), kinds, about, scores), target, references, used
