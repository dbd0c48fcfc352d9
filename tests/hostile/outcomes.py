"""What became of a photo at the first door, and that its words are fit for a visitor."""

from __future__ import annotations

import re

import numpy as np

from mint.errors import BadPhoto, NoFace
from mint.vision.faces import find
from mint.vision.images import MAX_SIDE, open_photo
from tests.hostile.cases import ANSWERED, FACELESS, REFUSED


def outcome_of(data: bytes) -> tuple[str, str]:
    """Open it and look for faces: what came of it, and the message if it was refused.

    Raises:
        AssertionError: it opened as something that is no photo, or the message shows the inside.
        Exception: whatever else came out; nothing should.
    """
    found, message = _seen(data)
    if found != ANSWERED:
        assert re.fullmatch(r"[A-Z].+\.", message, re.S), message
        assert len(message) < 300
        assert "Traceback" not in message
        assert not re.search(r"[<>]|0x[0-9a-f]{6}|/(tmp|home|usr)/", message), message  # nothing of the inside
    return found, message


def _seen(data: bytes) -> tuple[str, str]:
    try:
        rgb = open_photo(data)
    except BadPhoto as error:
        return REFUSED, str(error)
    assert rgb.dtype == np.uint8
    assert rgb.ndim == 3
    assert rgb.shape[2] == 3
    assert max(rgb.shape) <= MAX_SIDE
    try:
        faces = find(rgb)
    except NoFace as error:
        return FACELESS, str(error)
    assert all(face.crop.shape == (112, 112, 3) for face in faces)
    return ANSWERED, ""
