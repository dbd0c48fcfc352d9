"""Augmentation: every change does what it says, by the seed, and none where it is turned off."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mint.lab.twins.augment import Augmentation
from mint.networks.base import resize

OFF = Augmentation(shift=0, scale=0, turn=0, light=0, tint=0, grey=0, noise=0, coarse=0, jpeg=0)


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def batch(crops):
    return torch.from_numpy(crops).permute(0, 3, 1, 2).float().repeat(4, 1, 1, 1)


def test_turned_off_it_only_resizes(batch):
    found = OFF(batch, 64, drawn())
    assert found.shape == (len(batch), 3, 64, 64)
    assert (found - resize(batch, 64)).abs().mean() < 2  # by way of a finer size


def test_a_seed_gives_the_same_pictures_and_another_one_others(batch):
    wanted = Augmentation()
    assert torch.equal(wanted(batch, 64, drawn(1)), wanted(batch, 64, drawn(1)))
    assert not torch.equal(wanted(batch, 64, drawn(1)), wanted(batch, 64, drawn(2)))


def test_it_stays_a_picture_and_leaves_its_input_alone(batch):
    before = batch.clone()
    found = Augmentation(light=1.0, noise=80.0)(batch, 64, drawn())
    assert torch.equal(batch, before)
    assert found.min() >= 0
    assert found.max() <= 255


def test_each_picture_is_moved_by_itself(batch):
    found = replace(OFF, shift=0.1)(batch[:1].repeat(8, 1, 1, 1), 64, drawn())
    assert len({picture.numpy().tobytes() for picture in found}) == 8


def test_a_shift_goes_no_farther_than_it_may():
    """A bright spot in the middle, found again by its centre of mass."""
    spot = torch.zeros(200, 3, 64, 64)
    spot[:, :, 30:34, 30:34] = 255
    found = replace(OFF, shift=0.1)(spot, 64, drawn()).mean(1)
    places = torch.arange(64.0)
    weight = found.sum((1, 2))
    away = torch.stack([(found.sum(1) * places).sum(1), (found.sum(2) * places).sum(1)]) / weight - 31.5
    assert away.abs().max() <= 0.1 * 64 + 0.5
    assert away.abs().max() > 0.08 * 64
    assert away.mean().abs() < 0.6


def test_shares_of_grey_come_out(batch):
    colourful = torch.stack([torch.full((112, 112), v) for v in (200.0, 100.0, 50.0)]).repeat(600, 1, 1, 1)
    found = replace(OFF, grey=0.25)(colourful, 16, drawn())
    grey = (found.amax((1, 2, 3)) - found.amin((1, 2, 3)) < 1).float().mean()
    assert grey == pytest.approx(0.25, abs=0.06)


def test_noise_light_and_codecs_change_what_they_are_named_for(batch):
    plain = OFF(batch, 64, drawn())
    noisy = replace(OFF, noise=20.0)(batch, 64, drawn())
    assert 3 < (noisy - plain).std() < 20
    lit = replace(OFF, light=0.5)(batch, 64, drawn()).mean((1, 2, 3)) / plain.mean((1, 2, 3))
    assert lit.min() < 0.8
    assert lit.max() > 1.1
    coded = replace(OFF, jpeg=1.0, worst=20)(batch, 64, drawn())
    assert 1 < (coded - plain).abs().mean() < 12
    coarse = replace(OFF, coarse=1.0)(batch, 64, drawn())
    assert coarse.diff(dim=3).abs().mean() < plain.diff(dim=3).abs().mean()
