"""Altered views of a crop: what a network that has seen the very picture answers more steadily.

All views are deterministic, so a verdict never depends on the run or on the batch.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad


def _shift(down: int, right: int) -> Callable[[Tensor], Tensor]:
    """Move the picture; what comes in at the edge repeats the edge."""

    def view(x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        rows = (torch.arange(height) - down).clamp(0, height - 1)
        columns = (torch.arange(width) - right).clamp(0, width - 1)
        return x[:, :, rows][:, :, :, columns]

    return view


def _zoom(factor: float) -> Callable[[Tensor], Tensor]:
    def view(x: Tensor) -> Tensor:
        side = x.shape[-1]
        scaled = round(side * factor / 2) * 2
        y = interpolate(x, (scaled, scaled), mode="bilinear", antialias=True)
        margin = abs(scaled - side) // 2
        if scaled >= side:
            return y[:, :, margin : margin + side, margin : margin + side]
        return pad(y, (margin,) * 4, mode="replicate")

    return view


def _blur(x: Tensor) -> Tensor:
    """Gaussian, sigma 1.5 pixels, 7 × 7, separable."""
    taps = torch.exp(-torch.arange(-3.0, 4.0) ** 2 / (2 * 1.5**2))
    taps = (taps / taps.sum()).to(x)
    channels = x.shape[1]
    across, down = taps.view(1, 1, 1, 7).expand(channels, 1, 1, 7), taps.view(1, 1, 7, 1).expand(channels, 1, 7, 1)
    y = conv2d(pad(x, (3, 3, 0, 0), mode="replicate"), across, groups=channels)
    return conv2d(pad(y, (0, 0, 3, 3), mode="replicate"), down, groups=channels)


def _noise(x: Tensor) -> Tensor:
    """Gaussian, sigma 12 of 255, the same pattern for every crop and every run."""
    pattern = torch.randn(x.shape[1:], generator=torch.Generator().manual_seed(20250308))
    return (x + 12 * pattern.to(x)).clamp(0, 255)


def _cover(top: float, bottom: float) -> Callable[[Tensor], Tensor]:
    """Grey over a band of rows, given as shares of the height."""

    def view(x: Tensor) -> Tensor:
        y = x.clone()
        height = x.shape[-2]
        y[:, :, round(top * height) : round(bottom * height)] = 127.5
        return y

    return view


VIEWS: dict[str, Callable[[Tensor], Tensor]] = {
    "flip": lambda x: x.flip(3),
    "shift left": _shift(0, -4),
    "shift right": _shift(0, 4),
    "shift up": _shift(-4, 0),
    "shift down": _shift(4, 0),
    "zoom in": _zoom(1.125),
    "zoom out": _zoom(0.875),
    "blur": _blur,
    "noise": _noise,
    "darker": lambda x: x * 0.7,
    "brighter": lambda x: (x * 1.3).clamp(max=255),
    "eyes covered": _cover(0.34, 0.56),
    "mouth covered": _cover(0.70, 0.92),
}


def with_views(crops: Tensor) -> Tensor:
    """(N, 3, H, W) float RGB in [0, 255] to (N * (1 + K), 3, H, W): each crop, then its views."""
    stacked = torch.stack([crops, *(view(crops) for view in VIEWS.values())], dim=1)
    return stacked.flatten(0, 1)
