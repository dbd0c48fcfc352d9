"""Take one visitor's photo from bytes to HTML. Values in, values out."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from mint.errors import NoFace
from mint.i18n.translate import ENGLISH, Say
from mint.types import Face, FaceAudit, Look
from mint.ui.examples import Example
from mint.ui.html import data_uri
from mint.ui.views.answer import answer
from mint.ui.views.faces import Picture, faces_panel
from mint.ui.views.layers import layers
from mint.ui.views.nearest import Known, nearest
from mint.ui.views.saliency import Activity, activity
from mint.vision.images import open_photo

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest

PREVIEW_SIDE = 800  # the page shows the photo this small; the audit read it in full
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The settings of an answer: where the sliders stood, and the language."""

    alpha: float
    prior: float
    language: str


@dataclass(slots=True, eq=False)
class Seen:
    """What comes after the verdict. It stays with its photo: the maps of an earlier one may be there later.

    Attributes:
        maps: network to tap to (F, H, W) activity; None until they are drawn.
    """

    maps: Activity | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSession:
    """The state of a photo while its answer is on the page, in memory only.

    Attributes:
        number: tells one answer from the next.
        look: faces and scores; judged again whenever a slider moves.
        picture: the small copy that the page shows.
        chosen: which face.
        truth: network to whether it was trained on this picture; None for a visitor's own photo.
        sha256: of the photo's bytes, for the report; None where nobody kept it.
        asked: what the run that brought the answer was asked with; a slider may have been moved since.
        seen: what comes after the verdict, for every face.
    """

    number: int
    look: Look
    picture: Picture
    chosen: int = 0
    truth: Mapping[str, bool] | None = None
    sha256: str | None = None
    asked: AnswerSettings | None = None
    seen: Seen = field(default_factory=Seen)

    def choose(self, index: int) -> PhotoSession:
        """Return a copy with another face chosen; an unknown index changes nothing."""
        return replace(self, chosen=index) if 0 <= index < len(self.look.faces) else self


def number() -> int:
    """Return a number that no other answer of this run has."""
    return next(_numbers)


def read(photo: bytes) -> tuple[np.ndarray, tuple[Face, ...]]:
    """Decode a photo and find faces; without any, return an empty tuple.

    Raises:
        BadPhoto: the photo cannot be read.
    """
    from mint.vision import faces  # OpenCV, too, is not needed to serve the page

    rgb = open_photo(photo)
    try:
        return rgb, faces.find(rgb)
    except NoFace:
        return rgb, ()


def begin(
    test: MembershipTest,
    rgb: np.ndarray,
    faces: tuple[Face, ...],
    truth: Mapping[str, bool] | None = None,
    sha256: str | None = None,
    asked: AnswerSettings | None = None,
) -> PhotoSession:
    """Run the networks, once. The verdict needs no more; the maps come with ``see``."""
    look = test.look_at(faces, "photo", rgb)
    return PhotoSession(number(), look, preview(rgb), 0, truth, sha256, asked)


def see(test: MembershipTest, session: PhotoSession) -> None:
    """Keep what the networks' activation maps show, if it is not there yet."""
    if session.seen.maps is None:
        session.seen.maps = test.activity(session.look.faces)


def preview(rgb: np.ndarray) -> Picture:
    """Return a small JPEG of a photo as a data URI."""
    from mint.vision.opencv import cv2

    height, width = rgb.shape[:2]
    scale = min(1.0, PREVIEW_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)  # every pixel counts, at a tenth of the time of LANCZOS
    buffer = io.BytesIO()
    Image.fromarray(small).save(buffer, "JPEG", quality=85)
    return Picture(data_uri(buffer.getvalue(), "jpeg"), width, height)


def show_photo(rgb: np.ndarray, say: Say = ENGLISH) -> str:
    """Render a photo before, or without, any face."""
    return faces_panel(preview(rgb), (), 0, 0, say)


def show_faces(session: PhotoSession, say: Say = ENGLISH) -> str:
    """Render the photo with its faces, and the crop of the chosen one."""
    return faces_panel(session.picture, session.look.faces, session.chosen, session.look.skipped, say)


def show_answer(test: MembershipTest, session: PhotoSession, alpha: float, prior: float, say: Say = ENGLISH) -> str:
    """Render every network's answer for the chosen face. Runs no network."""
    found = _found(test, session, alpha, prior)
    return f'<div class="result" data-visit="{session.number}">{answer(found, session.truth, say)}</div>'


def show_details(
    test: MembershipTest, session: PhotoSession, maps: Activity, examples: Sequence[Example] = (), say: Say = ENGLISH
) -> str:
    """Render the evidence: layers, known scores, activation maps.

    Neither limit nor prior changes any of it.
    """
    found = _found(test, session, 0.01, 0.5)
    known = {name: Known.of(test.bundles[name]) for name in found}
    chosen = {n: {tap: m[session.chosen] for tap, m in taps.items()} for n, taps in maps.items()}
    crop = session.look.faces[session.chosen].crop
    return layers(found, say) + nearest(found, known, examples, say) + activity(crop, chosen, say)


def _found(test: MembershipTest, session: PhotoSession, alpha: float, prior: float) -> dict[str, FaceAudit]:
    return {audit.network: audit.faces[session.chosen] for audit in test.judge(session.look, alpha, prior)}
