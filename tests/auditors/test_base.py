"""A reading holds what the network shows, for the crops and for their views."""

from __future__ import annotations

import pytest
import torch

from mint.auditors.base import read
from mint.auditors.views import VIEWS
from mint.networks.base import Maps
from mint.networks.modules.light_names import EQUALISED, PLAIN, STANDARDISED
from mint.networks.torch_network import TorchNetwork


def test_a_plain_reading_is_one_look(network, crops):
    reading = read(network, crops, views=False)
    wanted = network.look(torch.from_numpy(crops.transpose(0, 3, 1, 2).copy()).float())
    assert reading.views == 0
    assert len(reading.everything) == len(crops)
    torch.testing.assert_close(reading.everything.embedding, wanted.embedding)
    torch.testing.assert_close(reading.plain.taps["stage3"], wanted.taps["stage3"])
    torch.testing.assert_close(reading.head, network.head)


def test_a_reading_with_views_holds_the_same_plain_maps(network, crops):
    plain, every = read(network, crops, views=False), read(network, crops, views=True)
    assert every.views == len(VIEWS)
    assert len(every.everything) == len(crops) * (1 + len(VIEWS))
    torch.testing.assert_close(every.plain.embedding, plain.plain.embedding, rtol=1e-4, atol=1e-5)
    for name in plain.plain.taps:
        torch.testing.assert_close(every.plain.taps[name], plain.plain.taps[name], rtol=1e-4, atol=1e-5)


def test_reading_does_not_change_the_crops(network, crops):
    before = crops.copy()
    read(network, crops, views=True)
    assert (crops == before).all()


def test_crops_need_not_be_contiguous(network, crops):
    odd = read(network, crops[::2], views=False).plain.embedding
    torch.testing.assert_close(odd, read(network, crops, views=False).plain.embedding[::2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("light", "forwards"), [(PLAIN, 17), (STANDARDISED, 17), (EQUALISED, 16)])
def test_a_view_that_the_form_of_light_undoes_costs_no_forward(network, crops, light, forwards):
    shown = []

    class Counted(TorchNetwork):
        def forward(self, batch: torch.Tensor) -> Maps:
            shown.append(len(batch))
            return super().forward(batch)

    model, taps, size = network.model, network.taps, network.input_size
    counted = Counted("counted", model, taps, size, light=light)
    found = read(counted, crops[:3], views=True)
    assert (shown, found.views, len(found.everything)) == ([3 * forwards], 16, 3 * 17)
    darker = found.everything[1 + list(VIEWS).index("darker") :: 17]
    if light == EQUALISED:
        torch.testing.assert_close(darker.embedding, found.plain.embedding, rtol=0, atol=0)
        torch.testing.assert_close(darker.taps["stage3"], found.plain.taps["stage3"], rtol=0, atol=0)
    whole = Counted("whole", model, taps, size, light=light)
    for place, (name, view) in enumerate(VIEWS.items(), 1):
        if name == "darker" and light == EQUALISED:
            continue
        small = torch.nn.functional.interpolate(
            torch.from_numpy(crops[:3]).permute(0, 3, 1, 2).float(), (size, size), mode="bilinear", antialias=True
        )
        wanted = whole.look(view(small))
        torch.testing.assert_close(found.everything[place::17].embedding, wanted.embedding, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(
            found.everything[place::17].taps["stage4"], wanted.taps["stage4"], rtol=1e-3, atol=1e-4
        )
