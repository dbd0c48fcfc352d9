"""Sides that were exchanged are told, and sides that were not never are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mint.lab.training.from_store as from_store
from mint.errors import MintError
from mint.lab.evaluation.exchanged_sides import exchanged
from mint.networks.torch_network import TorchNetwork
from tests.lab.made_up_store import MadeUpStore, made_up_store
from tests.lab.photos import tiny_network


@pytest.fixture(scope="module")
def network() -> TorchNetwork:
    return tiny_network()


@pytest.mark.parametrize("siblings", [True, False])
def test_sides_that_were_exchanged_are_told(network: TorchNetwork, siblings: bool) -> None:
    line = exchanged(made_up_store(network, strength=-1.0, siblings=siblings), 1)
    assert line is not None
    assert "opposite of the truth" in line


@pytest.mark.parametrize("strength", [3.0, 0.3, 0.0])
@pytest.mark.parametrize("seed", range(5))
def test_right_sides_are_not(network: TorchNetwork, strength: float, seed: int) -> None:
    """Also where a network gives nothing away."""
    assert exchanged(made_up_store(network, strength=strength, seed=seed), seed) is None


def test_of_few_photos_or_without_views_nothing_is_said(network: TorchNetwork) -> None:
    store = made_up_store(network, strength=-3.0)
    few = np.flatnonzero(store.rows.side == "members")[20:]
    side = store.rows.source.copy()
    side[few] = "outsiders"
    assert exchanged(MadeUpStore(replace(store.rows, source=side), store.tensors, network), 1) is None
    bare = {name: values for name, values in store.tensors["network"].items() if name != "agreement"}
    assert exchanged(MadeUpStore(store.rows, {"network": bare}, network), 1) is None


def test_the_line_is_told_before_anything_is_trained(network: TorchNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise MintError("far enough")

    monkeypatch.setattr(from_store, "split_store", stop)
    lines: list[str] = []
    with pytest.raises(MintError, match="far enough"):
        from_store.train_store(made_up_store(network, strength=-1.0), network, "mine", report=lines.append)
    assert any("exchanged" in line for line in lines)
