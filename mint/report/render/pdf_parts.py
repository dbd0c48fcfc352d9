"""Turn blocks into reportlab's flowables. Lengths are in points."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, Wedge
from reportlab.platypus import CondPageBreak, HRFlowable, Image, KeepTogether, PageBreak, Spacer
from reportlab.platypus import Table as Grid

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
    Pictures,
    Table,
    Text,
    VerdictLine,
)
from mint.report.render.pdf_text import INK, LINE, SOFT, TONES, TRACK, UNUSED, USED, WHITE, paragraph, style, tone
from mint.types import Verdict

WIDTH = 487.0  # of the text on a page of A4
GAP = 16.0
PICTURE = 64.0
LONGEST_LINE = 100_000
LONGEST_TITLE = 320  # letters of a name over a card, which has to fit a page with all that the card says
SHORT = 8  # so many rows are not parted
TIGHT = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0),
         ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
         ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip


def flowables(block: Block) -> list[Any]:
    """Return the flowables of a block."""
    found: list[Any] = _RENDER[type(block)](block)
    return found


def facts_grid(facts: Sequence[Fact], columns: int) -> Any:
    """Lay out names over their values, several side by side."""
    cells = [
        [paragraph(fact.name, style(8, colour=SOFT)), paragraph(fact.value, style(9.5, bold=True)), *_small(fact.small)]
        for fact in facts
    ]
    cells += [[] for _ in range(-len(cells) % columns)]
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    return Grid(rows, [WIDTH / columns] * columns, style=[*TIGHT, ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
                                                          ("RIGHTPADDING", (0, 0), (-1, -1), 12)])  # fmt: skip


def _small(text: str, right: bool = False) -> list[Any]:
    return [paragraph(text, style(8, colour=SOFT, right=right))] if text else []


def _heading(block: Heading) -> list[Any]:
    if block.level == 2:
        rule = HRFlowable(WIDTH, 0.7, color=LINE, spaceBefore=20, spaceAfter=10)
        title = paragraph(block.text, style(14, bold=True, keepWithNext=1, spaceAfter=6))
        title.outline = block.text
        return [CondPageBreak(150), rule, title]
    size, colour = (10.5, INK) if block.level == 3 else (9.5, SOFT)
    title = paragraph(block.text, style(size, bold=True, colour=colour, keepWithNext=1, spaceBefore=14, spaceAfter=2))
    small = [paragraph(block.small, style(8.2, colour=SOFT, keepWithNext=1, spaceAfter=3))] if block.small else []
    return [CondPageBreak(110), title, *small]


def _text(block: Text) -> list[Any]:
    forms = {
        "lead": style(12.5, bold=True, spaceBefore=7, spaceAfter=6, keepWithNext=1),
        "plain": style(spaceBefore=3, spaceAfter=4),
        "fine": style(8.2, colour=SOFT, spaceBefore=4, spaceAfter=4),
        "problem": style(spaceBefore=4, spaceAfter=6, borderColor=TONES["unclear"], leftIndent=9),
    }
    words = paragraph(glued(block.text), forms[block.kind])
    if block.kind != "problem":
        return [words]
    bar = ("LINEBEFORE", (0, 0), (0, -1), 2.5, TONES["unclear"])
    return [Spacer(1, 4), Grid([[paragraph(glued(block.text), style())]], [WIDTH],
                               style=[*TIGHT, ("LEFTPADDING", (0, 0), (-1, -1), 9), bar]), Spacer(1, 4)]  # fmt: skip


def _items(block: Items) -> list[Any]:
    form = style(leftIndent=11, bulletIndent=0, spaceAfter=3.5, bulletFontName="NotoSans", bulletColor=SOFT)
    return [paragraph(glued(text), form, bullet="–") for text in block.texts]


def _code(block: Code) -> list[Any]:
    # Paragraphs and no table: a command that names many photos goes over several pages.
    form = style(8.2, leading=1.45, backColor=TRACK, borderPadding=(1.5, 8, 1.5, 8), leftIndent=8, rightIndent=8)
    lines = [paragraph(line, form, most=LONGEST_LINE) for line in block.lines]
    return [Spacer(1, 5), *lines, Spacer(1, 7)]


def _facts(block: Facts) -> list[Any]:
    if block.columns > 1:
        return [Spacer(1, 4), facts_grid(block.rows, block.columns)] if block.rows else []
    rows = [
        [paragraph(fact.name, style(8.5, colour=SOFT)), [paragraph(fact.value, style(9)), *_small(fact.small)]]
        for fact in block.rows
    ]
    return [Grid(rows, [WIDTH * 0.32, WIDTH * 0.68], style=[*TIGHT, *_lines()])] if rows else []


def _lines(padding: float = 4.0, last: int = -1) -> list[Any]:
    return [("LINEBELOW", (0, 0), (-1, last), 0.5, LINE), ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding + 0.5), ("RIGHTPADDING", (0, 0), (-2, -1), 8)]  # fmt: skip


def _pictures(block: Pictures) -> list[Any]:
    shown = [
        [
            Image(io.BytesIO(p.png), PICTURE, PICTURE, hAlign="LEFT"),
            paragraph(p.caption, style(8, colour=SOFT, spaceBefore=3)),
        ]
        for p in block.pictures
    ]
    if len(shown) == 1:
        picture, caption = shown[0]
        look = [*TIGHT, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        found = Grid([[picture, caption]], [PICTURE + 12, WIDTH - PICTURE - 12], style=look, spaceBefore=4)
        found.keepWithNext = 1
        return [found]
    columns = 6
    shown += [[] for _ in range(-len(shown) % columns)]
    rows = [shown[i : i + columns] for i in range(0, len(shown), columns)]
    look = [*TIGHT, ("RIGHTPADDING", (0, 0), (-1, -1), 10), ("BOTTOMPADDING", (0, 0), (-1, -1), 8)]
    return [Spacer(1, 4), Grid(rows, [WIDTH / columns] * columns, style=look)]


def _cards(block: Cards) -> list[Any]:
    width = (WIDTH - GAP) / 2
    found = []
    for i in range(0, len(block.cards), 2):
        pair = [*block.cards[i : i + 2], None][:2]
        look: list[Any] = [*TIGHT]
        row: list[Any] = []
        for column, card in zip((0, 2), pair, strict=True):
            row += [[] if card is None else _card(card, width - 24), ""]
            if card is not None:
                look += [("BOX", (column, 0), (column, 0), 0.7, LINE), ("LINEABOVE", (column, 0), (column, 0), 3.5,
                         tone(card.answers[0].verdict), "butt"), ("LEFTPADDING", (column, 0), (column, 0), 12),
                         ("RIGHTPADDING", (column, 0), (column, 0), 12), ("TOPPADDING", (column, 0), (column, 0), 10),
                         ("BOTTOMPADDING", (column, 0), (column, 0), 5)]  # fmt: skip
        found += [KeepTogether([Spacer(1, 6), Grid([row[:3]], [width, GAP, width], style=look), Spacer(1, 4)])]
    return found


def _card(card: Card, width: float) -> list[Any]:
    parts: list[Any] = [paragraph(card.network, style(10.5, bold=True, spaceAfter=4), most=LONGEST_TITLE)]
    for number, said in enumerate(card.answers):
        parts += _said(said, 14 if number == 0 else 11, width)
    rows = [
        [
            paragraph(fact.name, style(8.2, colour=SOFT)),
            [paragraph(fact.value, style(9.5, bold=True, right=True)), *_small(fact.small, right=True)],
        ]
        for fact in card.facts
    ]
    look = [*TIGHT, *_lines(3, last=-2), ("LINEABOVE", (0, 0), (-1, 0), 0.5, LINE)]
    return [*parts, Spacer(1, 5), Grid(rows, [width * 0.48, width * 0.52], style=look)]


def _said(said: VerdictLine, size: float, width: float) -> list[Any]:
    words = _word(said.verdict, said.word, size)
    mark = size + 5
    row, widths = [*words], [mark, width - mark]
    if said.small:
        row.append(paragraph(said.small, style(8.2, colour=SOFT, right=True)))
        widths = [mark, width - mark - 62, 62]
    line = Grid([row], widths, style=[*TIGHT, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    reason = [paragraph(said.reason, style(8.8, spaceBefore=1, spaceAfter=3))] if said.reason else []
    return [paragraph(said.question, style(8, colour=SOFT, spaceBefore=3)), line, *reason]


def _word(verdict: Verdict, text: str, size: float) -> list[Any]:
    """Return a verdict's mark and its word."""
    return [mark(verdict, size), paragraph(text, style(size, bold=True, colour=tone(verdict), leading=1.25))]


