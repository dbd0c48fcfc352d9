"""A reading holds what the network shows, for the crops and for their views."""

from __future__ import annotations

import torch

from mint.auditors.base import read
from mint.auditors.views import VIEWS


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
