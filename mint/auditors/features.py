"""Ingredients: the features that auditors read, and all that a store keeps of a crop.

Activation maps of a million photos fit no disk; their channel maxima, the embeddings and the
agreement with the altered views do. Every auditor but the CNN can be trained on these alone, so a
network runs once over a collection, whatever is tried on it later.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

from mint.auditors.base import Reading
from mint.auditors.views import VIEWS

EMBEDDING, MIRRORED, AGREEMENT = "embedding", "mirrored", "agreement"
CENTRED = "centred"  # needs the classification head as well
RECALLED = "recalled"  # (N, E), the embedding where the network remembers most: of a search, so no reading holds it
MAXIMA, MAPS = "maxima/", "maps/"  # begin the names of what there is once a tap
VIEWED = frozenset({MIRRORED, AGREEMENT, CENTRED})  # found only in readings with views
LARGEST_COSINE = 0.9999  # cosines nearer to 1 differ in their last digits
MIRROR = 1 + list(VIEWS).index("flip")  # recognisers are trained on mirror images as well


def read_features(reading: Reading, maps: bool) -> dict[str, Tensor]:
    """Return what auditors read of N crops.

    Args:
        reading: of a network, with views or without.
        maps: whether whole maps are wanted as well.

    Returns:
        Name to float32 values. ``embedding``: (N, E), not normalised. ``maxima/TAP``: (N, C), the
        largest value of each channel, in the network's order of taps. With views ``mirrored``:
        (N, E), the embedding of the mirror image, ``agreement``: (N, 3 K + 1), and of a network with a head
        ``centred``: (N, 1 + K). If asked for, ``maps/TAP``: (N, C, H, W).
    """
    plain = reading.plain
    found = {EMBEDDING: plain.embedding}
    if reading.views:
        found[MIRRORED] = reading.everything.embedding[MIRROR :: 1 + reading.views]
        found[AGREEMENT] = agreement(reading)
        if reading.head is not None:
            found[CENTRED] = centred(reading)
    found |= {MAXIMA + name: values.amax((2, 3)) for name, values in plain.taps.items()}
    if maps:
        found |= {MAPS + name: values for name, values in plain.taps.items()}
    return found


def agreement(reading: Reading) -> Tensor:
    """Return (N, 3 K + 1) agreements: atanh of cosines at the last tap and embedding, log norms.

    The tap says how alike the network finds the two pictures before it turns them into a person:
    what the embedding agrees on beyond that is memory. Earlier taps add nothing to it. Of a network
    without taps there are (N, 2 K + 1).

    Raises:
        ValueError: the reading was made without views.
    """
    if not reading.views:
        raise ValueError("agreement with the views needs a reading with views")
    group = 1 + reading.views
    # Channels last, as the maps lie in memory: flattening copies nothing, and a cosine has no order.
    last = [values.permute(0, 2, 3, 1).flatten(1) for values in list(reading.everything.taps.values())[-1:]]
    found = []
    for values in (*last, reading.everything.embedding):
        values = values.reshape(-1, group, values.shape[1])
        norm = torch.linalg.vector_norm(values, dim=2)
        apart = _apart(values, norm).clamp(1 - LARGEST_COSINE, 1 + LARGEST_COSINE)
        found.append(0.5 * ((2 - apart) / apart).log())  # atanh of the cosine
    norms = norm.clamp_min(1e-6).log()  # the embedding's, the last of the loop
    found += [norms[:, :1], norms[:, 1:] - norms[:, :1]]
    return torch.cat(found, dim=1)


def _apart(values: Tensor, norm: Tensor) -> Tensor:
    """Return (N, K), 1 - cosine between the first and each other of (N, 1 + K, D) vectors of (N, 1 + K) lengths.

    It is taken from the difference of the unit vectors: where the cosine is nearly 1, as of a network that hardly minds the
    views, 1 - cosine would be rounding, and another one in each runtime. A vector of zeros is at right angles to all.
    """
    unit = values / norm.clamp_min(1e-12).unsqueeze(2)
    length = (norm > 1e-12).to(values.dtype)
    return (unit[:, 1:] - unit[:, :1]).square().sum(2) / 2 + (1 - (length[:, 1:] + length[:, :1]) / 2)


def centred(reading: Reading) -> Tensor:
    """Return (N, 1 + K) cosines of the crop and its views to the class centre that lies nearest to the crop.

    Raises:
        ValueError: the reading was made without views, or of a network without a head.
    """
    if not reading.views or reading.head is None:
        raise ValueError("this needs a reading with views, of a network with its head")
    embedding = reading.everything.embedding
    unit = normalize(embedding, dim=1).reshape(-1, 1 + reading.views, embedding.shape[1])
    head = reading.head.to(unit.device)
    nearest = head[(unit[:, 0] @ head.T).argmax(1)]
    return (unit @ nearest[:, :, None]).squeeze(2)