def mark(verdict: Verdict, size: float) -> Any:
    """Draw a verdict's shape as ``marks.py`` does: full, half, empty, dashed."""
    scale, colour = size / 24, tone(verdict)
    drawn = Drawing(size, size)
    drawn.scale(scale, scale)
    if verdict is Verdict.EVIDENCE:
        drawn.add(Circle(12, 12, 11, fillColor=colour, strokeColor=None))
        tick = [6.8, 11.6, 10.3, 8.0, 17.2, 15.6]
        drawn.add(PolyLine(tick, strokeColor=WHITE, strokeWidth=2.6 * scale, strokeLineJoin=0))
        return drawn
    dashes = [4.2 * scale, 3.26 * scale] if verdict is Verdict.CANNOT_SAY else None
    ring = Circle(12, 12, 9.5, fillColor=None, strokeColor=colour, strokeWidth=3 * scale, strokeDashArray=dashes)
    drawn.add(ring)
    if verdict is Verdict.INCONCLUSIVE:
        drawn.add(Wedge(12, 12, 9.5, -90, 90, fillColor=colour, strokeColor=None))
    if verdict is Verdict.CANNOT_SAY:
        drawn.add(Line(8, 12, 16, 12, strokeColor=colour, strokeWidth=3 * scale))
    return drawn


