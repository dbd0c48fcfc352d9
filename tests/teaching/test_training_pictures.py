"""Whether a network was trained on a picture: told of the ledger's crops and for the networks beside it, and of nothing else."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mint.teaching.training_pictures import Listed, listed

CROPS = [np.full((112, 112, 3), grey, np.uint8) for grey in range(3)]
INDEX = b'{"format": "a bundle"}'


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    with (tmp_path / "ledger.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["sha256", "identity", "role_a", "role_b"])
        for crop, roles in zip(CROPS, (("trained on", "held out"), ("held out", "held out")), strict=False):
            table.writerow([hashlib.sha256(crop.tobytes()).hexdigest(), "pool/7", *roles])
    for name in ("twin-a", "augmented-b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bundle.json").write_bytes(INDEX)
    return tmp_path


def bundle(name: str, index: bytes = INDEX) -> Any:
    return SimpleNamespace(name=name, sha256=hashlib.sha256(index).hexdigest())


def test_each_half_is_told_what_it_was_trained_on(weights: Path) -> None:
    assert listed(CROPS[0], bundle("twin-a"), weights) == Listed("pool/7", True)
    assert listed(CROPS[0], bundle("augmented-b"), weights) == Listed("pool/7", False)
    assert listed(CROPS[1], bundle("twin-a"), weights) == Listed("pool/7", False)


def test_nobody_knows_of_other_pictures_or_other_networks(weights: Path) -> None:
    assert listed(CROPS[2], bundle("twin-a"), weights) is None
    assert listed(CROPS[0] + 1 - np.eye(112, dtype=np.uint8)[..., None], bundle("twin-a"), weights) is None
    assert listed(CROPS[0], bundle("twin-a", b"made anew"), weights) is None
    assert listed(CROPS[0], bundle("own"), weights) is None
    assert listed(CROPS[0], bundle("twin-b"), weights) is None, "it does not ship here"
    assert listed(CROPS[0], bundle("twin-a"), weights / "nowhere") is None
