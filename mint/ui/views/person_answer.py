"""Show every network's answer to "was this person used?", and how it grew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.i18n.labels import TWINS
from mint.i18n.translate import ENGLISH, Say
from mint.types import Look, Verdict
from mint.ui.html import esc, png_uri, sentence
from mint.ui.views.answer import checked, facts, names, p_fact, rate_facts, right_fact, word
from mint.ui.views.badges import SLUG, badge, inline, shape, title

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.judging.person import PersonLook
    from mint.types import PersonAudit

WIDTH, HEIGHT, LEFT, FOOT = 300, 120, 44, 24
SMALLEST = 1e-3  # p-values below stand at the foot of the drawing


def person_answer(
    history: Sequence[Sequence[PersonAudit]], used_by: Sequence[str] | None = None, say: Say = ENGLISH
) -> str:
    """Render the headline, the truth where it is known, and one card a network.

    Args:
        history: audits of the first photo, of the first two, and so on; the last one is the answer.
        used_by: who was trained on pictures of this person; None for a visitor.
        say: the visitor's language.
    """
    audits = history[-1]
    grown = {audit.network: [said[i] for said in history] for i, audit in enumerate(audits)}
    cards = "".join(_card(audit, grown[audit.network], _member(audit.network, used_by), say) for audit in audits)
    return (
        f'<p class="headline" role="status">{headline(audits, say)}</p>{_truth(used_by, say)}'
        f'<div class="cards">{cards}</div>'
    )


def headline(audits: Sequence[PersonAudit], say: Say = ENGLISH) -> str:
    """Tell all answers in one sentence."""
    used = [a.network for a in audits if a.verdict is Verdict.EVIDENCE]
    n = max(len(a.judged) for a in audits)
    if all(a.verdict is Verdict.CANNOT_SAY for a in audits):
        return say("This test cannot say anything about these photos.")
    if used and len(audits) == 1:
        return say("Evidence that {network} was trained on this person.", network=inline(used[0], say))
    if len(used) == 1:
        return say(
            "Evidence that {network} was trained on this person, and only {network}.", network=inline(used[0], say)
        )
    if set(used) >= set(TWINS):
        return say("Evidence against both twins. No person was used by both, so at least one of them is a false alarm.")
    if used:
        return say("Evidence that several networks were trained on this person: {networks}.", networks=names(used, say))
    if n == 1:
        return say("Nothing found with one photo. Add more photos of the same person.")
    if len(audits) == 1:
        return say("No evidence that {network} was trained on this person.", network=inline(audits[0].network, say))
    if all(a.verdict is Verdict.NO_SIGN for a in audits):
        return say("No sign that any of these networks was trained on this person.")
    return say("No evidence that any of these networks was trained on this person.")


def _member(network: str, used_by: Sequence[str] | None) -> bool | None:
    """Return whether a network was trained on this person; known of the twins only."""
    return None if used_by is None or network not in TWINS else network in used_by


def _truth(used_by: Sequence[str] | None, say: Say) -> str:
    if used_by is None:
        return ""
    if used_by:
        told = say("{network} was trained on pictures of this person", network=inline(used_by[0], say))
    else:
        told = say("neither twin was trained on this person")
    return f'<p class="truth"><b>{say("Truth:")}</b> {told}.</p>'


def _card(audit: PersonAudit, grown: Sequence[PersonAudit], member: bool | None, say: Say) -> str:
    reason = audit.error or audit.reason
    rows = []
    if audit.p_value is not None:
        rows.append(p_fact(audit.p_value, audit.alpha, say))
    if audit.false_positive_rate is not None and audit.true_positive_rate is not None:
        rows += rate_facts(audit.false_positive_rate, audit.true_positive_rate, say)
        rows.append(right_fact(audit.right, audit.true_positive_rate, audit.prior, say))
    notes = [sentence(say(audit.warning))] if audit.warning else []
    notes += [
        say("{photo} is left out: {reason}.", photo=esc(say.name(photo)), reason=esc(say(why)))
        for photo, why in audit.left_out
    ]
    return (
        f'<article class="card {SLUG[audit.verdict]}" data-network="{esc(audit.network)}">'
        f"<header>{badge(audit.network)}<h3>{title(audit.network, say)}</h3>{checked(audit.verdict, member, say)}</header>"
        f'<p class="label">{say("Was it trained on this person?")}</p>'
        f'<p class="word">{shape(audit.verdict)}<span>{word(audit.verdict, say)}</span></p>'
        f'<p class="reason">{sentence(say(reason))}</p>{growth(grown, say)}{facts(rows)}'
        f"{_listed(notes)}</article>"
    )


def growth(grown: Sequence[PersonAudit], say: Say = ENGLISH) -> str:
    """Draw the p-value after every photo; lower is stronger evidence."""
    points = [(i + 1, a.p_value, a.verdict) for i, a in enumerate(grown) if a.p_value is not None]
    if not points:
        return ""
    most = max(6, len(grown))
    alpha = grown[-1].alpha

    def x(photos: float) -> float:
        return LEFT + (WIDTH - LEFT - 14) * (photos - 1) / (most - 1)

    def y(p: float) -> float:
        return 10 + (HEIGHT - FOOT - 20) * float(np.log10(max(p, SMALLEST)) / np.log10(SMALLEST))

    path = "".join(f"{'L' if i else 'M'}{x(n):.1f} {y(p):.1f}" for i, (n, p, _) in enumerate(points))
    dots = "".join(f'<circle class="{SLUG[v]}" cx="{x(n):.1f}" cy="{y(p):.1f}" r="4.5"/>' for n, p, v in points)
    told = "; ".join(
        say("{n} photos: p = {p}, {verdict}", n=n, p=f"{p:.3g}", verdict=esc(say(v))) for n, p, v in points
    )
    scale = "".join(
        f'<text x="{LEFT - 8}" y="{y(p) + 4:.1f}" text-anchor="end">{p:g}</text>' for p in (1.0, 0.1, 0.01, 0.001)
    )
    ticks = "".join(
        f'<text x="{x(n):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{n}</text>' for n in range(1, most + 1)
    )
    return (
        f'<figure class="growth"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}">'
        f'<path class="limit" d="M{LEFT} {y(alpha):.1f}H{WIDTH}"/>{scale}{ticks}<path class="line" d="{path}"/>{dots}</svg>'
        f"<figcaption>{say('p-value after each photo; below the dashed line it is evidence')}</figcaption></figure>"
    )


def photos_panel(look: PersonLook, numbers: Mapping[str, int], say: Say = ENGLISH) -> str:
    """Render the photos so far, and why some do not count.

    Args:
        look: at the photos.
        numbers: by which they can be removed, by name; a photo that has none gets no button.
        say: the language.
    """
    if not look.given:
        return ""
    items = "".join(_photo(index, photo, numbers.get(photo.photo), say) for index, photo in enumerate(look.looks))
    notes = [
        say("{photo} repeats {of}: it counts once.", photo=esc(say.name(p)), of=esc(say.name(of)))
        for p, of in look.copies
    ]
    notes += [f"{esc(say.name(p))}: {sentence(say(why))}" for p, why in look.errors]
    if look.skipped:
        notes.append(say("{n} more photos were not needed.", n=look.skipped))
    count = say("1 photo counts") if len(look.looks) == 1 else say("{n} photos count", n=len(look.looks))
    return (
        f'<section class="collected" aria-label="{say("Photos so far")}"><p class="label">{count}</p>'
        f'<ul class="thumbs">{items}</ul>{_listed(notes)}</section>'
    )


def _photo(index: int, look: Look, number: int | None, say: Say) -> str:
    told = esc(say.name(look.photo))
    remove = "" if number is None else _remove(number, told, say)
    return (
        f'<li><img src="{png_uri(look.faces[0].crop)}" width="112" height="112" alt="{told}"><span class="tag">{index + 1}</span>'
        f"{remove}</li>"
    )


def _remove(number: int, told: str, say: Say) -> str:
    label = say("Remove {photo}", photo=told)
    return f'<button type="button" class="remove" data-pick="{number}" aria-label="{label}">×</button>'


def _listed(notes: Sequence[str]) -> str:
    return f'<ul class="notes">{"".join(f"<li>{note}</li>" for note in notes)}</ul>' if notes else ""
