"""Draw the answers on many photos as a table: a row a face, a column a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mint.evidence.metrics import rate
from mint.evidence.verdict import worst
from mint.i18n.figures import count, percent
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG, shape
from mint.report.story.answers import more_faces
from mint.report.story.phrases import limit, p_word, sentence, word
from mint.types import Answer, PhotoAudit, Rate, Verdict
from mint.ui.html import badge, esc, inline, png_uri, title
from mint.vision.faces import fingerprint

Crops = Mapping[str, Sequence[np.ndarray]]
Repeats = Mapping[tuple[str, int], str]


def answer_table(
    audits: Sequence[Sequence[PhotoAudit]],
    crops: Crops,
    alpha: float,
    say: Say = ENGLISH,
    to_come: int = 0,
    left_out: int = 0,
) -> str:
    """Draw the table, and above it what it adds up to.

    Args:
        audits: of each photo, one a network.
        crops: photo to its faces, (112, 112, 3) uint8 RGB each, in the order of its audits.
        alpha: promised false-positive rate that the audits were judged at.
        say: the visitor's language.
        to_come: how many photos are still to be looked at.
        left_out: how many were not looked at because they were too many.
    """
    networks = [audit.network for audit in audits[0]]
    heads = "".join(
        f'<th scope="col" role="columnheader">{badge(n)}<span class="name">{title(n, say)}</span></th>'
        for n in networks
    )
    again = repeats(audits, crops)
    rows = "".join(_photo(photo, crops.get(photo[0].photo, ()), again, say) for photo in audits)
    total = _sum(audits, networks, again, alpha, say, to_come, left_out)
    return (
        f'<section class="many" aria-labelledby="many-title">{total}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{say("Answers, a row for each face")}">'
        f'<table role="table"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{say("Photo")}</th>'
        f'{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table></div></section>'
    )


def repeats(audits: Sequence[Sequence[PhotoAudit]], crops: Crops) -> Repeats:
    """Find the faces that were there before, pixel for pixel, as where one file was given twice.

    Returns:
        Photo and number of each such face to the photo that had it first.
    """
    first: dict[str, str] = {}
    again = {}
    for photo in (some[0].photo for some in audits):
        for number, crop in enumerate(crops.get(photo, ())):
            known = first.setdefault(fingerprint(crop), photo)
            if known != photo:
                again[photo, number] = known
    return again


def _sum(
    audits: Sequence[Sequence[PhotoAudit]],
    networks: Sequence[str],
    again: Repeats,
    alpha: float,
    say: Say,
    to_come: int,
    left_out: int,
) -> str:
    """Tell how many faces each network calls used, and how many that would be by chance if it used none of them.

    A face that repeats another is counted once.
    """
    counted: dict[str, list[Answer]] = {network: [] for network in networks}
    for photo in audits:
        for audit in photo:
            answers = (f.photo for n, f in enumerate(audit.faces) if (audit.photo, n) not in again)
            counted[audit.network] += answers
    faces = len(counted[networks[0]])
    head = say("Photos: {photos} · faces: {faces}", photos=count(len(audits)), faces=count(faces))
    busy = ""
    if to_come:
        told = say("Still to be looked at: {n}", n=count(to_come))
        busy = f'<p class="busy" role="status"><span class="spinner" aria-hidden="true"></span>{told}</p>'
    items = "".join(f"<li>{badge(n)}<span>{_found(n, counted[n], say)}</span></li>" for n in networks)
    notes = [_by_chance(network, counted[network], alpha, say) for network in networks if faces]
    if again:
        notes.append(say("Faces that are in another of these photos already, and count once: {n}", n=count(len(again))))
    if skipped := sum(photo[0].skipped for photo in audits):
        notes.append(say("Smaller faces that were not looked at: {n}", n=count(skipped)))
    if left_out:
        notes.append(say("Left out, because they were too many: {n}", n=left_out))
    fine = "".join(f'<p class="fine">{note}</p>' for note in notes)
    return f'<h2 id="many-title" class="headline">{head}</h2>{busy}<ul class="counts">{items}</ul>{fine}'


def _found(network: str, answers: Sequence[Answer], say: Say) -> str:
    told = "{network}: evidence of use for {n} of {faces}"
    return say(told, network=title(network, say), n=_used(answers), faces=len(answers))


def _used(answers: Sequence[Answer]) -> int:
    return sum(answer.verdict is Verdict.EVIDENCE for answer in answers)


def _by_chance(network: str, answers: Sequence[Answer], alpha: float, say: Say) -> str:
    """Tell how many answers chance gives at the promised rate and at the measured one, and whether there are more."""
    n, measured = len(answers), worst(answer.false_positive_rate for answer in answers)
    promised = {"network": title(network, say), "n": f"{alpha * n:.2g}", "alpha": limit(alpha)}
    told = [
        say(
            "{network}: if it was trained on none of them, chance alone calls about {n} used at α = {alpha}, as promised, and "
            "about {most} at the rate of the kind of face with the most false alarms, {share} as measured.",
            **promised,
            most=f"{measured.value * n:.2g}",
            share=percent(measured.value),
        )
        if measured.n
        else say(
            "{network}: if it was trained on none of them, chance alone calls about {n} used at α = {alpha}, as promised.",
            **promised,
        )
    ]
    if _chance_may_be_all(_used(answers), n, alpha, measured):
        told.append(say("So few prove nothing."))
    return " ".join(told)


def _chance_may_be_all(used: int, faces: int, alpha: float, measured: Rate) -> bool:
    """Whether so many are no more than chance may give: their 95 % interval reaches down to what is expected of it."""
    return used > 0 and rate(used, faces).low <= max(alpha, measured.value)


def _photo(photo: Sequence[PhotoAudit], crops: Sequence[np.ndarray], again: Repeats, say: Say) -> str:
    """Render the rows of a photo: one a face, or one that says why there is none."""
    name = esc(say.name(photo[0].photo))
    first = photo[0]
    if first.error is not None:
        why = say(first.error)
        return (
            f'<tr role="row" class="failed"><th scope="row" role="rowheader"><span class="what">{name}</span></th>'
            f'<td role="cell" colspan="{len(photo)}">{esc(sentence(why))}</td></tr>'
        )
    faces, rows = len(first.faces), []
    for number, crop in enumerate(crops):
        notes = [say("face {n} of {faces}", n=number + 1, faces=faces)] if faces > 1 else []
        if of := again.get((first.photo, number)):
            notes.append(say("the same face as in {photo}: it counts once", photo=say.name(of)))
        if number == len(crops) - 1 and first.skipped:
            notes.append(more_faces(first.skipped, faces, say))
        answers = [(audit.network, audit.faces[number].photo) for audit in photo]
        rows.append(_face(name, notes, crop, answers, say))
    return "".join(rows)


def _face(name: str, notes: Sequence[str], crop: np.ndarray, answers: Sequence[tuple[str, Answer]], say: Say) -> str:
    small = "".join(f"<small>{esc(note)}</small>" for note in notes)
    cells = "".join(_cell(network, said, say) for network, said in answers)
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><img src="{png_uri(crop)}" width="56" height="56" alt="">'
        f'<span class="what">{name}{small}</span></th>{cells}</tr>'
    )


def _cell(network: str, said: Answer, say: Say) -> str:
    """Render one answer; the network's letter is seen where the columns stand below each other."""
    return (
        f'<td role="cell" class="{SLUG[said.verdict]}" aria-label="{inline(network, say)}"><span class="whose" aria-hidden="true">'
        f'{badge(network)}</span>{shape(said.verdict)}<span class="said"><b>{esc(word(said.verdict, say))}</b>'
        f"<small>{_numbers(said, say)}</small></span></td>"
    )


def _numbers(said: Answer, say: Say) -> str:
    """Write p beside the measured rate of false alarms, where there is one."""
    rate = said.false_positive_rate
    return p_word(said.p_value) + (f"; {say('false alarms {share}', share=percent(rate.value))}" if rate.n else "")
