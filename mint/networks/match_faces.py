"""Match the faces that different networks' detectors find in one photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mint.errors import NoFace
from mint.i18n.sentences import Sentence
from mint.networks.base import AuditedNetwork
from mint.types import Face

SAME = 0.5  # intersection over union from which two boxes show one face, as in PASCAL VOC and WIDER FACE
UNSEEN = Sentence("this network's own detector does not find this face")


def own_faces(
    rgb: np.ndarray, faces: Sequence[Face], networks: Mapping[str, AuditedNetwork]
) -> dict[str, tuple[Face | None, ...]]:
    """Find faces again for networks that have another detector than the one that found them.

    Args:
        rgb: (H, W, 3) uint8, the photo that the faces are in.
        faces: as one detector found them.
        networks: by name.

    Returns:
        Name of a network to its own faces, one for each of ``faces``; None where it finds none there.
    """
    found: dict[str, tuple[Face | None, ...]] = {}
    seen: dict[str, tuple[Face | None, ...]] = {}
    for name, network in networks.items():
        finder = network.finder.name
        if finder not in found:  # each detector looks once
            try:
                found[finder] = matched(faces, network.finder(rgb))
            except NoFace:
                found[finder] = (None,) * len(faces)
        seen[name] = found[finder]
    return seen


def matched(faces: Sequence[Face], others: Sequence[Face]) -> tuple[Face | None, ...]:
    """Match each face to the other that overlaps it most, at least ``SAME``, each at most once."""
    table = np.array([[overlap(face.box, other.box) for other in others] for face in faces]).reshape(
        len(faces), len(others)
    )
    answer: list[Face | None] = [None] * len(faces)
    while table.size and table.max() >= SAME:
        mine, theirs = np.unravel_index(int(table.argmax()), table.shape)
        answer[int(mine)] = others[int(theirs)]
        table[mine, :] = table[:, theirs] = -1.0
    return tuple(answer)


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Return the intersection over union of two boxes (x, y, width, height), in [0, 1]."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    inside = max(0.0, width) * max(0.0, height)
    both = one[2] * one[3] + other[2] * other[3] - inside
    return inside / both if both > 0 else 0.0
