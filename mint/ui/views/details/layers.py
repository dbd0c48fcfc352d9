"""Draw a bar per layer and network from the middle outwards; at chance it is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.i18n.labels import OWN, PUBLISHED, auditor, letter, place
from mint.i18n.translate import ENGLISH, Say
from mint.report.story.photos import BARS
from mint.types import FaceAudit, LayerScore, Verdict
from mint.ui.html import badge, esc, inline, membership, span, title
from mint.ui.views import chart_data

GROUPS = {
    "published": (
        "Published auditors",
        "Tested on used and unused photos of the same people, those of one layer do no better than pixels alone, and those of "
        "all layers at most a little. A dash means “cannot say”: the auditor did not beat its controls.",
    ),
    "ours": (
        "Added by this project",
        "These measure the embedding: how long it is, how steady it stays when the photo is altered, and how close it lies to the "
        "centre of a class.",
    ),
    "together": ("Together", "What the answer for this photo rests on."),
}

Key = tuple[str, str, str]  # group, label, small print
COLUMNS = (
    "network",
    "auditor",
    "layer",
    "score",
    "p_value",
    "membership",
    "membership_low",
    "membership_high",
    "verdict",
)


def layers(found: Mapping[str, FaceAudit], say: Say = ENGLISH, folded: bool = False) -> str:
    """Draw every layer's membership probability under every network, with intervals.

    Args:
        found: network to what it says of the chosen face.
        say: the visitor's language.
        folded: whether the chart opens on demand, where the scan above says what matters.
    """
    rows = {network: _rows(face, say) for network, face in found.items()}
    every = dict.fromkeys(key for own in rows.values() for key in own)  # networks need not have the same taps
    heads = "".join(
        f'<th scope="col" role="columnheader">{badge(n)}<span class="name">{title(n, say)}</span></th>' for n in found
    )
    axis = (
        f'<td><div class="ends"><span>{say("unused")}</span><span>50\u202f%</span><span>{say("used")}</span></div></td>'
    )
    body = []
    for group, (name, note) in GROUPS.items():
        names = [key for key in every if key[0] == group]
        if names:
            body.append(
                '<tr role="row" class="group"><th scope="rowgroup" role="rowheader" '
                f'colspan="{1 + len(found)}">{say(name)}<small>{say(note)}</small></th></tr>'
            )
            body += [_row(key, {n: rows[n].get(key, ()) for n in found}, say) for key in names]
    start, end = f'<h3 id="chart-title">{say("Where in the network it shows")}</h3>', ""
    if folded:
        told = say("How sure every auditor is")
        start, end = (
            f'<details class="fold"><summary id="chart-title">{told}</summary><div class="folded">',
            "</div></details>",
        )
    return (
        f'<section class="chart" aria-labelledby="chart-title"{chart_data.charts("confidences", COLUMNS)}{_data(found)}>{start}<p class="fine">{esc(say(BARS))}</p>'
        f'<table role="table"{" class=many" if len(found) > 2 else ""}><thead role="rowgroup"><tr role="row">'
        f'<th role="columnheader"><span class="hidden">{say("Auditor")}</span></th>{heads}</tr>'
        f'<tr class="axis" aria-hidden="true"><td></td>{axis * len(found)}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(body)}</tbody></table>{chart_data.save(say)}{end}</section>'
    )


def _data(found: Mapping[str, FaceAudit]) -> str:
    """Return all bars as numbers."""
    return chart_data.rows_of(
        (
            n,
            k.auditor,
            k.layer,
            k.score,
            k.p_value,
            k.membership,
            k.membership_low,
            k.membership_high,
            str(k.verdict or ""),
        )
        for n, face in found.items()
        for k in (*face.layers, _together(face))
    )


def _together(face: FaceAudit) -> LayerScore:
    said = face.photo
    return LayerScore("all", "combined", said.score, said.p_value, said.membership, said.verdict)


def _rows(face: FaceAudit, say: Say) -> dict[Key, list[str]]:
    rows: dict[Key, list[str]] = {}
    for said in face.layers:
        if said.auditor in OWN:
            rows[("ours", *auditor(said.auditor, said.layer, say))] = [_bar("", said, say)]
        else:
            key = ("published", place(said.layer, say), "")
            rows.setdefault(key, []).append(_bar(PUBLISHED.get(said.auditor, said.auditor), said, say))
    rows[("together", say("Combined"), "")] = [_bar("", _together(face), say)]
    return rows


def _row(key: Key, bars: Mapping[str, Sequence[str]], say: Say) -> str:
    group, label, small = key
    cells = "".join(_cell(network, found, say) for network, found in bars.items())
    small = f"<small>{esc(small)}</small>" if small else ""
    return f'<tr role="row" class="{group}"><th scope="row" role="rowheader">{esc(label)}{small}</th>{cells}</tr>'


def _cell(network: str, bars: Sequence[str], say: Say) -> str:
    """Render what a network's auditors of one layer say.

    The letter is shown where the columns stand below each other.
    """
    absent = "" if bars else ' class="absent"'
    inside = "".join(bars) or f'<span class="hidden">{say("not in this network")}</span>'
    return (
        f'<td role="cell" aria-label="{inline(network, say)}"{absent}>'
        f'<span class="whose" aria-hidden="true">{esc(letter(network))}</span>{inside}</td>'
    )


def _bar(kind: str, said: LayerScore, say: Say) -> str:
    value = min(1.0, max(0.0, said.membership))
    left, width = min(value, 0.5), abs(value - 0.5)
    side = "used" if value >= 0.5 else "unused"
    whisker = within = ""
    if said.membership_low is not None and said.membership_high is not None:
        low, high = said.membership_low, said.membership_high
        within = span(membership(low), membership(high))
        whisker = f'<span class="whisker" style="left:{low:.2%};width:{high - low:.2%}"></span>'
    if said.verdict is Verdict.CANNOT_SAY:
        silent = " silent"
        number = f'<span aria-hidden="true">–</span><span class="hidden">{say("cannot say")}</span>'
    else:
        silent = ""
        hidden = f'<span class="hidden"> ({within})</span>' if within else ""
        number = membership(value) + hidden
    hint = f' title="{within}"' if within else ""
    return (
        f'<div class="line{silent}"{hint}><span class="kind">{esc(kind)}</span><span class="track">'
        f'<span class="fill {side}" style="left:{left:.2%};width:{width:.2%}"></span>{whisker}</span>'
        f'<span class="num">{number}</span></div>'
    )
