"""What a bundle can record of any network: its description, and the hash that refuses another."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import torch
from torch import nn

from mint.errors import NoFace
from mint.networks.base import Tap
from mint.networks.torch_network import TorchNetwork, fingerprint_of


def small(seed: int = 0, name: str = "small", side: int = 8) -> TorchNetwork:
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * (side - 2) ** 2, 5))
    return TorchNetwork(name, model, [Tap("first", "0", 4, 1)], side)


def test_the_description_is_plain_json_and_the_key_its_hash() -> None:
    network = small()
    found = network.describe()
    assert json.loads(json.dumps(found)) == found
    assert found["taps"] == [{"name": "first", "module": "0", "channels": 4, "stride": 1}]
    assert {found[k] for k in ("kind", "name", "fingerprint")} == {"torch", "small", network.fingerprint}
    text = json.dumps({k: v for k, v in found.items() if k != "name"}, sort_keys=True, separators=(",", ":"))
    assert network.key == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_network_has_the_same_key_whatever_its_name_and_any_other_has_not() -> None:
    keys = [n.key for n in (small(), small(1), small(side=9))]
    assert small().key == small(name="other").key == keys[0]  # a file may be renamed
    assert len(set(keys)) == 3


def test_a_fingerprint_sees_every_value_and_every_name() -> None:
    model = small().model
    before = fingerprint_of(model)
    with torch.no_grad():
        model[1].running_mean[2] += 1e-6
    assert fingerprint_of(model) != before
    assert fingerprint_of(nn.ModuleDict({"a": nn.Linear(2, 2)})) != fingerprint_of(
        nn.ModuleDict({"b": nn.Linear(2, 2)})
    )


def test_a_fingerprint_that_is_given_stays() -> None:
    network = TorchNetwork("given", nn.Conv2d(3, 1, 1), [], 8, fingerprint="f" * 64)
    assert network.fingerprint == "f" * 64


def test_a_network_finds_faces_unless_it_says_otherwise(face_rgb: np.ndarray) -> None:
    network = small()
    (face,) = network.finder(face_rgb)
    assert face.crop.shape == (112, 112, 3)
    with pytest.raises(NoFace):
        network.finder(np.zeros((200, 200, 3), np.uint8))
