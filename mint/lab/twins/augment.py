"""Alter training pictures, so that a network learns the person instead of the picture.

Moves, scales and turns, resampling, JPEG, light, colour and noise, drawn anew each epoch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from mint.networks.base import resize
from mint.vision.opencv import cv2

FINER = (
    1.25  # times the size that pictures have when they are moved: else all of them come out softer than a photo does
)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far pictures are altered. Shares are of pictures, lengths of the side.

    Attributes:
        shift: the farthest, right and down.
        scale: the largest, as a log.
        turn: the farthest, in radians.
        light: the largest change of brightness, contrast and gamma, as a log.
        tint: the largest change of one channel, as a log.
        grey: share made grey.
        noise: the largest standard deviation, of 255.
        coarse: share shrunk and enlarged again, to ``smallest`` of the side at the least.
        jpeg: share sent through JPEG, at a quality of ``worst`` to 95.
    """

    shift: float = 0.06
    scale: float = 0.10
    turn: float = 0.17
    light: float = 0.4
    tint: float = 0.1
    grey: float = 0.1
    noise: float = 12.0
    coarse: float = 0.3
    smallest: float = 0.35
    jpeg: float = 0.3
    worst: int = 25

    def __call__(self, crops: Tensor, size: int, random: torch.Generator) -> Tensor:
        """Alter and resize (N, 3, H, W) float RGB in [0, 255] to (N, 3, size, size) in [0, 255]."""
        x = self._moved(resize(crops, round(FINER * size)), size, random)
        x = self._coarse(x, random)
        x = self._lit(x, random)
        x = x + torch.randn(x.shape, generator=random) * _uniform(len(x), 0, self.noise, random)[:, None, None, None]
        return self._compressed(x.clamp(0, 255), random)

    def _moved(self, x: Tensor, size: int, random: torch.Generator) -> Tensor:
        n = len(x)
        zoom = torch.exp(_uniform(n, -self.scale, self.scale, random))
        angle = _uniform(n, -self.turn, self.turn, random)
        right, down = (2 * _uniform(n, -self.shift, self.shift, random) for _ in range(2))  # grids are 2 wide
        cosine, sine = zoom * torch.cos(angle), zoom * torch.sin(angle)
        matrix = torch.stack([cosine, -sine, right, sine, cosine, down], 1).reshape(n, 2, 3)
        grid = affine_grid(matrix, [n, x.shape[1], size, size], align_corners=False)
        return grid_sample(x, grid, padding_mode="border", align_corners=False)

    def _coarse(self, x: Tensor, random: torch.Generator) -> Tensor:
        chosen = torch.rand(len(x), generator=random) < self.coarse
        if not chosen.any():
            return x
        # One size a batch: pictures of a batch are shrunk together.
        share = float(_uniform(1, self.smallest, 0.9, random))
        small = interpolate(x[chosen], (max(4, round(share * x.shape[-1])),) * 2, mode="bilinear", antialias=True)
        x = x.clone()
        x[chosen] = interpolate(small, x.shape[-2:], mode="bilinear", align_corners=False)
        return x

    def _lit(self, x: Tensor, random: torch.Generator) -> Tensor:
        n = len(x)
        gamma, contrast, brightness = (torch.exp(_uniform(n, -self.light, self.light, random)) for _ in range(3))
        x = 255 * (x.clamp(0, 255) / 255) ** gamma[:, None, None, None]
        mean = x.mean((1, 2, 3), keepdim=True)
        x = ((x - mean) * contrast[:, None, None, None] + mean) * brightness[:, None, None, None]
        x = x * torch.exp(_uniform(3 * n, -self.tint, self.tint, random)).reshape(n, 3, 1, 1)
        grey = (torch.rand(n, generator=random) < self.grey)[:, None, None, None]
        return torch.where(grey, x.mean(1, keepdim=True).expand_as(x), x)

    def _compressed(self, x: Tensor, random: torch.Generator) -> Tensor:
        chosen = torch.nonzero(torch.rand(len(x), generator=random) < self.jpeg)[:, 0]
        if not len(chosen):
            return x
        qualities = _uniform(len(chosen), self.worst, 95, random).round().int().tolist()
        pixels = x[chosen].round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        again = np.stack([_jpeg(picture, quality) for picture, quality in zip(pixels, qualities, strict=True)])
        x = x.clone()
        x[chosen] = torch.from_numpy(again).permute(0, 3, 1, 2).float()
        return x


# About what another size, a messenger or a cut do to an aligned crop: it moves by a pixel or two of 112.
EDITS = Augmentation(
    shift=0.015, scale=0.03, turn=0.04, light=0.25, tint=0.05, grey=0.1, noise=6.0, coarse=0.3, smallest=0.5,
    jpeg=0.3, worst=40,
)  # fmt: skip


def _jpeg(rgb: np.ndarray, quality: int) -> np.ndarray:
    """Return a (H, W, 3) uint8 picture as JPEG gives it back; the order of its colours hardly matters to it."""
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(rgb[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[:, :, ::-1]


def _uniform(n: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(n, generator=random)
