from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.auditors import build, specs
from mint.auditors.panel import CROPS_PER_LOOK, Panel
from mint.networks.saliency import saliency_maps
from mint.networks.torch_network import TorchNetwork


def recomputed(network: TorchNetwork, crops: np.ndarray) -> dict[str, np.ndarray]:
    """The maps of a forward pass of their own, in numpy and float64."""
    batch = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)
    found = {}
    for name, tensor in network.look(batch).taps.items():
        maps = tensor.numpy().astype(np.float64)
        length = np.sqrt(((maps - maps.mean(axis=(2, 3), keepdims=True)) ** 2).sum(axis=1))
        low, high = (edge(length, axis=(1, 2), keepdims=True) for edge in (np.min, np.max))
        found[name] = (length - low) / np.maximum(high - low, 1e-12)
    return found


@pytest.mark.parametrize("columns", [("consistency/views", "cnn/stage2"), ("norm/embedding",)], ids=["views", "plain"])
def test_a_look_gives_the_maps_of_a_forward_of_their_own(
    network: TorchNetwork, crops: np.ndarray, columns: tuple[str, ...]
) -> None:
    """Also of more crops than a look takes at once, and where no auditor reads a map."""
    torch.manual_seed(3)
    panel = Panel({s.column: build(s, network).eval() for s in specs(network) if s.column in columns})
    many = np.concatenate([crops] * (CROPS_PER_LOOK // len(crops) + 1))
    found = panel.show(network, many, saliency=True).saliency
    wanted = recomputed(network, many)
    assert list(found) == list(wanted) == [tap.name for tap in network.taps]
    for name, energy in found.items():
        np.testing.assert_allclose(energy, wanted[name], atol=1e-6)
        assert (energy.min(), energy.max()) == (0, 1)
    assert panel.show(network, crops).saliency == {}, "who does not ask for them does not pay"


def test_the_brightest_cell_is_where_something_is_and_a_flat_map_is_dark() -> None:
    """One channel says the same everywhere, the other something in one cell."""
    maps = torch.zeros(2, 2, 4, 4)
    maps[:, 0] = 100.0
    maps[:, 1, 1, 2] = 3.0
    found = saliency_maps({"stage1": maps, "stage2": torch.ones(2, 2, 2, 2)})
    assert [np.unravel_index(m.argmax(), m.shape) for m in found["stage1"]] == [(1, 2), (1, 2)]
    assert (found["stage1"] == 1).sum() == 2
    assert not found["stage2"].any()
