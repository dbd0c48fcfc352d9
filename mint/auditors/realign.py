"""Realign a face to the cut that the network remembers best.

A network that memorised a picture memorised one cut of it. When the picture is resized, mirrored or sent through a
messenger, the detector's landmarks move by a pixel or two, the face is cut out a little differently, and most of what
there was to find is gone. So small moves of the crop are tried, and the one is kept whose embedding lies closest to any
class centre of the head.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from mint.auditors.base import read
from mint.networks.base import AuditedNetwork
from mint.vision.opencv import cv2

# A move is right and down in pixels of the crop, log of the scale, and radians. Edits of a photo move a face by about
# two pixels and 4 % of its size (people of the calibration purpose).
STEP = np.array([2.0, 2.0, 0.04, 0.03])
GRID = STEP * [(*at, 0) for at in itertools.product((-1, 0, 1), repeat=3)]
AXES = STEP * np.concatenate([np.eye(4), -np.eye(4)])
FINER = (0.5, 0.3)  # of a step: how far the search then goes along each axis
BEYOND_A_STEP = 1.5  # of such a step: how far beyond it a parabola may point
BATCHES = (len(GRID), *(len(AXES), 1) * len(FINER))  # crops that are tried together, one batch after the other


def realigned(network: AuditedNetwork, crops: np.ndarray) -> np.ndarray:
    """Return the crops at the cuts that the network remembers best.

    Args:
        network: with its classification head; without one there is nothing to search by, and crops stay as they are.
        crops: (N, 112, 112, 3) uint8 RGB.

    Returns:
        (N, 112, 112, 3) uint8 RGB. Each is searched by itself, so that no crop depends on its neighbours.
    """
    head = network.head
    return crops if head is None or not len(crops) else np.stack([_realigned(network, head, crop) for crop in crops])


@torch.inference_mode()
def recalled(network: AuditedNetwork, crops: np.ndarray) -> Tensor:
    """Return the (N, E) embeddings of crops at the cuts that the network remembers best."""
    return read(network, realigned(network, crops), views=False).plain.embedding


def _realigned(network: AuditedNetwork, head: Tensor, crop: np.ndarray) -> np.ndarray:
    """Search a coarse grid, then each axis.

    Each axis moves to the best of the steps, or to the vertex of a parabola through three of them.
    """

    def close(moves: np.ndarray) -> np.ndarray:
        return closeness(network, head, np.stack([move(crop, by) for by in moves]))

    found = close(GRID)
    best, most = GRID[found.argmax()], found.max()
    for share in FINER:
        steps = best + share * AXES
        found = close(steps)
        forth, back = np.split(found, 2)
        bend = forth + back - 2 * most
        top = np.where(bend < -1e-6, (back - forth) / (2 * np.minimum(bend, -1e-6)), np.sign(forth - back))
        summit = best + share * STEP * np.clip(top, -BEYOND_A_STEP, BEYOND_A_STEP)
        candidates = np.vstack([best, summit, steps])
        values = np.concatenate([[most], close(summit[None]), found])
        best, most = candidates[values.argmax()], values.max()
    return move(crop, best)


@torch.inference_mode()
def closeness(network: AuditedNetwork, head: Tensor, crops: np.ndarray) -> np.ndarray:
    """Return the largest cosine of each crop's embedding to a class centre, (N,) float32."""
    embedding = network.look(torch.from_numpy(crops).permute(0, 3, 1, 2).float()).embedding
    found: np.ndarray = (normalize(embedding, dim=1) @ head.to(embedding.device).T).amax(1).cpu().numpy()
    return found


def move(crop: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Move, scale and rotate a crop about its centre; the edge is repeated.

    Args:
        crop: (H, W, 3) uint8.
        by: (4,), see above; all zero gives the crop itself.
    """
    if not by.any():
        return crop
    right, down, scale, turn = by
    cos, sin = np.exp(scale) * np.cos(turn), np.exp(scale) * np.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]])
    size = crop.shape[1::-1]
    middle = (np.array(size) - 1) / 2
    matrix = np.column_stack([linear, middle - linear @ middle + (right, down)])
    return cv2.warpAffine(crop, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
