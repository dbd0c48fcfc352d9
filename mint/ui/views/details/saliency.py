"""Show where in the face each network is active: maps of every tap over the crop."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mint.i18n.labels import pair_of, place
from mint.i18n.translate import ENGLISH, Say
from mint.ui.html import badge, data_uri, esc, inline, title

Activity = Mapping[str, Mapping[str, NDArray[np.float32]]]
SIDE = 112  # pixels, as the crop
GLOW = np.array([255.0, 122.0, 40.0], np.float32)  # the colour of an active cell, in both themes
STRONGEST = 0.82  # how much of it covers the crop there


def activity(crops: Mapping[str, np.ndarray], maps: Activity, say: Say = ENGLISH) -> str:
    """Draw one row a network, one picture a tap.

    Args:
        crops: network to (112, 112, 3) uint8 RGB, the chosen face as it was shown it.
        maps: network to tap to (H, W) activity in [0, 1].
        say: the visitor's language.
    """
    if not maps:
        return ""
    told = say(
        "Orange marks the cells where the activation maps of a stage stand out. This is what the published auditors read. "
        "Early stages follow edges; late ones have few cells, each of which sees most of the face. You cannot tell used from "
        "unused by eye."
    )
    rows = "".join(_row(network, crops[network], taps, say) for network, taps in maps.items())
    return (
        f'<section class="activity" aria-labelledby="activity-title"><h3 id="activity-title">{say("What each stage looks at")}'
        f'</h3><p class="fine">{told}</p>{rows}</section>'
    )


def _row(network: str, crop: np.ndarray, taps: Mapping[str, NDArray[np.float32]], say: Say) -> str:
    pictures = "".join(_picture(network, tap, crop, energy, say) for tap, energy in taps.items())
    row = "who long" if pair_of(network) is None else "who"
    return f'<div class="maps"><p class="{row}">{badge(network)}<span>{title(network, say)}</span></p>{pictures}</div>'


def _picture(network: str, tap: str, crop: np.ndarray, energy: NDArray[np.float32], say: Say) -> str:
    name = esc(place(tap, say))
    return (
        f"<figure>{image(network, tap, crop, energy, say)}"
        f"<figcaption>{name} <small>{cells(energy, say)}</small></figcaption></figure>"
    )


def image(network: str, tap: str, crop: np.ndarray, energy: NDArray[np.float32], say: Say) -> str:
    """Draw one tap's map over the crop, with a name for who cannot see it.

    Args:
        network: whose map it is.
        tap: where.
        crop: (S, S, 3) uint8 RGB.
        energy: (H, W) in [0, 1].
        say: the visitor's language.
    """
    alt = say("{stage} of {network} over the face", stage=esc(place(tap, say)), network=inline(network, say))
    return f'<img src="{_jpeg(over(crop, energy))}" width="{SIDE}" height="{SIDE}" alt="{alt}">'


def cells(energy: NDArray[np.float32], say: Say) -> str:
    """Tell how many cells a map of (H, W) activity has."""
    height, width = energy.shape
    return say("{height} × {width} cells", height=height, width=width)


def over(crop: np.ndarray, energy: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Draw the crop in grey with activity over it.

    Args:
        crop: (S, S, 3) uint8 RGB.
        energy: (H, W) in [0, 1]; enlarged smoothly.

    Returns:
        (112, 112, 3) uint8 RGB.
    """
    grey = np.asarray(Image.fromarray(crop).convert("L").resize((SIDE, SIDE)), np.float32)[..., None]
    large = Image.fromarray(energy.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    share = STRONGEST * np.asarray(large, np.float32).clip(0, 1)[..., None]
    found: NDArray[np.uint8] = ((1 - share) * (0.85 * grey) + share * GLOW).clip(0, 255).astype(np.uint8)
    return found


def _jpeg(rgb: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=82)
    return data_uri(buffer.getvalue(), "jpeg")
