"""Show every network's answer to "was this person used?", and how it grew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.evidence.score_table import PERSON
from mint.i18n.figures import percent
from mint.i18n.labels import pair_of
from mint.i18n.translate import ENGLISH, Say
from mint.report.optional.usage import answer_of
from mint.report.render.marks import SLUG
from mint.report.story import answers as story
from mint.report.story.phrases import answer_facts, sentence, together_fact
from mint.report.story.usage import usage_lines
from mint.types import Look
from mint.ui.html import badge, esc, png_uri, title
from mint.ui.views import chart_data
from mint.ui.views.answer import RealFaces, asked, doubt_lines, facts, marks, rate_of, truth_line

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.judging.folder import FolderAudit
    from mint.judging.person import PersonAudit, PersonLook

WIDTH, HEIGHT, LEFT, FOOT = 300, 120, 44, 24
GROWTH = ("photos", "p_value", "verdict")  # columns of what is saved
SMALLEST = 1e-3  # p-values below stand at the foot of the drawing


def person_answer(
    history: Sequence[Sequence[PersonAudit]],
    used_by: Sequence[str] | None = None,
    say: Say = ENGLISH,
    real: Mapping[str, RealFaces] | None = None,
    usage: Mapping[str, FolderAudit] | None = None,
    numbers: Mapping[str, int] | None = None,
    claims: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Render the headline, the truth where it is known, and one card a network.

    Args:
        history: audits of the first photo, of the first two, and so on; the last one is the answer.
        used_by: who was trained on pictures of this person, of all networks that belong to a pair; None for a visitor.
        say: the visitor's language.
        real: network to the rates that are told of real people; None for fictional ones.
        usage: network to how many of the photos were used; None where there are too few to ask.
        numbers: by which photos can be left out, by name; None where none can be.
        claims: network to what a privacy that it claims leaves of a person's photos.
    """
    audits, rates = history[-1], real or {}
    said = {audit.network: str(audit.verdict) for audit in audits}
    told = story.headline(PERSON, said, say, max(len(audit.judged) for audit in audits))
    doubts = doubt_lines(story.doubtful({a.network: (a.verdict, a.right) for a in audits}, audits[0].prior, say))
    known = {} if used_by is None else {network: network in used_by for network in said if pair_of(network)}
    truth = story.person_truth(known, say) if known else None
    grown = {audit.network: [then[i] for then in history] for i, audit in enumerate(audits)}
    cards = "".join(
        _card(
            audit,
            grown[audit.network],
            known.get(audit.network),
            rates.get(audit.network, {}),
            _usage(usage[audit.network], audit, say) if usage else (),
            (claims or {}).get(audit.network, ()),
            used_by is None,
            say,
        )
        for audit in audits
    )
    return f'<div role="status"><h2 class="headline">{esc(told)}</h2>{doubts}</div>{truth_line(truth, say)}{_question(audits, numbers or {}, say)}<div class="cards">{cards}</div>'


def _usage(counted: FolderAudit, audit: PersonAudit, say: Say) -> list[str]:
    """Tell how many photos were used; what the answer on the person, or the list of photos, says of a photo is not repeated."""
    said = answer_of(counted)
    left_out = [one for one in said["left_out"] if (one["photo"], one["reason"]) not in audit.left_out]
    return usage_lines({**said, "left_out": left_out, "copies": []}, say)


def _question(audits: Sequence[PersonAudit], numbers: Mapping[str, int], say: Say) -> str:
    """Ask whether photos that seem to show somebody else are to be left out: the answer counts all as one person."""
    doubtful = list(dict.fromkeys(photo for audit in audits for photo in audit.doubtful if photo in numbers))
    if not doubtful:
        return ""
    told = (
        say(
            "{photo} looks like someone else. The answer below counts all photos as one person.",
            photo=esc(say.name(doubtful[0])),
        )
        if len(doubtful) == 1
        else say("Not all photos look like one person. The answer below counts them as one.")
    )
    wrongly = min(1.0, sum(audit.doubted_wrongly.high for audit in audits if audit.doubted_wrongly))
    if wrongly:
        told += " " + say("Of sets that do show one person, up to {wrong} are doubted too.", wrong=percent(wrongly))
    buttons = "".join(
        f'<button type="button" class="primary" data-pick="{numbers[photo]}">{say("Leave {photo} out", photo=esc(say.name(photo)))}</button>'
        for photo in doubtful
    )
    return f'<div class="doubt" role="group" aria-label="{say("Is this one person?")}"><p><b>{say("Is this one person?")}</b> {told}</p><p class="actions">{buttons}</p></div>'


