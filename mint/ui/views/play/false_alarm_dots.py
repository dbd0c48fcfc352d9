"""Draw what a false-alarm rate means: a thousand audited photos, a dot each."""

from __future__ import annotations

from dataclasses import dataclass

from mint.evidence.verdict import at_most, chance_right
from mint.i18n.translate import ENGLISH, Say
from mint.types import Rate
from mint.ui.html import inline, percent
from mint.ui.views import chart_data

PEOPLE, COLUMNS, STEP = 1000, 50, 12
KINDS = ("hit", "missed", "alarm", "quiet")  # in this order they stand and are read


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a network at a limit, as its answers tell it.

    Attributes:
        network: its name.
        alarms: the false-alarm rate of the kind of face where it is highest; ``at_most`` tells that of any kind.
        found: the share of used photos that get "evidence of use".
    """

    network: str
    alarms: Rate
    found: Rate


def false_alarm_dots(
    alpha: float, prior: float, found: float, say: Say = ENGLISH, measured: Measured | None = None
) -> str:
    """Draw a thousand photos at a limit and a prior.

    Args:
        alpha: promised false-alarm rate.
        prior: share of the photos that were really used.
        found: share of used photos that get "evidence of use" at this limit, measured.
        say: the visitor's language.
        measured: what the answers on this page count with, which is not the limit; None where nobody measured it.
    """
    used = round(PEOPLE * prior)
    hits, alarms = round(used * found), round((PEOPLE - used) * alpha)
    counts = (hits, used - hits, alarms, PEOPLE - used - alarms)
    kinds = [kind for kind, count in zip(KINDS, counts, strict=True) for _ in range(count)]
    dots = "".join(_dots(kind, kinds) for kind in KINDS)
    told = say(
        "Among 1000 photos with {used} used ones the test finds {hits} of these. Of the other {unused} it accuses {alarms}.",
        used=used, hits=hits, unused=PEOPLE - used, alarms=alarms,
    )  # fmt: skip
    if hits + alarms:
        share = percent(alarms / (hits + alarms))
        so = say("So {share} of the accusations are wrong.", share=f"<b>{share}</b>")
    else:
        so = say("So nobody is accused.")
    rows = -(-PEOPLE // COLUMNS)
    names = (say("used, found"), say("used, missed"), say("not used, accused"), say("not used, left alone"))
    words = [
        say("{count} of {all} photos: {kind}", count=count, all=PEOPLE, kind=name)
        for count, name in zip(counts, names, strict=True)
    ]
    data = chart_data.rows_of(((alpha, prior, kind, count) for kind, count in zip(KINDS, counts, strict=True)))
    read = chart_data.dots_reading(words, counts, COLUMNS, STEP)
    keys = "".join(f'<li><i class="{kind}"></i>{name}</li>' for kind, name in zip(KINDS, names, strict=True))
    return (
        f'<figure class="crowd"{chart_data.charts("false-alarms", ("alpha", "prior", "kind", "photos"))}>'
        f'<svg viewBox="0 0 {COLUMNS * STEP} {rows * STEP}" aria-label="{told}"{data}{read}>{dots}</svg>'
        f'<figcaption><ul class="keys">{keys}</ul><p>{told} {so}</p>{_beside_answers(prior, measured, say)}</figcaption>{chart_data.save(say)}</figure>'
    )


def _beside_answers(prior: float, measured: Measured | None, say: Say) -> str:
    """Tell why an answer names another share: it never flatters, see ``chance_right``."""
    right = None if measured is None else chance_right(prior, measured.found, measured.alarms)
    if measured is None or right is None:
        return ""
    told = say(
        "The dots count with the limit, as promised. The answers of {network} count with the highest share that the "
        "measurement leaves open for any kind of face, {most}: of their accusations {right} are right.",
        network=inline(measured.network, say), most=percent(at_most(measured.alarms)), right=percent(right),
    )  # fmt: skip
    return f'<p class="fine">{told}</p>'


def _dots(kind: str, kinds: list[str]) -> str:
    """Draw all dots of a kind as one path, because a thousand elements are slow on a phone."""
    radius = 4.6 if kind in ("alarm", "hit") else 3.4
    paths = []
    for i, own in enumerate(kinds):
        if own == kind:
            x, y = STEP * (i % COLUMNS + 0.5), STEP * (i // COLUMNS + 0.5)
            paths.append(
                f"M{x - radius:g} {y:g}a{radius} {radius} 0 1 0 {2 * radius:g} 0a{radius} {radius} 0 1 0 {-2 * radius:g} 0"
            )
    return f'<path class="{kind}" data-at="{KINDS.index(kind)}" d="{"".join(paths)}"/>' if paths else ""
