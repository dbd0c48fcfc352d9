"""Check a network that was built in Python before anything is measured on it: a graph is checked when it is opened."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from mint.errors import BadInput, DoubtfulNetwork
from mint.networks.base import AuditedNetwork
from mint.networks.onnx.trial import ONE_EMBEDDING, answers_apart, least_alike, patterns

MADE_UP = 3
CROP_SIDE = 112  # of a crop


def check_module(network: AuditedNetwork) -> None:
    """Show a network a few made-up pictures, alone, again and together.

    Warns with ``DoubtfulNetwork`` where it hardly tells them apart.

    Raises:
        BadInput: it gives no (N, E) embedding, or other maps or class centres than is said of it; its answers are no numbers; or
            an answer changes from run to run, or with the pictures beside it.
    """
    pictures = torch.from_numpy(patterns(MADE_UP, CROP_SIDE))
    alone, again = (
        [[_embedding(network, pictures[k : k + 1]).numpy()] for k in range(MADE_UP)],
        [[_embedding(network, pictures[k : k + 1]).numpy()] for k in range(MADE_UP)],
    )
    together = _embedding(network, pictures)
    if not torch.isfinite(together).all():
        raise BadInput(
            f"{network.name} gives embeddings that are no finite numbers. Check its weights, mean and scale."
        )
    if any(not answers_apart(first, [second]) for first, second in zip(alone, again, strict=True)):
        raise BadInput(
            f"{network.name} gives one picture another embedding each time: something in it is drawn by chance, such as dropout that "
            "eval() does not turn off (functional.dropout without training=self.training)."
        )
    if not answers_apart([together.numpy()], alone):
        raise BadInput(
            f"{network.name} gives a picture another embedding where other pictures are beside it, so no answer would be about one photo "
            "alone. Take out what is computed over the batch."
        )
    if (cosine := least_alike(together.numpy())) > ONE_EMBEDDING:
        warnings.warn(
            f"{network.name} gives {MADE_UP} quite different pictures nearly one embedding (cosine {cosine:.4f} and above): nothing that "
            "is measured on it can be trusted. Check its mean and scale, and that it is the trained one.",
            DoubtfulNetwork,
            stacklevel=3,
        )


def _embedding(network: AuditedNetwork, pictures: Tensor) -> Tensor:
    """Return the (N, E) embeddings. Raises BadInput as ``check_module``."""
    maps = network.look(pictures)
    shape = tuple(maps.embedding.shape)
    if len(shape) != 2 or shape[0] != len(pictures):
        raise BadInput(
            f"{network.name} gives {shape} for {len(pictures)} picture(s), where an embedding is (N, E): flatten it."
        )
    for tap in network.taps:
        there = tuple(maps.taps[tap.name].shape)
        if len(there) != 4 or there[:2] != (len(pictures), tap.channels):
            raise BadInput(
                f"The tap {tap.name} of {network.name} shows {there}, where maps of {tap.channels} channels are (N, {tap.channels}, H, W)."
            )
    if network.head is not None and network.head.shape[1:] != shape[1:]:
        turned = " It is transposed: give head.T." if network.head.shape[0] == shape[1] else ""
        raise BadInput(
            f"The head of {network.name} is {tuple(network.head.shape)}, where class centres for embeddings of {shape[1]} numbers are (K, "
            f"{shape[1]}).{turned}"
        )
    return maps.embedding.float().cpu()
