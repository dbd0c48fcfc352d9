"""The canonical light: what a photo's brightness and contrast do is undone, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from scipy.stats import norm

from mint.networks.base import resize
from mint.networks.modules.light import (
    BINOMIAL,
    FORMS,
    KNOTS,
    LEAST_SPREAD,
    LEAST_STEP,
    LUMA,
    OUTERMOST,
    equalise,
    standardise,
)
from mint.networks.modules.light_arrays import equalised
from mint.networks.modules.light_names import EQUALISED, PLAIN, STANDARDISED, light_of, told_of_light
from mint.networks.torch_network import TorchNetwork


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
    plain, canonical = (TorchNetwork("n", model, (), 16, light=form) for form in (PLAIN, STANDARDISED))
    assert canonical.key != plain.key
    assert "standardised" not in plain.describe()
    torch.testing.assert_close(
        canonical.look(0.6 * batch + 30).embedding, canonical.look(batch).embedding, atol=1e-4, rtol=1e-4
    )
    assert not torch.allclose(plain.look(0.6 * batch + 30).embedding, plain.look(batch).embedding, atol=1e-2)


def test_equalised_values_are_the_normal_quantiles_of_their_ranks(batch):
    grey = (batch.double() * torch.tensor(LUMA, dtype=torch.float64)[:, None, None]).sum(1).numpy()
    smooth = ndimage.convolve1d(ndimage.convolve1d(grey, BINOMIAL, 1, mode="nearest"), BINOMIAL, 2, mode="nearest")
    found = equalise(batch).numpy()
    assert (found[:, :1] == found).all()
    for one, expected in zip(found[:, 0], smooth, strict=True):
        middle = np.sort(expected[14:98, 14:98], axis=None)
        share = np.searchsorted(middle, expected.ravel()) / (middle.size - 1)
        wanted = 0.5 * norm.ppf(share.clip(OUTERMOST, 1 - OUTERMOST))
        knots = np.quantile(middle, np.linspace(OUTERMOST, 1 - OUTERMOST, KNOTS))
        assert np.diff(knots).min() > LEAST_STEP
        inside = (share > 0.07) & (
            share < 0.93
        )  # from the second knot to the last but one: the tails are straight lines
        np.testing.assert_allclose(one.ravel()[inside].clip(-1, 1), wanted.clip(-1, 1)[inside], atol=0.02)
        np.testing.assert_allclose(np.sort(one[14:98, 14:98], axis=None)[middle.size // 2], 0, atol=0.01)


@pytest.mark.parametrize(
    "edit", [lambda x: 0.6 * x + 40, lambda x: 255 * (x / 255) ** 0.7, lambda x: 255 * (x / 255) ** 1.4]
)
def test_brightness_contrast_and_gamma_of_a_grey_photo_cost_next_to_nothing(batch, edit):
    grey = (batch * torch.tensor(LUMA)[:, None, None]).sum(1, keepdim=True).expand(-1, 3, -1, -1)
    moved = (equalise(edit(grey)) - equalise(grey)).abs().mean()
    assert moved < 0.015  # smoothing comes before: the mean of values under a curve is not the curve of their mean
    assert moved < 0.2 * (standardise(edit(grey)) - standardise(grey)).abs().mean() + 0.015


def test_colour_costs_nothing_once_equalised(batch):
    grey = (batch * torch.tensor(LUMA)[:, None, None]).sum(1, keepdim=True).expand(-1, 3, -1, -1)
    torch.testing.assert_close(equalise(grey), equalise(batch), atol=1e-3, rtol=0)


def test_equalising_leaves_an_empty_crop_empty_and_faint_noise_faint():
    torch.testing.assert_close(equalise(torch.full((1, 3, 64, 64), 90.0)), torch.zeros(1, 3, 64, 64), atol=1e-6, rtol=0)
    noise = 90 + torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert equalise(noise).std() < 0.1 < equalise(10 * noise).std()


def test_an_equalised_crop_does_not_depend_on_its_neighbours(batch):
    torch.testing.assert_close(equalise(batch[1:2]), equalise(batch)[1:2], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("form", [PLAIN, *FORMS])
def test_a_form_is_found_again_in_what_is_told_of_it(form):
    assert light_of(told_of_light(form)) == form


@pytest.mark.parametrize("about", [{"light": "dim"}, {"standardised": 1}, {"standardised": True, "light": EQUALISED}])
def test_a_form_that_is_none_is_refused(about):
    with pytest.raises(ValueError, match="standardised, equalised, or as they are"):
        light_of(about)


def test_no_network_is_shown_plain_crops_for_a_form_that_there_is_not():
    with pytest.raises(ValueError, match="standardised, equalised, or as they are"):
        TorchNetwork("n", torch.nn.Identity(), (), 16, light="equalized")


@pytest.mark.parametrize("side", [32, 64, 112])
def test_arrays_are_equalised_as_tensors_are(batch, side):
    flat = torch.full((1, 3, 112, 112), 90.0)
    noise = torch.randint(0, 256, (2, 3, 112, 112), generator=torch.Generator().manual_seed(2)).float()
    dim = batch * 0.02  # steps between the knots are widened
    crops = resize(torch.cat([batch, flat, noise, dim]), side)
    found = equalised(crops.numpy())
    np.testing.assert_allclose(found, equalise(crops).numpy()[:, 0], atol=1e-5)
    np.testing.assert_array_equal(found[2], equalised(crops[2:3].numpy())[0])
