"""The wall of examples: who was trained on what, and what the audit said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mint.types import Verdict
from mint.ui.answer import agreement
from mint.ui.gallery import Example
from mint.ui.html import esc
from mint.ui.shapes import badge, inline, shape, title


def wall(examples: Sequence[Example]) -> str:
    """All examples, grouped by the truth."""
    if not examples:
        return ""
    networks = list(dict.fromkeys(n for e in examples for n in e.truth))
    groups = [(f"Used by {inline(n)}", [(i, e) for i, e in enumerate(examples) if _used(e) == [n]]) for n in networks]
    groups += [
        ("Used by both", [(i, e) for i, e in enumerate(examples) if len(_used(e)) > 1]),
        ("Used by neither", [(i, e) for i, e in enumerate(examples) if not _used(e)]),
    ]
    return (
        '<section class="wall" aria-labelledby="wall-title"><h2 id="wall-title">Try a picture whose truth is known</h2>'
        '<p class="lead">All of these are fictional people. Click one: it is audited now, and the truth stands beside '
        "the answer. The marks under each picture are the answers from when this wall was made.</p>"
        f"{_legend()}{''.join(_group(name, tiles) for name, tiles in groups if tiles)}</section>"
    )


def _used(example: Example) -> list[str]:
    return [n for n, member in example.truth.items() if member]


def _legend() -> str:
    items = "".join(f"<li>{shape(v)}{esc(v)}</li>" for v in Verdict)
    return f'<ul class="legend" aria-label="What the marks mean">{items}</ul>'


def _group(name: str, tiles: Iterable[tuple[int, Example]]) -> str:
    items = "".join(f"<li>{_tile(i, example)}</li>" for i, example in tiles)
    return f'<h3>{esc(name)}</h3><ul class="tiles">{items}</ul>'


def _tile(index: int, example: Example) -> str:
    told = "; ".join(f"{inline(n)}: {_membership(m)}{_said(example, n)}" for n, m in example.truth.items())
    marks = "".join(_mark(example, network, member) for network, member in example.truth.items())
    return (
        f'<button type="button" class="tile" data-pick="{index}" aria-label="Audit this example. {esc(told)}">'
        f'<img src="{esc(example.thumbnail)}" alt="" loading="lazy" width="88" height="88">'
        f'<span class="marks" aria-hidden="true">{marks}</span></button>'
    )


def _membership(member: bool) -> str:
    return "used" if member else "unused"


def _said(example: Example, network: str) -> str:
    verdict = example.verdicts.get(network)
    return f", answer: {verdict}" if verdict else ""


def _mark(example: Example, network: str, member: bool) -> str:
    verdict = example.verdicts.get(network)
    drawn = '<span class="shape"></span>'
    hint = f"{title(network)}: {_membership(member)}"
    if verdict:
        drawn = shape(verdict)
        hint += f"; answer: {verdict} ({agreement(verdict, member)[1]})"
    return f'<span class="mark {_membership(member)}" title="{esc(hint)}">{badge(network)}<span>{_membership(member)}</span>{drawn}</span>'
