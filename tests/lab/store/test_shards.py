"""Shards that were made from something else are not taken for this store's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.auditors.panel import QUALITIES
from mint.lab.store.folder import Folder
from mint.lab.store.shards import BOX, Shard, Shards

NAME, SAMPLES = "members/000000", "of these samples"
KEY, OTHER = "a" * 64, "b" * 64


def shard() -> Shard:
    row = {"id": "a.jpg", "identity": "ann", "sha256": "0" * 64, "rejected": ""}
    numbers = dict.fromkeys((*BOX, "confidence", *QUALITIES), 1.0)
    return Shard([row | numbers], {"network/embedding": np.ones((1, 4), np.float32)})


def test_a_shard_of_another_store_does_not_count(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    own, other = Shards(folder, KEY), Shards(folder, OTHER)
    own.write(NAME, SAMPLES, shard())
    assert own.whole(NAME, SAMPLES)
    assert not own.whole(NAME, "of others")
    assert other.rows(NAME) is None
    assert not other.whole(NAME, SAMPLES)
