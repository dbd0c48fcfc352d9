"""Scores over four versions whose truth is known: normal noise alike between versions, and a jump from the first use on."""

from __future__ import annotations

import numpy as np

from mint.lab.versions.fit import NEVER, History

VERSIONS = 4


def made_up(people: int, jump: float, seed: int = 0, versions: int = VERSIONS, noise: float = 0.4) -> History:
    """Return photos of so many people: each has one first used by each version, one taken out, one dropped, and six unused.

    As many others have two unused photos. A score is a part of the photo, the same under all versions, and noise of each.

    Args:
        people: with used photos.
        jump: of the score, while a version uses the photo.
        seed: of the noise.
        versions: V, at least 3.
        noise: its standard deviation, beside 1 of the photo's own part.
    """
    random = np.random.default_rng(seed)
    fates = [*((t, versions) for t in range(versions)), (0, 2), (1, 2), *[(NEVER, versions)] * 6]
    rows = [(person, *fate, "" if fate[0] != NEVER else "siblings") for person in range(people) for fate in fates]
    rows += [(people + person, NEVER, versions, "outsiders") for person in range(people) for _ in range(2)]
    who, first, out, kinds = (np.array(column) for column in zip(*rows, strict=True))
    version = np.arange(versions)
    used = (first[:, None] != NEVER) & (first[:, None] <= version) & (version < out[:, None])
    own = random.normal(size=(len(rows), 1))
    scores = own + noise * random.normal(size=used.shape) + jump * used
    return History(scores, who, first, out, kinds)