def _table(block: Table) -> list[Any]:
    total = sum(block.widths)
    widths = [WIDTH * width / total for width in block.widths]
    head = [
        paragraph(
            text, style(8.2, bold=i == 0, colour=INK if i == 0 else SOFT, right=i not in block.left, leading=1.25)
        )
        for i, text in enumerate(block.head)
    ]
    rows = [[_cell(cell, i not in block.left, widths[i] - 8) for i, cell in enumerate(row)] for row in block.rows]
    look = [*TIGHT, *_lines(3.2), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")]
    found = Grid([head, *rows], widths, style=look, repeatRows=1)
    return [Spacer(1, 6), found if len(rows) > SHORT else KeepTogether([found]), Spacer(1, 6)]


def _cell(cell: Cell, right: bool, width: float) -> list[Any]:
    parts: list[Any] = [] if cell.bar is None else [_bar(cell.bar, width)]
    if cell.verdict is not None:
        look = [*TIGHT, ("TOPPADDING", (0, 0), (0, 0), 1.2)]
        parts.append(Grid([_word(cell.verdict, cell.text, 8.6)], [13, width - 13], style=look, hAlign="LEFT"))
    elif cell.text:
        parts.append(paragraph(cell.text, style(8.8, bold=cell.strong, right=right, leading=1.28)))
    if cell.small:
        parts.append(paragraph(cell.small, style(7.8, colour=SOFT, right=right, leading=1.28)))
    return parts


def _bar(bar: Bar, width: float) -> Any:
    height, middle = 8.0, width / 2
    value = min(1.0, max(0.0, bar.value))
    drawn = Drawing(width, height + 3)
    drawn.add(Rect(0, 0, width, height, fillColor=TRACK, strokeColor=None))
    side, opacity = USED if value >= 0.5 else UNUSED, 1.0 if bar.speaks else 0.3
    left = min(value, 0.5) * width
    drawn.add(Rect(left, 0, max(0.5, abs(value - 0.5) * width), height, fillColor=side, strokeColor=None,
                   fillOpacity=opacity))  # fmt: skip
    if bar.low is not None and bar.high is not None:
        low, high = max(0.0, bar.low) * width, min(1.0, bar.high) * width
        for colour, thick in ((WHITE, 2.6), (INK, 1.1)):
            if bar.speaks or colour is INK:
                drawn.add(Line(low, height / 2, high, height / 2, strokeColor=colour, strokeWidth=thick,
                               strokeOpacity=1.0 if bar.speaks else 0.45))  # fmt: skip
    drawn.add(Line(middle, -1.5, middle, height + 1.5, strokeColor=INK, strokeWidth=1.2))
    return drawn


_RENDER: dict[type, Callable[..., list[Any]]] = {
    Heading: _heading,
    Text: _text,
    Items: _items,
    Code: _code,
    Facts: _facts,
    Pictures: _pictures,
    Cards: _cards,
    Table: _table,
    Break: lambda _: [PageBreak()],
}
