"""Draw the answers on many photos as a table: a row a face, a column a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from mint.i18n.figures import count, percent
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG, shape
from mint.report.story.phrases import limit, p_word, sentence, whole, word
from mint.types import Answer, PhotoAudit, Verdict
from mint.ui.html import badge, esc, inline, png_uri, title

Crops = Mapping[str, Sequence[np.ndarray]]


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
    rows = "".join(_photo(photo, crops.get(photo[0].photo, ()), say) for photo in audits)
    return (
        f'<section class="many" aria-labelledby="many-title">{_sum(audits, networks, alpha, say, to_come, left_out)}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{say("Answers, a row for each face")}">'
        f'<table role="table"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{say("Photo")}</th>'
        f'{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table></div></section>'
    )


def _sum(
    audits: Sequence[Sequence[PhotoAudit]], networks: Sequence[str], alpha: float, say: Say, to_come: int, left_out: int
) -> str:
    """Tell how many faces each network calls used, and how many that would be by chance if it used none of them."""
    faces = sum(len(photo[0].faces) for photo in audits)
    found = Counter(
        audit.network for photo in audits for audit in photo for f in audit.faces if f.photo.verdict is Verdict.EVIDENCE
    )
    head = say("Photos: {photos} · faces: {faces}", photos=count(len(audits)), faces=count(faces))
    busy = ""
    if to_come:
        told = say("Still to be looked at: {n}", n=count(to_come))
        busy = f'<p class="busy" role="status"><span class="spinner" aria-hidden="true"></span>{told}</p>'
    items = "".join(
        f"<li>{badge(n)}<span>{say('{network}: evidence of use for {n} of {faces}', network=title(n, say), n=found[n], faces=faces)}"
        "</span></li>"
        for n in networks
    )
    chance = say(
        "At α = {alpha} chance alone calls up to {share} of unused faces used, which would be {n} here. So a few such answers "
        "among many prove nothing.",
        alpha=limit(alpha),
        share=whole(alpha),
        n=f"{alpha * faces:.2g}",
    )
    over = f'<p class="fine">{say("Left out, because they were too many: {n}", n=left_out)}</p>' if left_out else ""
    return (
        f'<h2 id="many-title" class="headline">{head}</h2>{busy}<ul class="counts">{items}</ul>'
        f'<p class="fine">{chance}</p>{over}'
    )


def _photo(photo: Sequence[PhotoAudit], crops: Sequence[np.ndarray], say: Say) -> str:
    """Render the rows of a photo: one a face, or one that says why there is none."""
    name = esc(say.name(photo[0].photo))
    first = photo[0]
    if first.error is not None:
        why = say(first.error)
        return (
            f'<tr role="row" class="failed"><th scope="row" role="rowheader"><span class="what">{name}</span></th>'
            f'<td role="cell" colspan="{len(photo)}">{esc(sentence(why))}</td></tr>'
        )
    return "".join(
        _face(name, number, len(first.faces), crop, [(a.network, a.faces[number].photo) for a in photo], say)
        for number, crop in enumerate(crops)
    )


def _face(name: str, number: int, faces: int, crop: np.ndarray, answers: Sequence[tuple[str, Answer]], say: Say) -> str:
    which = say("face {n} of {faces}", n=number + 1, faces=faces) if faces > 1 else ""
    small = f"<small>{which}</small>" if which else ""
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
