"""Render a story as one HTML file: no script, no request, light and dark, printable."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from pathlib import Path

from mint.i18n.figures import glued
from mint.report.render.blocks import (
    Bar,
    Block,
    Break,
    Card,
    Cards,
    Cell,
    Code,
    Fact,
    Facts,
    Heading,
    Items,
    Picture,
    Pictures,
    Story,
    Table,
    Text,
    VerdictLine,
)
from mint.report.render.marks import SLUG, shape

# Nothing may be loaded or run, whatever a later mistake lets through.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = Path(__file__).with_name("report.css")


def to_html(told: Story) -> str:
    """Render a story. Every text is escaped, so that file names cannot hold markup."""
    body = "".join(_section(part) for part in _sections(told.blocks))
    about = "".join(_fact(fact) for fact in told.about)
    return (
        f'<!doctype html>\n<html lang="{_esc(told.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_esc(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{_esc(told.title)}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n"
        f'<header class="head"><p class="mark">MINT</p><div><h1>{_esc(told.title)}</h1>'
        f'<p class="subject">{_esc(told.subject)}</p></div></header>\n'
        f'<main>\n<dl class="about">{about}</dl>\n{body}</main>\n<footer>{_esc(told.foot)}</footer>\n</body>\n</html>\n'
    )


def _esc(text: object) -> str:
    return escape(str(text), quote=True)


def _sections(blocks: tuple[Block, ...]) -> list[list[Block]]:
    """Group blocks from one heading of level 2 to the next."""
    parts: list[list[Block]] = []
    for block in blocks:
        if not parts or (isinstance(block, Heading) and block.level == 2):
            parts.append([])
        parts[-1].append(block)
    return parts


def _section(blocks: list[Block]) -> str:
    return f"<section>{''.join(_RENDER[type(block)](block) for block in blocks)}</section>\n"


def _heading(block: Heading) -> str:
    small = f'<p class="fine">{_named(block.small)}</p>' if block.small else ""
    return f"<h{block.level}>{_named(block.text)}</h{block.level}>{small}"


def _named(text: str) -> str:
    """Isolate the writing direction of text that may hold a name."""
    return f"<bdi>{_esc(text)}</bdi>"


def _text(block: Text) -> str:
    kind = "" if block.kind == "plain" else f' class="{block.kind}"'
    return f"<p{kind}>{_esc(glued(block.text))}</p>"


def _items(block: Items) -> str:
    return f"<ul>{''.join(f'<li>{_named(glued(text))}</li>' for text in block.texts)}</ul>"


def _code(block: Code) -> str:
    return f'<pre tabindex="0"><code>{_esc(chr(10).join(block.lines))}</code></pre>'


def _fact(fact: Fact) -> str:
    small = f" <small>{_esc(fact.small)}</small>" if fact.small else ""
    return f"<div><dt>{_esc(fact.name)}</dt><dd>{_named(fact.value)}{small}</dd></div>"


def _facts(block: Facts) -> str:
    kind = "facts" if block.columns == 1 else "about"
    return f'<dl class="{kind}">{"".join(_fact(fact) for fact in block.rows)}</dl>'


def _pictures(block: Pictures) -> str:
    one = " one" if len(block.pictures) == 1 else ""
    return f'<div class="pictures{one}">{"".join(_picture(picture) for picture in block.pictures)}</div>'


def _picture(block: Picture) -> str:
    data = base64.b64encode(block.png).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" width="112" height="112" alt="">'
        f"<figcaption>{_named(block.caption)}</figcaption></figure>"
    )


def _cards(block: Cards) -> str:
    return f'<div class="cards">{"".join(_card(card) for card in block.cards)}</div>'


def _card(card: Card) -> str:
    answers = "".join(_said(said) for said in card.answers)
    return (
        f'<article class="card {SLUG[card.answers[0].verdict]}"><h3>{_named(card.network)}</h3>{answers}'
        f'<dl class="facts">{"".join(_fact(fact) for fact in card.facts)}</dl></article>'
    )


def _said(said: VerdictLine) -> str:
    reason = f'<p class="reason">{_esc(said.reason)}</p>' if said.reason else ""
    small = f"<small>{_esc(said.small)}</small>" if said.small else ""
    return (
        f'<div class="said"><p class="question">{_esc(said.question)}</p>'
        f'<p class="word {SLUG[said.verdict]}">{shape(said.verdict)}<span>{_esc(said.word)}</span>{small}</p>{reason}</div>'
    )


def _table(block: Table) -> str:
    def kind(column: int) -> str:
        return "" if column in block.left else ' class="figure"'

    total, wide = sum(block.widths), ' class="wide"' if len(block.head) > 3 else ""
    columns = "".join(f'<col style="width:{100 * width / total:.1f}%">' for width in block.widths)
    head = "".join(f'<th scope="col"{kind(i)}>{_named(text)}</th>' for i, text in enumerate(block.head))
    rows = "".join(
        "<tr>" + "".join(_cell(cell, i == 0, kind(i)) for i, cell in enumerate(row)) + "</tr>" for row in block.rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_esc(block.name)}"><table{wide}>'
        f"<colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(cell: Cell, first: bool, kind: str) -> str:
    inside = "" if cell.bar is None else _bar(cell.bar)
    if cell.text:
        text = _named(cell.text)
        if cell.verdict is not None:
            text = f'<span class="word {SLUG[cell.verdict]}">{shape(cell.verdict)}<span>{text}</span></span>'
        inside += f"<b>{text}</b>" if cell.strong and cell.verdict is None else text
    if cell.small:
        inside += f"<small>{_named(cell.small)}</small>"
    # A row that goes on with the one above has no name of its own.
    tag = ("th", ' scope="row"') if first and inside else ("td", "")
    return f"<{tag[0]}{tag[1]}{kind}>{inside}</{tag[0]}>"


def _break(block: Break) -> str:
    return '<div class="break"></div>'


def _bar(bar: Bar) -> str:
    """Draw a bar; the number stands in the next column, so screen readers skip the drawing."""
    value = min(1.0, max(0.0, bar.value))
    left, width, side = min(value, 0.5), abs(value - 0.5), "used" if value >= 0.5 else "unused"
    pale = "" if bar.speaks else " pale"
    whisker = ""
    if bar.low is not None and bar.high is not None:
        low, high = max(0.0, bar.low), min(1.0, bar.high)
        whisker = f'<i class="whisker" style="left:{100 * low:.1f}%;width:{100 * max(0.0, high - low):.1f}%"></i>'
    return (
        f'<span class="track{pale}" aria-hidden="true"><i class="fill {side}" '
        f'style="left:{100 * left:.1f}%;width:{100 * width:.1f}%"></i>{whisker}</span>'
    )


_RENDER: dict[type, Callable[..., str]] = {
    Heading: _heading,
    Text: _text,
    Items: _items,
    Code: _code,
    Facts: _facts,
    Pictures: _pictures,
    Cards: _cards,
    Table: _table,
    Break: _break,
}
