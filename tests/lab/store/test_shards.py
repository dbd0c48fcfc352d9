"""Shards that were made from something else are not taken for this store's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mint.lab.store.folder import Folder
from mint.lab.store.shards import BOX, Shard, Shards, decoded, encoded
from mint.vision.faces import FLATNESS, QUALITIES

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


def test_a_text_that_is_none_is_damage() -> None:
    table = shard().table
    person = pa.array([b"ann \xff"]).view(pa.string())
    broken = table.set_column(table.schema.get_field_index("identity"), "identity", person)
    with pytest.raises(pa.ArrowInvalid, match="UTF8"):
        decoded(encoded(broken, {"store": KEY, "kept": 1}))


def test_rows_of_before_flatness_was_measured_are_read_with_it_unknown() -> None:
    table, about = shard().table, {"store": KEY, "kept": 1}
    found = decoded(encoded(table.drop_columns([FLATNESS]), about)).table
    assert found.schema.names == table.schema.names
    assert np.isnan(found[FLATNESS].to_numpy()).all()
    assert found.drop_columns([FLATNESS]).equals(table.drop_columns([FLATNESS]))
    with pytest.raises(ValueError, match="other columns"):
        decoded(encoded(table.drop_columns(["sharpness"]), about))
