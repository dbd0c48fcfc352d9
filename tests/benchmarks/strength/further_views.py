"""Forty views beside those of ``mint.auditors.views``: parts, colours, mixtures, shuffles, turns.

Heavier than the ones that are kept. They were tried, and are here so that it can be tried again.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

View = Callable[[Tensor], Tensor]
GREY = 127.5
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def _keep(inside: Callable[[Tensor, Tensor], Tensor]) -> View:
    """Grey wherever ``inside`` of row and column, both in (0, 1), is false."""

    def view(x: Tensor) -> Tensor:
        place = (torch.arange(x.shape[-1]) + 0.5) / x.shape[-1]
        return torch.where(inside(place[:, None], place[None, :]), x, GREY)

    return view


def _board(cells: int, parity: int) -> View:
    return _keep(lambda r, c: ((r * cells).floor() + (c * cells).floor()) % 2 == parity)


def _lines(count: int, parity: int) -> View:
    return _keep(lambda r, c: ((r * count).floor() % 2 == parity) & (c >= 0))


def _coarse(x: Tensor, size: int) -> Tensor:
    small = interpolate(x, (size, size), mode="bilinear", antialias=True)
    return interpolate(small, x.shape[-2:], mode="bilinear", align_corners=False)


def _random(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _noise(deviation: float, seed: int) -> View:
    return lambda x: (x + deviation * _random(seed, *x.shape[1:])).clamp(0, 255)


def _clouds(share: float, seed: int) -> View:
    """Mix in a smooth random picture."""

    def view(x: Tensor) -> Tensor:
        clouds = interpolate(_random(seed, 1, 3, 6, 6), x.shape[-2:], mode="bicubic", align_corners=False)
        return x * (1 - share) + share * (GREY + 70 * clouds).clamp(0, 255)

    return view


def _affine(degrees: float = 0.0, zoom: float = 1.0) -> View:
    def view(x: Tensor) -> Tensor:
        angle = math.radians(degrees)
        cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom
        matrix = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0]]).expand(len(x), 2, 3)
        grid = affine_grid(matrix, list(x.shape), align_corners=False)
        return grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)

    return view


def _tiles(across: int, order: list[int]) -> View:
    """Cut into tiles and put them together in another order."""

    def view(x: Tensor) -> Tensor:
        side = x.shape[-1] // across
        tiles = x.unfold(2, side, side).unfold(3, side, side).flatten(2, 3)[:, :, order]
        return tiles.unflatten(2, (across, across)).permute(0, 1, 2, 4, 3, 5).reshape(x.shape)

    return view


def _luma(x: Tensor) -> Tensor:
    return (x * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True).expand_as(x)


def _middle(r: Tensor, c: Tensor) -> Tensor:
    return ((r - 0.5).abs() < 0.25) & ((c - 0.5).abs() < 0.25)


FURTHER_VIEWS: dict[str, View] = {
    "top half": _keep(lambda r, c: (r < 0.5) & (c > 0)),
    "bottom half": _keep(lambda r, c: (r >= 0.5) & (c > 0)),
    "left half": _keep(lambda r, c: (c < 0.5) & (r > 0)),
    "right half": _keep(lambda r, c: (c >= 0.5) & (r > 0)),
    "top left": _keep(lambda r, c: (r < 0.5) & (c < 0.5)),
    "top right": _keep(lambda r, c: (r < 0.5) & (c >= 0.5)),
    "bottom left": _keep(lambda r, c: (r >= 0.5) & (c < 0.5)),
    "bottom right": _keep(lambda r, c: (r >= 0.5) & (c >= 0.5)),
    "middle": _keep(_middle),
    "frame": _keep(lambda r, c: ~_middle(r, c)),
    "fine board": _board(8, 0),
    "fine board, other fields": _board(8, 1),
    "board": _board(4, 0),
    "board, other fields": _board(4, 1),
    "lines": _lines(8, 0),
    "other lines": _lines(8, 1),
    "coarser": lambda x: _coarse(x, 8),
    "fine detail only": lambda x: (x - _coarse(x, 16) + GREY).clamp(0, 255),
    "strong noise again": _noise(30, 2),
    "stronger noise": _noise(60, 3),
    "luma": _luma,
    "red only": lambda x: x[:, 0:1].expand_as(x),
    "blue only": lambda x: x[:, 2:3].expand_as(x),
    "red and blue exchanged": lambda x: x.flip(1),
    "negative": lambda x: 255 - x,
    "half the contrast": lambda x: (x + GREY) / 2,
    "a fifth of the contrast": lambda x: 0.2 * x + 0.8 * GREY,
    "thin clouds": _clouds(0.3, 11),
    "clouds": _clouds(0.5, 11),
    "thick clouds": _clouds(0.7, 11),
    "other clouds": _clouds(0.5, 12),
    "upside down": lambda x: x.flip(2),
    "quarters exchanged": _tiles(2, [3, 2, 1, 0]),
    "tiles shuffled": _tiles(4, torch.randperm(16, generator=torch.Generator().manual_seed(5)).tolist()),
    "turned left": _affine(15),
    "turned right": _affine(-15),
    "turned far": _affine(40),
    "zoomed far in": _affine(zoom=1.5),
    "zoomed far out": _affine(zoom=0.65),
    "four levels": lambda x: (x / 64).floor() * 64 + 32,
}
