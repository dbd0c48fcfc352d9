"""A bar per layer and network, from the middle outwards: at chance there is nothing to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.types import FaceAudit, Verdict
from mint.ui.html import esc, membership
from mint.ui.shapes import badge, inline, title

LAYERS = {"embedding": "Embedding", "all": "All layers"} | {f"stage{i}": f"Stage {i}" for i in range(1, 10)}
KINDS = {"vanilla": "MLP", "cnn": "CNN"}
OURS = {
    "norm": ("Norm", "length of the embedding"),
    "consistency": ("Consistency", "16 altered views"),
    "prototype": ("Prototype", "class centres"),
}

Bar = tuple[str, float, bool]  # what to call it ("" where there is only one), membership, whether it may speak


def layers(found: Mapping[str, FaceAudit]) -> str:
    """The chart of every layer's membership confidence under every network."""
    rows = {network: _rows(face) for network, face in found.items()}
    first = next(iter(rows.values()))
    heads = "".join(
        f'<th scope="col" role="columnheader">{badge(n)}<span class="name">{esc(title(n))}</span></th>' for n in found
    )
    body = []
    for group, note in _GROUPS:
        names = [key for key in first if key[0] == group]
        if names:
            body.append(
                '<tr role="row" class="group"><th scope="rowgroup" role="rowheader" '
                f'colspan="{1 + len(found)}">{note}</th></tr>'
            )
            body += [_row(key, {n: rows[n].get(key, ()) for n in found}) for key in names]
    return (
        '<section class="chart" aria-labelledby="chart-title"><h3 id="chart-title">Where in the network it shows</h3>'
        '<p class="fine">Membership confidence of each auditor, if both answers were equally likely before. '
        "A bar grows from the middle: to the right it says <b>used</b>, to the left <b>unused</b>.</p>"
        '<table role="table"><thead role="rowgroup"><tr role="row">'
        f'<th role="columnheader"><span class="hidden">Auditor</span></th>{heads}</tr>'
        f'<tr class="axis" aria-hidden="true"><td></td>{_AXIS * len(found)}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(body)}</tbody></table></section>'
    )


_GROUPS = (
    (
        "published",
        "Published auditors, one layer at a time<small>Where members and non-members come from the same source, these "
        "do no better than pixels alone. A dash means “cannot say”: the auditor did not beat its controls.</small>",
    ),
    ("ours", "Added by this project<small>These ask how the network reacts, not what it shows.</small>"),
    ("together", "Together<small>What the answer for this photo rests on.</small>"),
)
_AXIS = '<td><div class="ends"><span>unused</span><span>50\u202f%</span><span>used</span></div></td>'

Key = tuple[str, str, str]  # group, label, small print


def _rows(face: FaceAudit) -> dict[Key, list[Bar]]:
    rows: dict[Key, list[Bar]] = {}
    for said in face.layers:
        if said.auditor in OURS:
            rows[("ours", *OURS[said.auditor])] = [("", said.membership, said.speaks)]
        else:
            key = ("published", LAYERS.get(said.layer, said.layer), "")
            rows.setdefault(key, []).append((KINDS.get(said.auditor, said.auditor), said.membership, said.speaks))
    said_together = face.photo.verdict is not Verdict.CANNOT_SAY
    rows[("together", "Combined", "")] = [("", face.photo.membership, said_together)]
    return rows


def _row(key: Key, bars: Mapping[str, Sequence[Bar]]) -> str:
    group, label, small = key
    cells = "".join(
        f'<td role="cell" aria-label="{esc(inline(network))}">{"".join(_bar(*bar) for bar in found)}</td>'
        for network, found in bars.items()
    )
    small = f"<small>{esc(small)}</small>" if small else ""
    return f'<tr role="row" class="{group}"><th scope="row" role="rowheader">{esc(label)}{small}</th>{cells}</tr>'


def _bar(kind: str, value: float, speaks: bool) -> str:
    value = min(1.0, max(0.0, value))
    left, width = min(value, 0.5), abs(value - 0.5)
    side = "used" if value >= 0.5 else "unused"
    silent, number = (
        ("", membership(value))
        if speaks
        else (" silent", '<span aria-hidden="true">–</span><span class="hidden">cannot say</span>')
    )
    return (
        f'<div class="line{silent}"><span class="kind">{esc(kind)}</span><span class="track"><span class="fill {side}" '
        f'style="left:{left:.2%};width:{width:.2%}"></span></span><span class="num">{number}</span></div>'
    )
