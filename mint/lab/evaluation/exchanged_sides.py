"""Were the two sides exchanged? Networks are steadier on what they were trained on, whoever says which photos that were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.auditors.features import AGREEMENT
from mint.auditors.views import VIEWS
from mint.evidence.metrics import auc, auc_interval
from mint.evidence.score_table import MEMBERS, OUTSIDERS, SIBLINGS
from mint.lab.inputs.splits import Indices
from mint.lab.store.reader import NETWORK, Store

FEWEST_PHOTOS = 30  # of either side, for the sides to be told apart
MOST_SEEN = 5_000  # photos of either side
CLEARLY_LESS = 0.45  # an AUC whose whole interval lies below: of sides that are alike the lower end of chance


def exchanged(store: Store, seed: int) -> str | None:
    """Return a line where members are clearly less steady under altered views than others, or None.

    Auditors would learn it the wrong way round, beat their controls, and every answer would be the opposite of the truth.
    Other photos of the members' people are compared with where there are enough, else photos of other people.

    Args:
        store: with members.
        seed: of the choice where there are many photos.

    Raises:
        StoreIncomplete: the store is damaged.
    """
    if AGREEMENT not in store.shapes():
        return None
    rows, random = store.rows, np.random.default_rng([seed, 7])

    def some(kind: str) -> Indices:
        index = np.flatnonzero((rows.source == kind) & ~rows.unusable)
        return np.sort(random.permutation(index)[:MOST_SEEN])

    members, siblings = some(MEMBERS), some(SIBLINGS)
    others = siblings if len(siblings) >= FEWEST_PHOTOS else some(OUTSIDERS)
    if min(len(members), len(others)) < FEWEST_PHOTOS:
        return None
    one, other = (_steadiness(store, index) for index in (members, others))
    low, high = auc_interval(one, other, rows.identity[members].astype(str), rows.identity[others].astype(str))
    if high >= CLEARLY_LESS:
        return None
    return (
        f"the members are less steady under altered views than the others (AUC {auc(one, other):.2f}, {low:.2f} to {high:.2f}); what trained a "
        "network is steadier. If --members and --non-members were exchanged, every answer of this bundle is the opposite of the truth"
    )


def _steadiness(store: Store, index: Indices) -> NDArray[np.float64]:
    """Return the mean agreement of the embedding with those of the altered views; see ``mint.auditors.features.agreement``."""
    views = len(VIEWS)
    cosines = store.read([AGREEMENT], NETWORK, index)[AGREEMENT][:, -(2 * views + 1) : -(views + 1)]
    return np.asarray(cosines.mean(axis=1), np.float64)
