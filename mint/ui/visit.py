"""One visitor's photo from bytes to HTML. Values in, values out: the page only wires this to buttons."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from mint.errors import NoFace
from mint.images import open_photo
from mint.types import Face, Look
from mint.ui.answer import answer
from mint.ui.html import data_uri
from mint.ui.layers import layers
from mint.ui.photo import Picture, faces_panel

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest

PREVIEW_SIDE = 800  # the page shows the photo this small; the audit read it in full
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """What is kept of a photo while its answer is on the page, in memory only.

    Attributes:
        number: tells one answer from the next.
        look: faces and scores; judged again whenever a slider moves.
        picture: the small copy that the page shows.
        chosen: which face.
        truth: network to whether it was trained on this picture; None for a visitor's own photo.
    """

    number: int
    look: Look
    picture: Picture
    chosen: int = 0
    truth: Mapping[str, bool] | None = None

    def choose(self, index: int) -> Visit:
        """The same photo with another face chosen; an index that is none changes nothing."""
        return replace(self, chosen=index) if 0 <= index < len(self.look.faces) else self


def read(photo: bytes) -> tuple[np.ndarray, tuple[Face, ...]]:
    """Decode and find faces; a photo without any gives an empty tuple.

    Raises:
        BadPhoto: the photo cannot be read.
    """
    from mint import faces  # OpenCV, too, is not needed to serve the page

    rgb = open_photo(photo)
    try:
        return rgb, faces.find(rgb)
    except NoFace:
        return rgb, ()


def begin(
    test: MembershipTest, rgb: np.ndarray, faces: tuple[Face, ...], truth: Mapping[str, bool] | None = None
) -> Visit:
    """Run the networks, once."""
    return Visit(next(_numbers), test.look_at(faces, "photo"), preview(rgb), 0, truth)


def preview(rgb: np.ndarray) -> Picture:
    """A small JPEG of a photo, as an address."""
    height, width = rgb.shape[:2]
    small = Image.fromarray(rgb)
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return Picture(data_uri(buffer.getvalue(), "jpeg"), width, height)


def show_photo(rgb: np.ndarray) -> str:
    """A photo before, or without, any face."""
    return faces_panel(preview(rgb), (), 0)


def show_faces(visit: Visit) -> str:
    """The photo with its faces, and the crop of the chosen one."""
    return faces_panel(visit.picture, visit.look.faces, visit.chosen, visit.look.skipped)


def show_answer(test: MembershipTest, visit: Visit, alpha: float, prior: float) -> str:
    """Both networks' answers for the chosen face. Runs no network."""
    found = {audit.network: audit.faces[visit.chosen] for audit in test.judge(visit.look, alpha, prior)}
    return f'<div class="result" data-visit="{visit.number}">{answer(found, visit.truth)}{layers(found)}</div>'
