"""A store's key is that of what its manifest says it was made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mint.errors import StoreMismatch
from mint.lab.store.folder import Folder
from mint.lab.store.reader import FORMAT, MANIFEST, key_of, read_manifest

MADE_OF = {"network": "a" * 64, "parts": {"network": {"embedding": [4]}}}


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
