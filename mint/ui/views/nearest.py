"""Show where a score lies among known ones, and the examples with the nearest scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mint.i18n.labels import of_every_pair
from mint.i18n.translate import ENGLISH, Say
from mint.types import FaceAudit
from mint.ui.html import badge, count, esc, title
from mint.ui.views import chart_data as data
from mint.ui.views.histogram import binned, outline

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle
    from mint.ui.examples import Example

WIDTH, HALF = 560, 62  # of the drawing, and of each of its two halves
BINS = 64
NEAREST = 3
COLUMNS = ("network", "this_photo", *data.BINNED)
AXIS = 46  # room for the scale and its name below the drawing
SAME = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The fused scores that a photo's p-value is computed from.

    Attributes:
        members: calibration pictures that were used.
        others: calibration pictures that were not, all kinds together.
    """

    members: NDArray[np.floating]
    others: NDArray[np.floating]

    @classmethod
    def of(cls, bundle: Bundle) -> Known:
        """Return the calibration scores of a bundle's photo question."""
        from mint.evidence.score_table import PHOTO

        members = [bundle.calibration[s][PHOTO] for s in bundle.members(PHOTO)]
        others = list(bundle.non_members(PHOTO, PHOTO).values())
        return cls(*(np.concatenate(side) if side else np.zeros(0) for side in (members, others)))

    @property
    def enough(self) -> bool:
        """Return whether there is anything to draw."""
        return len(self.members) > 0 and len(self.others) > 0

    def ends(self) -> tuple[float, float]:
        """Return the ends of the drawing: nearly everything known, and a little more."""
        every = np.concatenate([self.members, self.others])
        low, high = float(np.quantile(every, 0.002)), float(np.quantile(self.members, 0.998))
        margin = 0.04 * max(high - low, 1e-9)
        return low - margin, high + margin

    def rows(self) -> list[tuple[data.Cell, ...]]:
        """Return the drawing as numbers, see ``chart_data.bins``."""
        return data.bins(self.members, self.others, *self.ends(), BINS)

    def place(self, score: float) -> float:
        """Return where a score stands in the drawing, from 0 to WIDTH; beyond its ends, at the end."""
        low, high = self.ends()
        return WIDTH * min(1.0, max(0.0, (score - low) / (high - low)))


def nearest(
    found: Mapping[str, FaceAudit], known: Mapping[str, Known], examples: Sequence[Example], say: Say = ENGLISH
) -> str:
    """Draw for each network the known scores, this photo's, and the nearest examples."""
    there = [name for name in found if name in known and known[name].enough]
    parts = "".join(_network(name, found[name], known[name], examples, say) for name in there)
    if not parts:
        return ""
    told = say(
        "The higher a photo scores, the more it looks like one that was used. Above the line: photos that are known to have "
        "been used. Below: photos that are known not to. All kinds of faces are counted together here; the p-value is that of the "
        "kind where it is largest, and holds at 90 % confidence, so it can be much larger than these counts suggest."
    )
    return (
        f'<section class="nearest" aria-labelledby="nearest-title"{data.charts("known-scores", COLUMNS, data.bin_told(say))}><h3 id="nearest-title">'
        f'{say("Among photos whose truth is known")}</h3><p class="fine">{told}</p><div class="side">{parts}</div>{data.save(say)}</section>'
    )


def _network(name: str, face: FaceAudit, known: Known, examples: Sequence[Example], say: Say) -> str:
    score = face.photo.score
    higher = int((known.others >= score).sum())
    sizes = say(
        "{higher} of {n} photos that were not used score at least as high.",
        higher=count(higher),
        n=count(len(known.others)),
    )
    return (
        f'<div class="known"><h4>{badge(name)}{title(name, say)}</h4>{line(score, known, say, name)}<p class="fine">{sizes}</p>'
        f"{_alike(name, score, examples, say)}</div>"
    )


