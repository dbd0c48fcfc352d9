"""Canonical forms of light, in front of a network: photos that differ in their light alone come out alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from mint.networks.modules.light_names import EQUALISED, STANDARDISED

Pictures = TypeVar("Pictures", Tensor, np.ndarray)
RIM = 1 / 8  # of the side: the rim is not measured, since padding and other people's shoulders lie there
LEAST_SPREAD = 4.0  # of 255: a crop of hardly any contrast is no more than noise, and is not stretched to a picture
LUMA = (0.299, 0.587, 0.114)  # of R, G, B: what grey photos are made with (ITU-R BT.601)
BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)  # a Gaussian of sigma 1 pixel
KNOTS = 17  # quantiles that a crop's values are read at; the middle one is the median
OUTERMOST = 0.005  # the share of values below the first knot and above the last: a few pixels of glare decide nothing
LEAST_STEP = 1.0  # of 255, between two knots: noise is not stretched either
SHARES = tuple(OUTERMOST + (1 - 2 * OUTERMOST) * k / (KNOTS - 1) for k in range(KNOTS))
TARGETS = tuple(min(1.0, max(-1.0, NormalDist(sigma=0.5).inv_cdf(share))) for share in SHARES)


def standardise(crops: Tensor) -> Tensor:
    """Bring each channel of each crop to mean 0 and spread 1/2, measured without the rim.

    Brightness and contrast of the photo then change nothing that a network sees.

    Args:
        crops: (N, C, H, W) float in [0, 255].

    Returns:
        (N, C, H, W) float, most of it in [-1, 1]. A channel times a factor, plus a constant, gives the same, as long as
        nothing of it is cut off at 0 or 255.
    """
    middle = middle_of(crops)
    mean = middle.mean((-2, -1), keepdim=True)
    spread = middle.std((-2, -1), keepdim=True).clamp_min(LEAST_SPREAD)
    return (crops - mean) / (2 * spread)


def equalise(crops: Tensor) -> Tensor:
    """Smooth the luminance of each crop and bring its values to a normal distribution (histogram specification).

    Any edit that keeps the order of luminances (brightness, contrast, gamma) then changes nothing that a network sees, as
    long as nothing is cut off at 0 or 255; colour is gone, and with it what a grey copy lacks; what JPEG, noise and
    resizing do to single pixels is smoothed away.

    Args:
        crops: (N, 3, H, W) float RGB in [0, 255].

    Returns:
        (N, 3, H, W) float in [-1, 1], all channels alike. Between the knots, quantiles measured without the rim, values
        are interpolated; beyond the outermost they are cut off.
    """
    grey = (crops * crops.new_tensor(LUMA)[:, None, None]).sum(-3, keepdim=True)
    smooth = _smoothed(grey)
    ordered = _sorted(middle_of(smooth).flatten(-2))
    knots = ordered[..., places_of_knots(int(ordered.shape[-1]))]
    steps = (knots[..., 1:] - knots[..., :-1]).clamp_min(LEAST_STEP)
    half = KNOTS // 2
    low = (knots[..., half] - steps[..., :half].sum(-1))[..., None, None]  # widened steps push away from the median
    found = torch.full_like(smooth, TARGETS[0])
    for k in range(KNOTS - 1):
        step = steps[..., k, None, None]
        found = found + ((smooth - low) / step).clamp(0, 1) * (TARGETS[k + 1] - TARGETS[k])
        low = low + step
    return found.expand_as(crops)


def _sorted(values: Tensor) -> Tensor:
    """Sort along the last axis: by numpy where nothing is traced and no gradient is wanted, in a fifth of torch's time."""
    traced = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    if traced or values.requires_grad or values.device.type != "cpu" or values.dtype != torch.float32:
        return values.sort(-1).values
    return torch.from_numpy(np.sort(values.numpy(), axis=-1))


def places_of_knots(count: int) -> list[int]:
    """Return where among so many sorted values the knots lie."""
    return [round(share * (count - 1)) for share in SHARES]


def middle_of(crops: Pictures) -> Pictures:
    """Return (..., H, W) pictures without their rim."""
    height, width = (int(side) for side in crops.shape[-2:])
    down, right = round(RIM * height), round(RIM * width)
    return crops[..., down : height - down, right : width - right]


def _smoothed(grey: Tensor) -> Tensor:
    weights, reach = grey.new_tensor(BINOMIAL), len(BINOMIAL) // 2
    padded = nn.functional.pad(grey, (reach,) * 4, mode="replicate")
    return nn.functional.conv2d(
        nn.functional.conv2d(padded, weights[None, None, :, None]), weights[None, None, None, :]
    )


FORMS: Mapping[str, Callable[[Tensor], Tensor]] = {STANDARDISED: standardise, EQUALISED: equalise}
