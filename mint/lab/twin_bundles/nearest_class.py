"""Which class centre a picture lies nearest to, and near which ones nobody may be accused as a person.

A kind of people that few classes are of lie near these, used or not. As few of that kind are known who were not used, no
p-value counts them, and they would be accused too often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.functional import normalize

from mint.auditors.features import EMBEDDING
from mint.evidence.conformal import ENOUGH_PEOPLE
from mint.evidence.score_table import CALIBRATION, NEAREST, Tables
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import StoreSplits
from mint.lab.twins.ledger import Row, class_people


def uncalibrated_classes(rows: Sequence[Row], network: str) -> tuple[int, ...]:
    """Return the numbers of class centres of people whose source has too few people to calibrate on.

    Args:
        rows: of the ledger.
        network: whose classes they are.
    """
    trained = class_people(rows, network)
    source_of = {row.identity: row.source for row in rows}
    known = {row.identity for row in rows if row.purpose == CALIBRATION} - {*trained}
    people = Counter(source_of[identity] for identity in known)
    enough = min(ENOUGH_PEOPLE, max(people.values(), default=0))
    return tuple(n for n, identity in enumerate(trained) if people[source_of[identity]] < enough)


def with_nearest(tables: Tables, shown: StoreFeatures, splits: StoreSplits, split: str) -> Tables:
    """Return the score tables of a split with the number of the nearest class centre of every picture; as they are without a head."""
    if shown.head is None:
        return tables
    return {
        source: {**columns, NEAREST: _nearest(shown, splits.rows[split][source])} for source, columns in tables.items()
    }


@torch.inference_mode()
def _nearest(shown: StoreFeatures, index: np.ndarray) -> np.ndarray:
    assert shown.head is not None
    embeddings = normalize(shown.tensors([EMBEDDING], index)[EMBEDDING], dim=1)
    return (embeddings @ shown.head.T).argmax(1).numpy().astype(np.int32)
