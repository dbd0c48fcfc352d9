"""A canonical form of a crop's light: brightness and contrast of the photo then change nothing that the network sees."""

from __future__ import annotations

from torch import Tensor

MARGIN = 1 / 8  # of the side: the rim is not measured, since padding and other people's shoulders lie there
LEAST_SPREAD = 4.0  # of 255: a crop of hardly any contrast is no more than noise, and is not stretched to a picture


def standardise(crops: Tensor) -> Tensor:
    """Bring each channel of each crop to mean 0 and spread 1/2, measured without the rim.

    Args:
        crops: (N, C, H, W) float in [0, 255].

    Returns:
        (N, C, H, W) float, most of it in [-1, 1]. A channel times a factor, plus a constant, gives the same, as long as
        nothing of it is cut off at 0 or 255.
    """
    height, width = crops.shape[-2:]
    down, right = round(MARGIN * height), round(MARGIN * width)
    middle = crops[..., down : height - down, right : width - right]
    mean = middle.mean((-2, -1), keepdim=True)
    spread = middle.std((-2, -1), keepdim=True).clamp_min(LEAST_SPREAD)
    return (crops - mean) / (2 * spread)
