"""Altered views of a crop, to which a network answers more steadily if it was trained on it.

All views are deterministic, so a verdict never depends on the run or on the batch. Sizes are shares
of the side, because the views are made at the network's own input size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad

from mint.networks.base import AuditedNetwork, Maps
from mint.networks.modules.light_names import EQUALISED, PLAIN

STEP = 0.04  # of the side: how far a shift goes
NOISE, STRONG_NOISE = 10.0, 30.0  # standard deviations, of 255
COARSE = 0.25  # of the side: what a coarse picture keeps


def _shift(down: int, right: int) -> Callable[[Tensor], Tensor]:
    """Shift the picture by a step; the edge is repeated."""

    def view(x: Tensor) -> Tensor:
        side = int(x.shape[-1])
        step = max(1, round(STEP * side))
        y = pad(x, (step, step, step, step), mode="replicate")
        top, left = step * (1 - down), step * (1 - right)
        return y[:, :, top : top + side, left : left + side]

    return view


def _zoom(factor: float) -> Callable[[Tensor], Tensor]:
    def view(x: Tensor) -> Tensor:
        side = int(x.shape[-1])
        scaled = round(side * factor / 2) * 2
        y = interpolate(x, (scaled, scaled), mode="bilinear", align_corners=False)
        margin = abs(scaled - side) // 2
        if scaled >= side:
            return y[:, :, margin : margin + side, margin : margin + side]
        return pad(y, (margin,) * 4, mode="replicate")

    return view


def _blur(x: Tensor) -> Tensor:
    """Blur by a binomial 1-4-6-4-1 kernel in both directions, a Gaussian of sigma 1."""
    taps = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    planes = pad(x, (2, 2, 2, 2), mode="replicate").flatten(0, 1).unsqueeze(1)
    blurred = conv2d(planes, torch.outer(taps, taps)[None, None])
    return blurred.view(x.shape)


@lru_cache(maxsize=8)
def _pattern(side: int, seed: int) -> Tensor:
    """Return noise of deviation 1, the same for every crop and every run."""
    return torch.randn((3, side, side), generator=torch.Generator().manual_seed(seed))


def _noise(deviation: float, seed: int) -> Callable[[Tensor], Tensor]:
    return lambda x: (x + deviation * _pattern(int(x.shape[-1]), seed)).clamp_(0, 255)


def _coarse(x: Tensor) -> Tensor:
    """Shrink and enlarge again."""
    small = interpolate(x, scale_factor=COARSE, mode="bilinear", antialias=True)
    return interpolate(small, x.shape[-2:], mode="bilinear", align_corners=False)


def _cover(top: float, bottom: float) -> Callable[[Tensor], Tensor]:
    """Cover a band of rows, given as shares of the height, with grey."""

    def view(x: Tensor) -> Tensor:
        y = x.clone()
        height = int(x.shape[-2])
        y[:, :, round(top * height) : round(bottom * height)] = 127.5
        return y

    return view


VIEWS: dict[str, Callable[[Tensor], Tensor]] = {
    "flip": lambda x: x.flip(3),
    "shift left": _shift(0, -1),
    "shift right": _shift(0, 1),
    "shift up": _shift(-1, 0),
    "shift down": _shift(1, 0),
    "zoom in": _zoom(1.125),
    "zoom out": _zoom(0.875),
    "blur": _blur,
    "noise": _noise(NOISE, 20250308),
    "darker": lambda x: x * 0.7,
    "brighter": lambda x: (x * 1.3).clamp_(max=255),
    "eyes covered": _cover(0.34, 0.56),
    "mouth covered": _cover(0.70, 0.92),
    "half mirrored": lambda x: (x + x.flip(3)) / 2,  # between the two pictures that were trained on
    "strong noise": _noise(STRONG_NOISE, 20250309),
    "coarse": _coarse,
}


# A view that a canonical form of light turns back into the crop: the network would be shown one picture twice. The older form
# undoes it as well, but where there is hardly any contrast; bundles were calibrated with that little.
UNDONE: dict[str, frozenset[str]] = {EQUALISED: frozenset({"darker"})}


def shown_views(light: str) -> tuple[str, ...]:
    """Return those of ``VIEWS`` that a network is shown beside the crop, in their order.

    Args:
        light: the canonical form that it brings crops to, see ``AuditedNetwork.light``.
    """
    return tuple(name for name in VIEWS if name not in UNDONE.get(light, ()))


def with_views(crops: Tensor, light: str = PLAIN) -> Tensor:
    """Return each crop followed by those K of its views that a network is shown: (N, 3, S, S) to (N * (1 + K), 3, S, S)."""
    stacked = torch.stack([crops, *(VIEWS[name](crops) for name in shown_views(light))], dim=1)
    return stacked.flatten(0, 1)


def of_all_views(maps: Maps, light: str) -> Maps:
    """Return the maps of each crop followed by all ``VIEWS``, from those of ``with_views``: a view that was not shown has the crop's."""
    shown = shown_views(light)
    if len(shown) == len(VIEWS):
        return maps
    places = [0, *(1 + shown.index(name) if name in shown else 0 for name in VIEWS)]

    def picked(values: Tensor) -> Tensor:
        return values.reshape(-1, 1 + len(shown), *values.shape[1:])[:, places].flatten(0, 1)

    return Maps(picked(maps.embedding), {name: picked(values) for name, values in maps.taps.items()})


def look_at(network: AuditedNetwork, crops: Tensor, views: bool) -> Maps:
    """Show a network (N, 3, S, S) crops: the maps of each, followed, if asked for, by those of all ``VIEWS`` of it."""
    if not views:
        return network.look(crops)
    return of_all_views(network.look(with_views(crops, network.light)), network.light)
