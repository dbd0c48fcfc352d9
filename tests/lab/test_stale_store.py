"""Numbers that were made from something else are not taken for this store's, wherever they lie."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mint.auditors.panel import QUALITIES
from mint.errors import StoreMismatch
from mint.lab.folders import Folder
from mint.lab.shards import BOX, Shard, Shards
from mint.lab.store import FORMAT, MANIFEST, key_of, read_manifest

MADE_OF = {"network": "a" * 64, "parts": {"network": {"embedding": [4]}}}
NAME, SAMPLES = "members/000000", "of these samples"


def shard() -> Shard:
    row = {"id": "a.jpg", "identity": "ann", "sha256": "0" * 64, "rejected": ""}
    numbers = dict.fromkeys((*BOX, "confidence", *QUALITIES), 1.0)
    return Shard([row | numbers], {"network/embedding": np.ones((1, 4), np.float32)})


def test_a_shard_of_another_store_does_not_count(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    own, other = Shards(folder, key_of(MADE_OF)), Shards(folder, key_of({**MADE_OF, "network": "b" * 64}))
    own.write(NAME, SAMPLES, shard())
    assert own.whole(NAME, SAMPLES)
    assert not own.whole(NAME, "of others")
    assert other.rows(NAME) is None
    assert not other.whole(NAME, SAMPLES)


@pytest.mark.parametrize("changed", ["key", "made_of"])
def test_a_manifest_whose_key_is_not_that_of_what_it_says_is_refused(tmp_path: Path, changed: str) -> None:
    manifest = {"format": FORMAT, "key": key_of(MADE_OF), "complete": False, "made_of": MADE_OF}
    path = tmp_path / MANIFEST
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert read_manifest(Folder(tmp_path)) == manifest
    other = {**MADE_OF, "network": "b" * 64}
    path.write_text(json.dumps({**manifest, changed: key_of(other) if changed == "key" else other}), encoding="utf-8")
    with pytest.raises(StoreMismatch, match="its key is another"):
        read_manifest(Folder(tmp_path))
