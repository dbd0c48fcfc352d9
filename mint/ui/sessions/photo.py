"""Take one visitor's photo from bytes to HTML. Values in, values out."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from mint.evidence.score_table import PERSON, PHOTO, REAL
from mint.i18n.labels import DEFAULT_PAIR, PAIRS
from mint.i18n.translate import ENGLISH, Say
from mint.types import Face, FaceAudit, Look, PhotoAudit, Rate
from mint.ui.examples import Example
from mint.ui.html import data_uri
from mint.ui.views.answer import answer, beside
from mint.ui.views.details.layer_strips import scan, scannable
from mint.ui.views.details.layers import layers
from mint.ui.views.details.promise import promise
from mint.ui.views.details.saliency import activity
from mint.ui.views.faces import Picture, faces_panel
from mint.ui.views.nearest import Known, nearest
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


UNMOVED = AnswerSettings(0.01, 0.5, ENGLISH.language)


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A photo that could be read.

    Attributes:
        rgb: (H, W, 3) uint8 RGB.
        sha256: of its bytes, for the report.
    """

    rgb: np.ndarray
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The faces of a photo, before any is judged.

    Attributes:
        picture: the small copy that the page shows.
        faces: those that will be judged, largest first.
        skipped: how many smaller ones will not.
    """

    picture: Picture
    faces: tuple[Face, ...]
    skipped: int


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What finding the faces of a photo and showing the largest to the networks gave.

    Attributes:
        found: all its faces.
        look: at the largest.
    """

    found: Found
    look: Look


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSession:
    """The state of a photo while its answer is on the page, in memory only.

    Attributes:
        number: tells one answer from the next.
        look: faces, scores, and where in each face the networks are active; the photo itself is not kept.
        audits: the look as judged by the networks of ``pair`` at the settings of ``asked``.
        asked: what the run that brought the answer was asked with; a slider may have been moved since.
        picture: the small copy that the page shows.
        chosen: which face.
        found: all faces that are to be judged, largest first; the look may know the first of them only.
        truth: network to whether it was trained on this picture, for the networks of all pairs; None for a visitor's own
            photo.
        sha256: of the photo's bytes, for the report.
        pair: that was asked, a key of ``PAIRS``; the look may know more.
        person_truth: network to whether it was trained on any picture of this person; None where nobody knows it.
        following: number of the example that comes after this one; None for a visitor's own photo.
        cut: all faces as the versions of a series will be shown them; None where there is no series, or it was not there yet.
    """

    number: int
    look: Look
    audits: tuple[PhotoAudit, ...]
    asked: AnswerSettings
    picture: Picture
    chosen: int = 0
    found: tuple[Face, ...] = ()
    truth: Mapping[str, bool] | None = None
    sha256: str | None = None
    pair: str = DEFAULT_PAIR
    person_truth: Mapping[str, bool] | None = None
    following: int | None = None
    cut: Look | None = None

    @property
    def known(self) -> dict[str, bool] | None:
        """The truth for the networks that were asked; None where nobody knows it."""
        if self.truth is None:
            return None
        return {audit.network: self.truth[audit.network] for audit in self.audits if audit.network in self.truth}

    def again(self, before: MembershipTest, test: MembershipTest, pair: str, asked: AnswerSettings) -> PhotoSession:
        """Return a copy that asks another pair. Runs those of its networks that have not seen the photo's faces.

        Args:
            before: the test that was asked so far.
            test: the one to ask.
            pair: its key.
            asked: the settings by now.

        Raises:
            MintError: that takes the photo itself, see ``MembershipTest.look_again``.
        """
        look = test.look_again(self.look, before, saliency=True)
        audits = test.judge(look, asked.alpha, asked.prior)
        return replace(self, number=number(), look=look, audits=audits, asked=asked, pair=pair)

    def judged(self, test: MembershipTest, alpha: float, prior: float) -> tuple[PhotoAudit, ...]:
        """Return the audits at these settings: those that are kept, or new ones where a slider was moved."""
        kept = (alpha, prior) == (self.asked.alpha, self.asked.prior)
        return self.audits if kept else test.judge(self.look, alpha, prior)

    def choose(self, index: int) -> PhotoSession:
        """Return a copy with another face chosen; one that is unknown, or not judged yet, changes nothing."""
        return replace(self, chosen=index) if 0 <= index < len(self.look.faces) else self

    @property
    def waiting(self) -> bool:
        """Whether there are faces that were not judged yet."""
        return len(self.look.faces) < len(self.found)

    def complete(self, test: MembershipTest, photo: Decoded) -> PhotoSession:
        """Return a copy that knows all faces: those that were not judged are looked at now, and all are judged."""
        known = len(self.look.faces)
        look = self.look.beside(_look(test, photo, self.found[known:]))
        return replace(self, look=look, audits=test.judge(look, self.asked.alpha, self.asked.prior))


def number() -> int:
    """Return a number that no other answer of this run has."""
    return next(_numbers)


def read(photo: bytes) -> Decoded:
    """Decode a photo, which needs no network.

    Raises:
        BadPhoto: the photo cannot be read.
    """
    return Decoded(open_photo(photo), hashlib.sha256(photo).hexdigest())


