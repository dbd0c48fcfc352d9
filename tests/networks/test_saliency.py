from __future__ import annotations

import numpy as np
import torch

from mint.networks.base import Maps
from mint.networks.saliency import saliency_maps
from mint.networks.torch_network import TorchNetwork


def test_one_picture_a_tap_in_the_size_of_its_maps(network: TorchNetwork, crops: np.ndarray) -> None:
    found = saliency_maps(network, crops)
    batch = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)
    maps = network.look(batch).taps
    assert list(found) == [tap.name for tap in network.taps]
    for name, energy in found.items():
        assert energy.shape == (len(crops), *maps[name].shape[2:])
        assert energy.min() >= 0
        assert energy.max() <= 1


class Planted:
    """Says the same everywhere in one channel, and something in one cell in another."""

    def look(self, crops: torch.Tensor) -> Maps:
        maps = torch.zeros(len(crops), 2, 4, 4)
        maps[:, 0] = 100.0
        maps[:, 1, 1, 2] = 3.0
        return Maps(torch.zeros(len(crops), 2), {"stage1": maps, "stage2": torch.ones(len(crops), 2, 2, 2)})


def test_the_brightest_cell_is_where_something_is_and_a_flat_map_is_dark(crops: np.ndarray) -> None:
    found = saliency_maps(Planted(), crops[:2])  # type: ignore[arg-type]
    assert [np.unravel_index(m.argmax(), m.shape) for m in found["stage1"]] == [(1, 2), (1, 2)]
    assert (found["stage1"] == 1).sum() == 2
    assert not found["stage2"].any()