def _card(
    audit: PersonAudit,
    grown: Sequence[PersonAudit],
    member: bool | None,
    real: RealFaces,
    usage: Sequence[str],
    claims: Sequence[str],
    yours: bool,
    say: Say,
) -> str:
    said = audit.to_dict()
    rows = [together_fact(said["photos"], say)]
    if audit.p_value is not None:
        rows += answer_facts(said, audit.alpha, audit.prior, say, rate_of(real, PERSON))
    pill, alarm = marks(audit.verdict, member, said["false_positive_rate"], say)
    used = "".join(f'<p class="usage">{esc(line)}</p>' for line in usage)
    notes = [*claims, *([sentence(say(told))] if (told := audit.warning or audit.one_person) else [])]
    notes += [story.left_out(photo, why, say) for photo, why in audit.left_out]
    notes += [story.repeated(photo, of, say, False) for photo, of in audit.copies if of not in audit.judged]
    if audit.skipped:
        notes.append(story.not_judged(len(audit.skipped), audit.skipped, say))
    return (
        f'<article class="card {SLUG[audit.verdict]}" data-network="{esc(audit.network)}">'
        f"<header>{badge(audit.network)}<h3>{title(audit.network, say)}</h3></header>"
        f"{asked(story.verdict_line(PERSON, said, say, yours=yours), pill, alarm)}{growth(grown, say)}{facts(rows)}"
        f"{used}{_listed(notes)}</article>"
    )


def growth(grown: Sequence[PersonAudit], say: Say = ENGLISH) -> str:
    """Draw the p-value after every photo that is judged; lower is stronger evidence."""
    judged = [0, *(len(a.judged) for a in grown)]  # a photo that is not judged moves nothing
    points = [
        (judged[i + 1], a.p_value, a.verdict)
        for i, a in enumerate(grown)
        if a.p_value is not None and judged[i + 1] != judged[i]
    ]
    if not points:
        return ""
    most = max(6, points[-1][0])
    alpha = grown[-1].alpha

    def x(photos: float) -> float:
        return LEFT + (WIDTH - LEFT - 14) * (photos - 1) / (most - 1)

    def y(p: float) -> float:
        return 10 + (HEIGHT - FOOT - 20) * float(np.log10(max(p, SMALLEST)) / np.log10(SMALLEST))

    path = "".join(f"{'L' if i else 'M'}{x(n):.1f} {y(p):.1f}" for i, (n, p, _) in enumerate(points))
    dots = "".join(f'<circle class="{SLUG[v]}" cx="{x(n):.1f}" cy="{y(p):.1f}" r="4.5"/>' for n, p, v in points)
    words = say("{n} photos: p = {p}", n="{0}", p="{1}")
    read = chart_data.reading(words, [x(n) for n, _, _ in points], [point[:2] for point in points], len(points) - 1)
    whole = chart_data.rows_of((n, p, str(v)) for n, p, v in points)
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
        f'<figure class="growth"{chart_data.charts(f"growth-{grown[-1].network}", GROWTH, words)}>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-label="{told}"{whole}{read}>'
        f'<path class="limit" d="M{LEFT} {y(alpha):.1f}H{WIDTH}"/>{scale}{ticks}<path class="line" d="{path}"/>{dots}</svg>'
        f"<figcaption>{say('p-value after each photo; below the dashed line it is evidence')}</figcaption>{chart_data.save(say)}</figure>"
    )


def photos_panel(look: PersonLook, numbers: Mapping[str, int], say: Say = ENGLISH, removable: bool = True) -> str:
    """Render the photos so far, and why some are not usable.

    Args:
        look: at the photos.
        numbers: of the usable ones, by name: they stand on them, and by them they are removed.
        say: the language.
        removable: whether each has a button that removes it.
    """
    if not look.given:
        return ""
    repeated = {of for _, of in look.copies}
    items = "".join(
        _photo(photo, numbers[photo.photo], removable, photo.photo in repeated, say) for photo in look.looks
    )
    together = f" {say('It is removed with it.')}" if removable else ""
    notes = [story.repeated(photo, of, say) + together for photo, of in look.copies]
    notes += [story.unusable(photo, why, say) for photo, why in look.errors]
    notes += [told] if (told := story.only_largest(look.other_faces, say)) else []
    count = say("1 usable photo") if len(look.looks) == 1 else say("{n} usable photos", n=len(look.looks))
    return (
        f'<section class="collected" aria-label="{say("Photos so far")}"><p class="label">{count}</p>'
        f'<ul class="thumbs">{items}</ul>{_listed(notes)}</section>'
    )


def _photo(look: Look, number: int, removable: bool, repeated: bool, say: Say) -> str:
    told = esc(say.name(look.photo))
    remove = _remove(number, told, say, repeated) if removable else ""
    return (
        f'<li><img src="{png_uri(look.faces[0].crop)}" width="112" height="112" alt="{told}"><span class="tag">{number}</span>'
        f"{remove}</li>"
    )


def _remove(number: int, told: str, say: Say, repeated: bool = False) -> str:
    """Render the button that removes a photo, and with it those that repeat it: of these no network has seen anything."""
    label = say("Remove {photo} and what repeats it", photo=told) if repeated else say("Remove {photo}", photo=told)
    return f'<button type="button" class="remove" data-pick="{number}" aria-label="{label}">×</button>'


def _listed(notes: Sequence[str]) -> str:
    return f'<ul class="notes">{"".join(f"<li>{esc(note)}</li>" for note in notes)}</ul>' if notes else ""
