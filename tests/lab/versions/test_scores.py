"""Scores are the angles that they are said to be, with as many forward passes on both sides."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from mint.auditors.base import read
from mint.auditors.views import VIEWS
from mint.lab.versions.releases import VERSIONS
from mint.lab.versions.scores import CENTRE, MIRROR, MORE_SEEN, SEEN, of_the_last, over_versions, scores_of
from mint.networks.base import Maps
from mint.networks.torch_network import TorchNetwork


def test_cosines_are_those_of_the_reading_of_all_views(network: TorchNetwork, crops: np.ndarray) -> None:
    found = scores_of(network, crops, MORE_SEEN)
    reading = read(network, crops, views=True)
    unit = normalize(reading.everything.embedding, dim=1).unflatten(0, (len(crops), -1)).double()
    places = [1 + list(VIEWS).index(name) for name in MORE_SEEN]
    cosine = torch.einsum("ne,nke->nk", unit[:, 0], unit[:, places])
    np.testing.assert_allclose(np.tanh(found[MIRROR]), cosine.numpy(), atol=1e-4)
    assert network.head is not None
    centre = (unit[:, [0, *places]] @ network.head.double().T).amax(2)
    np.testing.assert_allclose(np.tanh(found[CENTRE]), centre.numpy(), atol=1e-4)


def test_one_column_a_version_in_their_order(network: TorchNetwork, crops: np.ndarray) -> None:
    other = TorchNetwork(
        "other",
        network.model,
        network.taps,
        network.input_size,
        torch.randn(5, 16, generator=torch.Generator().manual_seed(4)),
    )
    found = over_versions([network, other], crops)
    for name in (MIRROR, CENTRE):
        assert found[name].shape == (len(crops), 2)
        for column, one in enumerate((network, other)):
            np.testing.assert_allclose(found[name][:, column], scores_of(one, crops, SEEN)[name].mean(1))
    np.testing.assert_allclose(found[MIRROR][:, 0], found[MIRROR][:, 1])  # the head has no say in it
    assert (found[CENTRE][:, 0] != found[CENTRE][:, 1]).all()


def test_both_sides_take_as_many_forward_passes(network: TorchNetwork, crops: np.ndarray) -> None:
    shown: list[int] = []
    real = network.look

    def counted(batch: Tensor) -> Maps:
        shown.append(len(batch))
        return real(batch)

    network.look = counted  # type: ignore[method-assign]
    over_versions([network] * VERSIONS, crops)
    sequence = sum(shown)
    shown.clear()
    of_the_last(network, crops)
    assert sequence == sum(shown) == 8 * len(crops)