def line(score: float, known: Known, say: Say = ENGLISH, network: str = "") -> str:
    """Draw both histograms, each to its own height, with the mark of one score and a scale below."""
    x = known.place
    rows = known.rows()
    at = min(BINS - 1, int(BINS * x(score) / WIDTH))
    read = data.bins_of(rows, (network, score)) + data.reading(data.bin_told(say), (0, WIDTH), rows, at)
    label = say("Known used photos above, known unused photos below, and this photo’s score")
    anchor = "start" if x(score) < 60 else "end" if x(score) > WIDTH - 60 else "middle"
    # Its words stand where the word "unused", or "used", does not; the line ends before them.
    beside, top = (2 * HALF + 16, -4) if x(score) > WIDTH / 2 else (-6, 2)
    return (
        f'<svg class="scores" viewBox="0 -20 {WIDTH} {2 * HALF + 40 + AXIS}" aria-label="{label}"{read}>'
        f"{histograms(known)}{scale(known, 2 * HALF + 20, say)}"
        f'<text class="used" x="{WIDTH}" y="-6" text-anchor="end">{say("used")}</text>'
        f'<text class="unused" x="0" y="{2 * HALF + 14}">{say("unused")}</text>'
        f'<path class="mark" d="M{x(score):.1f} {top}V{2 * HALF + 2}"/>'
        f'<text class="mark" x="{x(score):.1f}" y="{beside}" text-anchor="{anchor}">{say("this photo")}</text></svg>'
    )


def scale(known: Known, y: float, say: Say = ENGLISH) -> str:
    """Draw the scale of the scores and name it, with its top at a height of the drawing."""
    marks = "".join(
        f'<path d="M{known.place(value):.1f} {y:g}v5"/>'
        f'<text x="{min(WIDTH - 16, max(16, known.place(value))):.1f}" y="{y + 22:g}" text-anchor="middle">{data.number(value)}</text>'
        for value in data.ticks(*known.ends())
    )
    return (
        f'<g class="scale" aria-hidden="true"><path d="M0 {y:g}H{WIDTH}"/>{marks}'
        f'<text x="{WIDTH / 2:g}" y="{y + 42:g}" text-anchor="middle">{say("score")}</text></g>'
    )


def histograms(known: Known) -> str:
    """Draw used ones above the line and unused ones below, each to its own height."""
    low, high = known.ends()
    return (
        f'<path class="used" d="{_outline(known.members, low, high, above=True)}"/>'
        f'<path class="unused" d="{_outline(known.others, low, high, above=False)}"/><path class="axis" d="M0 {HALF}H{WIDTH}"/>'
    )


def _outline(scores: NDArray[np.floating], low: float, high: float, above: bool) -> str:
    """Draw the square roots of the counts, so that small ones still show."""
    return outline(np.sqrt(binned(scores, low, high, BINS)), WIDTH, HALF, above)


def _alike(network: str, score: float, examples: Sequence[Example], say: Say) -> str:
    """Render the examples with the nearest scores, used ones and unused ones."""
    groups = []
    for member, name in ((True, say("Nearest that it used")), (False, say("Nearest that it did not use"))):
        here = [e for e in examples if network in e.scores and of_every_pair(e.truth).get(network) is member]
        here = [e for e in here if abs(e.scores[network] - score) > SAME]  # an example is not its own neighbour
        here.sort(key=lambda e: abs(e.scores[network] - score))
        pictures = "".join(_neighbour(e, e.scores[network], say) for e in here[:NEAREST])
        if pictures:
            groups.append(f'<div><p class="label">{name}</p><div class="row">{pictures}</div></div>')
    return f'<div class="alike">{"".join(groups)}</div>' if groups else ""


def _neighbour(example: Example, score: float, say: Say) -> str:
    """Render an example with its score and its file's name, by which its truth can be looked up."""
    return (
        f'<figure><img src="{esc(example.thumbnail)}" width="56" height="56" alt=""><figcaption>'
        f"<b>{say('score {score}', score=f'{score:.1f}'.replace('-', '−'))}</b>{esc(example.path.stem)}</figcaption></figure>"
    )
