"""The canonical light: what a photo's brightness and contrast do is undone, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.networks.torch_network import LEAST_SPREAD, TorchNetwork, standardise


@pytest.fixture
def batch(crops):
    return torch.from_numpy(crops[:4]).permute(0, 3, 1, 2).float()


def test_each_channel_of_each_crop_has_one_mean_and_spread(batch):
    found = standardise(batch).numpy()
    inner = found[:, :, 14:98, 14:98]
    np.testing.assert_allclose(inner.mean((2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(inner.std((2, 3), ddof=1), 0.5, rtol=1e-4)


@pytest.mark.parametrize(("factor", "constant"), [(0.5, 60.0), (0.7, 0.0), (1.0, -5.0)])
def test_brightness_and_contrast_cost_nothing(batch, factor, constant):
    torch.testing.assert_close(standardise(factor * batch + constant), standardise(batch), atol=1e-4, rtol=1e-4)


def test_a_tint_costs_nothing(batch):
    tint = torch.tensor([0.9, 1.0, 0.8])[:, None, None]
    torch.testing.assert_close(standardise(batch * tint), standardise(batch), atol=1e-4, rtol=1e-4)


def test_the_rim_is_not_measured(batch):
    framed = batch.clone()
    framed[:, :, :14] = 0
    framed[:, :, :, -14:] = 255
    torch.testing.assert_close(
        standardise(framed)[:, :, 14:98, 14:98], standardise(batch)[:, :, 14:98, 14:98], atol=1e-5, rtol=1e-5
    )


def test_an_empty_crop_stays_empty_and_faint_noise_faint():
    assert not standardise(torch.full((1, 3, 16, 16), 90.0)).any()
    noise = 90 + torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert standardise(noise).std() == pytest.approx(1 / (2 * LEAST_SPREAD), rel=0.05)


def test_a_crop_does_not_depend_on_its_neighbours(batch):
    torch.testing.assert_close(standardise(batch[1:2]), standardise(batch)[1:2], atol=1e-6, rtol=1e-5)


def test_a_network_that_is_shown_standardised_crops_says_so(batch):
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 16 * 16, 4))
    plain, canonical = (TorchNetwork("n", model, (), 16, standardised=wanted) for wanted in (False, True))
    assert canonical.key != plain.key
    assert "standardised" not in plain.describe()
    torch.testing.assert_close(
        canonical.look(0.6 * batch + 30).embedding, canonical.look(batch).embedding, atol=1e-4, rtol=1e-4
    )
    assert not torch.allclose(plain.look(0.6 * batch + 30).embedding, plain.look(batch).embedding, atol=1e-2)
