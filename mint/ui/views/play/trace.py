"""Draw the trace that a lesson leaves: where both faces stand among photos whose truth is known, and how they moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mint.i18n.translate import ENGLISH, Say
from mint.ui.html import png_uri
from mint.ui.views import chart_data
from mint.ui.views.nearest import AXIS, BINS, HALF, WIDTH, Known, histograms, scale

SIDE, GAP = 52, 8  # of a face, and between it and the histograms
ROOM = SIDE + GAP + 4


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A face, and where it stands.

    Attributes:
        crop: (112, 112, 3) uint8 RGB; None for one that is forgotten.
        score: the fused one of the photo question.
        before: where it stood in the last drawing; it moves from there.
    """

    crop: np.ndarray | None
    score: float
    before: float | None = None


def trace(known: Known, limit: float | None, taught: Place, control: Place | None, say: Say = ENGLISH) -> str:
    """Draw known scores with the face that is taught above them and the control below.

    Args:
        known: the scores that the shipped test judges by.
        limit: the score from which on a photo gets "evidence of use"; None where no score does.
        taught: the face that is taught.
        control: the other one; None before it was judged.
        say: the visitor's language.
    """
    if not known.enough:
        return ""
    told = [say("the taught face: score {score}", score=f"{taught.score:.1f}".replace("-", "−"))]
    if control is not None:
        told.append(say("the control: score {score}", score=f"{control.score:.1f}".replace("-", "−")))
    label = say("Known used photos above, known unused photos below; {places}", places=", ".join(told))
    height, rows = 2 * HALF + 2 * ROOM, known.rows()
    read = chart_data.bins_of(rows, (taught.score, None if control is None else control.score)) + chart_data.reading(
        chart_data.bin_told(say), (0, WIDTH), rows, min(BINS - 1, int(BINS * known.place(taught.score) / WIDTH))
    )
    return (
        f'<figure class="trace"{chart_data.charts("lesson", ("taught", "control", *chart_data.BINNED), chart_data.bin_told(say))}>'
        f'<svg class="scores" viewBox="0 {-ROOM} {WIDTH} {height + AXIS}" aria-label="{label}"{read}>'
        f"{histograms(known)}{scale(known, 2 * HALF + ROOM, say)}{_limit(known, limit, say)}"
        f"{'' if control is None else _mark('control', known, control, False, say('not taught'))}"
        f"{_mark('taught', known, taught, True, say('taught'))}"
        f"{_names(known, limit, say)}</svg>"
        f"{chart_data.save(say)}</figure>"
    )


def _names(known: Known, limit: float | None, say: Say) -> str:
    """Name both kinds, each beside its own photos: used ones before they begin, unused ones below those that they thin out to."""
    begin = known.place(float(np.quantile(known.members, 0.02)))
    if limit is not None:
        begin = min(begin, known.place(limit))
    thin = known.place(float(np.quantile(known.others, 0.75)))
    room = 90  # for a word; on a phone letters are larger
    return (
        f'<text class="used" x="{max(room, begin - 10):.1f}" y="{HALF - 10}" text-anchor="end">{say("used")} →</text>'
        f'<text class="unused" x="{min(WIDTH - room, max(room, thin)):.1f}" y="{2 * HALF - 6}" text-anchor="middle">{say("unused")}</text>'
    )


def _limit(known: Known, limit: float | None, say: Say) -> str:
    """Draw where evidence begins."""
    if limit is None:
        return ""
    x = known.place(limit)
    room = x < WIDTH - 100  # for the words on the side that they speak of
    words = f'x="{x + 6 if room else x - 6:.1f}" y="{2 * HALF + 20}" text-anchor="{"start" if room else "end"}"'
    return (
        f'<path class="limit" d="M{x:.1f} {-GAP}V{2 * HALF + GAP + 14}"/>'
        f'<text class="limit" {words}>{say("evidence")} →</text>'
    )


def _mark(kind: str, known: Known, place: Place, above: bool, name: str) -> str:
    """Draw a face at the end of a line through the histograms; style sheets move it from where it stood."""
    x = known.place(place.score)
    shift = 0.0 if place.before is None else known.place(place.before) - x
    top = -GAP - SIDE if above else 2 * HALF + GAP
    left = min(WIDTH - SIDE, max(0.0, x - SIDE / 2))  # wholly in the drawing
    beside, anchor = (left + SIDE + 8, "start") if left < WIDTH / 2 else (left - 8, "end")
    box = f'x="{left:.1f}" y="{top}" width="{SIDE}" height="{SIDE}"'
    picture = (
        "" if place.crop is None else f'<image href="{png_uri(np.ascontiguousarray(place.crop[::2, ::2]))}" {box}/>'
    )
    line = f"M{x:.1f} {-GAP if above else 0}V{2 * HALF if above else 2 * HALF + GAP}"
    return (
        f'<g class="mark {kind}" style="--from:{shift:.1f}px"><path d="{line}"/>'
        f'{picture}<rect class="{"empty" if place.crop is None else "full"}" {box} rx="6"/>'
        f'<text x="{beside:.1f}" y="{top + SIDE / 2 + 6}" text-anchor="{anchor}">{name}</text></g>'
    )
