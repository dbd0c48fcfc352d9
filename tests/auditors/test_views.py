"""The altered views, each against numpy, scipy or Pillow."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import convolve1d

from mint.auditors.views import UNDONE, VIEWS, shown_views, with_views
from mint.networks.modules.light import FORMS
from tests.lab.few_views import KEPT, few_views


@pytest.fixture
def batch(crops):
    return torch.from_numpy(crops).permute(0, 3, 1, 2).float()


def test_each_crop_is_followed_by_its_views(batch):
    every = with_views(batch)
    group = 1 + len(VIEWS)
    assert len(VIEWS) == 16
    assert every.shape == (len(batch) * group, 3, 112, 112)
    for number in range(len(batch)):
        torch.testing.assert_close(every[number * group], batch[number], rtol=0, atol=0)
        for place, view in enumerate(VIEWS.values(), 1):
            torch.testing.assert_close(every[number * group + place], view(batch[number : number + 1])[0])


def test_every_view_stays_in_range_changes_the_crop_and_not_its_input(batch):
    kept = batch.clone()
    for name, made in VIEWS.items():
        view = made(batch)
        assert view.shape == batch.shape, name
        assert view.dtype == torch.float32, name
        assert view.min() >= -0.001, name
        assert view.max() <= 255.001, name  # resizing rounds
        assert ((view - batch).abs().mean(dim=(1, 2, 3)) > 1).all(), name
        assert torch.equal(batch, kept), name


def test_a_view_depends_on_its_own_crop_alone_and_not_on_the_run(batch):
    for name, made in VIEWS.items():
        torch.manual_seed(1)
        first = made(batch)
        torch.manual_seed(2)
        for number in range(len(batch)):
            torch.testing.assert_close(
                made(batch[number : number + 1])[0], first[number], msg=lambda words, name=name: f"{name}: {words}"
            )


def test_flip(batch):
    np.testing.assert_array_equal(VIEWS["flip"](batch).numpy(), batch.numpy()[..., ::-1])


@pytest.mark.parametrize(
    ("name", "down", "right"), [("shift left", 0, -4), ("shift right", 0, 4), ("shift up", -4, 0), ("shift down", 4, 0)]
)
def test_shifts_repeat_the_edge(batch, name, down, right):
    padded = np.pad(batch.numpy(), ((0, 0), (0, 0), (4, 4), (4, 4)), mode="edge")
    wanted = padded[:, :, 4 - down : 116 - down, 4 - right : 116 - right]
    np.testing.assert_array_equal(VIEWS[name](batch).numpy(), wanted)


def test_blur_is_scipys(batch):
    wanted = batch.double().numpy()
    for axis in (2, 3):
        wanted = convolve1d(wanted, np.array([1, 4, 6, 4, 1]) / 16, axis=axis, mode="nearest")
    np.testing.assert_allclose(VIEWS["blur"](batch).numpy(), wanted, atol=1e-2)


def test_noise_is_one_pattern_of_deviation_10(batch):
    grey = torch.full((2, 3, 112, 112), 128.0)
    noise = VIEWS["noise"](grey) - 128
    torch.testing.assert_close(noise[0], noise[1])
    # Auditors that ship were trained on this very pattern.
    torch.testing.assert_close(noise[0, 0, 0, :4], torch.tensor([3.2010, -14.3101, 4.4081, -2.9094]), atol=1e-3, rtol=0)
    assert float(noise.std()) == pytest.approx(10, rel=0.03)
    assert abs(float(noise.mean())) < 0.3
    assert torch.corrcoef(noise[0].flatten(1)).fill_diagonal_(0).abs().max() < 0.05  # channels differ
    inside = (batch > 64) & (batch < 192)
    added = VIEWS["noise"](batch) - batch
    torch.testing.assert_close(added[inside], noise[:1].expand_as(batch)[inside], atol=1e-4, rtol=0)


def test_strong_noise_is_another_pattern_of_deviation_30():
    grey = torch.full((1, 3, 112, 112), 128.0)
    strong, weak = (VIEWS[name](grey)[0] - 128 for name in ("strong noise", "noise"))
    assert float(strong.std()) == pytest.approx(30, rel=0.03)
    assert abs(float(torch.corrcoef(torch.stack([strong.flatten(), weak.flatten()]))[0, 1])) < 0.05
    # Auditors that ship were trained on this very pattern.
    torch.testing.assert_close(strong[0, 0, :3], torch.tensor([20.4901, 11.1663, -5.9737]), atol=1e-3, rtol=0)


def test_half_mirrored_is_the_mean_of_the_crop_and_its_mirror_image(batch):
    view = VIEWS["half mirrored"](batch)
    np.testing.assert_allclose(view.numpy(), (batch.numpy() + batch.numpy()[..., ::-1]) / 2, rtol=1e-6)
    torch.testing.assert_close(view, view.flip(3))


def test_coarse_keeps_what_a_picture_of_a_quarter_of_the_side_holds(crops, batch):
    view = VIEWS["coarse"](batch)[0].permute(1, 2, 0).numpy()
    small = np.asarray(Image.fromarray(crops[0]).resize((28, 28), Image.Resampling.BILINEAR))
    wanted = cv2.resize(small, (112, 112), interpolation=cv2.INTER_LINEAR).astype(float)
    assert np.abs(view - wanted).max() < 1.5


@pytest.mark.parametrize(("name", "scaled"), [("zoom in", 126), ("zoom out", 98)])
def test_zooms_are_opencvs(crops, batch, name, scaled):
    view = VIEWS[name](batch)[0].permute(1, 2, 0).numpy()
    resized = cv2.resize(crops[0], (scaled, scaled), interpolation=cv2.INTER_LINEAR).astype(float)
    margin = abs(scaled - 112) // 2
    if scaled > 112:
        wanted = resized[margin:-margin, margin:-margin]
    else:
        wanted = np.pad(resized, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    assert np.abs(view - wanted).max() < 1.5


def test_brightness(batch):
    np.testing.assert_allclose(VIEWS["darker"](batch).numpy(), batch.numpy() * 0.7, rtol=1e-6)
    np.testing.assert_allclose(VIEWS["brighter"](batch).numpy(), np.minimum(batch.numpy() * 1.3, 255), rtol=1e-6)


@pytest.mark.parametrize(("name", "rows"), [("eyes covered", (38, 63)), ("mouth covered", (78, 103))])
def test_covers_are_grey_bands(batch, name, rows):
    view = VIEWS[name](batch)
    top, bottom = rows
    assert (view[:, :, top:bottom] == 127.5).all()
    torch.testing.assert_close(view[:, :, :top], batch[:, :, :top])
    torch.testing.assert_close(view[:, :, bottom:], batch[:, :, bottom:])


def test_the_covers_lie_on_eyes_and_mouth():
    from mint.vision.faces import TEMPLATE

    grey = torch.zeros(1, 3, 112, 112)
    for name, landmarks in (("eyes covered", TEMPLATE[:2]), ("mouth covered", TEMPLATE[3:])):
        view = VIEWS[name](grey)[0, 0]
        for x, y in landmarks:
            assert view[int(y) - 8 : int(y) + 8, int(x)].min() == 127.5


@pytest.mark.parametrize(("light", "name"), [(light, name) for light, names in UNDONE.items() for name in names])
def test_a_view_that_is_left_out_is_turned_back_into_the_crop(light, name):
    rough = torch.rand(4, 3, 28, 28, generator=torch.Generator().manual_seed(1)) * 255
    crops = torch.nn.functional.interpolate(rough, (112, 112), mode="bilinear")

    def moved(view):
        return (FORMS[light](VIEWS[view](crops)) - FORMS[light](crops)).abs().mean()

    assert moved(name) < 1e-5
    assert name not in shown_views(light)
    assert all(moved(view) > 0.01 for view in shown_views(light))


def test_views_that_a_test_did_without_come_back_in_their_order() -> None:
    before = list(VIEWS.items())
    with pytest.MonkeyPatch.context() as patch:
        few_views(patch)
        assert list(VIEWS) == list(KEPT)
    assert list(VIEWS.items()) == before
