"""The strongest visitor: the bundle is public, so the score can be climbed by its gradient.

The crop itself is altered and handed over: no detector and no alignment stands in the way.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from mint.auditors.base import Reading
from mint.auditors.features import read_features
from mint.auditors.views import VIEWS, of_all_views, with_views
from mint.bundles.bundle import Bundle
from mint.evidence.fusion import SURPLUS
from mint.evidence.score_table import PHOTO
from mint.networks.base import Maps, resize
from mint.networks.torch_network import TorchNetwork

TOGETHER = 8  # crops at a time


def climbed(bundle: Bundle, crops: np.ndarray, farthest: int, steps: int) -> np.ndarray:
    """Crops whose photo score was raised by signed gradient steps (Madry et al. 2018).

    Args:
        bundle: of a torch network.
        crops: (N, 112, 112, 3) uint8.
        farthest: how far a value may move, of 255.
        steps: of the climb; each goes a quarter of ``farthest``, at least half a grey level.

    Returns:
        (N, 112, 112, 3) uint8: rounded, so that what is judged is a picture.
    """
    return np.concatenate(
        [_climbed(bundle, crops[i : i + TOGETHER], farthest, steps) for i in range(0, len(crops), TOGETHER)]
    )


def _climbed(bundle: Bundle, crops: np.ndarray, farthest: int, steps: int) -> np.ndarray:
    start = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)
    x = start.clone()
    for _ in range(steps):
        x.requires_grad_()
        gradient = torch.autograd.grad(photo_score(bundle, x).sum(), x)[0]
        with torch.no_grad():
            x = x + max(0.5, farthest / 4) * gradient.sign()
            x = torch.minimum(torch.maximum(x, start - farthest), start + farthest).clamp(0, 255)
    return x.detach().round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def photo_score(bundle: Bundle, crops: Tensor) -> Tensor:
    """(N, 3, 112, 112) float RGB in [0, 255] to the (N,) scores that the verdict on a photo rests on, with a gradient."""
    network = bundle.network
    assert isinstance(network, TorchNetwork)
    last = network.taps[-1]
    seen: list[Tensor] = []
    hook = network.model.get_submodule(last.module).register_forward_hook(lambda _, __, out: seen.append(out))
    try:
        batch = network.preprocess(with_views(resize(crops, network.input_size), network.light))
        embedding = network.model(batch.to(memory_format=torch.channels_last))
    finally:
        hook.remove()
    maps = of_all_views(Maps(embedding, {last.name: seen[0]}), network.light)
    found = read_features(Reading(maps, len(VIEWS), network.head), maps=False)
    fusion = bundle.fusions[PHOTO]
    auditors = {column: bundle.panel.auditors[column] for column in fusion.weights}
    parts = []
    for column, weight in fusion.weights.items():
        values, cap = auditors[column](*auditors[column].inputs(found, network.head)), fusion.caps.get(column, math.inf)
        parts.append(weight * (values.clamp(max=cap) + SURPLUS * (values - cap).clamp(min=0)))
    return torch.stack(parts).sum(0) + fusion.bias