def find(test: MembershipTest, photo: Decoded) -> Found:
    """Find the faces of a photo.

    Raises:
        NoFace: there is no face in it.
    """
    from mint.membership import MAX_FACES

    faces = test.find(photo.rgb)[1]
    return Found(preview(photo.rgb), faces[:MAX_FACES], max(0, len(faces) - MAX_FACES))


def see(test: MembershipTest, photo: Decoded, found: Found | None = None) -> Seen:
    """Look at the largest face: a visitor does not wait for the others, see ``PhotoSession.complete``.

    Args:
        test: the networks.
        photo: that was read.
        found: its faces; they are looked for if None.

    Raises:
        NoFace: there is no face in it, and it was not looked for before.
    """
    found = found or find(test, photo)
    return Seen(found, replace(_look(test, photo, found.faces[:1]), skipped=found.skipped))


def begin(
    test: MembershipTest,
    photo: Decoded,
    truth: Mapping[str, bool] | None = None,
    asked: AnswerSettings = UNMOVED,
    pair: str = DEFAULT_PAIR,
    person_truth: Mapping[str, bool] | None = None,
    seen: Seen | None = None,
) -> PhotoSession:
    """Judge the largest face of a photo. Raises as ``see``, which is done here unless it was done before."""
    seen = seen or see(test, photo)
    found, audits = seen.found, test.judge(seen.look, asked.alpha, asked.prior)
    return PhotoSession(
        number(), seen.look, audits, asked, found.picture, 0, found.faces, truth, photo.sha256, pair, person_truth
    )


def _look(test: MembershipTest, photo: Decoded, faces: Sequence[Face]) -> Look:
    first = next(iter(test.bundles.values())).network  # by its detector the faces were found
    return test.look_at(faces, "photo", photo.rgb, first.finder.name, saliency=True)


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


def show_found(found: Found, say: Say = ENGLISH) -> str:
    """Render the photo with its faces before any was judged."""
    return faces_panel(found.picture, found.faces, 0, found.skipped, say, judged=0)


def show_faces(session: PhotoSession, say: Say = ENGLISH) -> str:
    """Render the photo with its faces, and the crop of the chosen one."""
    judged, faces = len(session.look.faces), session.found or session.look.faces
    return faces_panel(session.picture, faces, session.chosen, session.look.skipped, say, judged)


def show_answer(test: MembershipTest, session: PhotoSession, alpha: float, prior: float, say: Say = ENGLISH) -> str:
    """Render every network's answer for the chosen face. Runs no network, and judges only if a slider was moved."""
    found = _of_chosen(session, session.judged(test, alpha, prior))
    real = real_faces(test, alpha) if session.truth is None else None
    made = session.pair in PAIRS and all(
        "pool" in bundle.facts for bundle in test.bundles.values()
    )  # of fictional people
    onward = made and session.truth is None
    told = answer(found, session.known, say, session.person_truth, real, onward)
    return f'<div class="result" data-visit="{session.number}">{told}</div>'


def real_faces(test: MembershipTest, alpha: float) -> dict[str, dict[str, Rate]]:
    """Return network to question to the measured false-positive rate of real faces, where they are known to be such."""
    from mint.judging.photo import false_alarms

    found = {
        name: {question: false_alarms(bundle, question, REAL, alpha) for question in (PHOTO, PERSON)}
        for name, bundle in test.bundles.items()
        if "pool" in bundle.facts
    }
    return {name: {question: rate for question, rate in rates.items() if rate.n} for name, rates in found.items()}


def show_details(
    test: MembershipTest,
    session: PhotoSession,
    alpha: float,
    prior: float,
    examples: Sequence[Example] = (),
    say: Say = ENGLISH,
) -> str:
    """Render the evidence: the scan with its maps, confidences, known scores. Runs no network, as ``show_answer``.

    Networks without scores to scan show their confidences open and their maps in a row. The limit decides the words of
    every layer; the prior changes none of it. In sight beside all that stay the face, its answers, and the way to the next
    example.
    """
    look, face = session.look, session.chosen
    found = _of_chosen(session, session.judged(test, alpha, prior))
    known = {name: Known.of(test.bundles[name]) for name in found}
    maps = {n: {tap: m[face] for tap, m in taps.items()} for n, taps in look.saliency.items() if n in found}
    crops = {n: look.shown_to(n)[face].crop for n in maps}
    scanned = {name: audit for name, audit in found.items() if scannable(audit, test.bundles[name])}
    rest = {name: taps for name, taps in maps.items() if name not in scanned}
    return (
        scan(scanned, test.bundles, crops, maps, say)
        + layers(found, say, folded=bool(scanned))
        + nearest(found, known, examples, say)
        + activity(crops, rest, say)
        + promise({name: test.bundles[name] for name in found}, say)
        + beside(look.faces[face].crop, found, session.following, say)
    )


def _of_chosen(session: PhotoSession, audits: Sequence[PhotoAudit]) -> dict[str, FaceAudit]:
    return {audit.network: audit.faces[session.chosen] for audit in audits}
