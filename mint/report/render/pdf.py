"""Render a story as an A4 PDF with embedded fonts, page numbers and bookmarks."""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Spacer, Table
from reportlab.platypus.doctemplate import LayoutError

from mint.errors import BadReport
from mint.report.render.blocks import Story, texts
from mint.report.render.pdf_parts import TIGHT, WIDTH, facts_grid, flowables
from mint.report.render.pdf_text import LINE, MINT, REGULAR, SOFT, UNSHOWN, paragraph, shown, style

SIDE, TOP, BOTTOM = (A4[0] - WIDTH) / 2, 48.0, 58.0


def to_pdf(told: Story) -> bytes:
    """Render a story. The last line says so if the fonts lack a letter.

    Raises:
        BadReport: something in it does not fit a page.
    """
    parts: list[Any] = [_head(told), Spacer(1, 16), facts_grid(told.about, 3)]
    for block in told.blocks:
        parts += flowables(block)
    if any(UNSHOWN in shown(text) for text in texts(told)):
        parts.append(paragraph(told.unshown.replace("{sign}", UNSHOWN), style(8.2, colour=SOFT, spaceBefore=4)))
    buffer = io.BytesIO()
    pages = _Pages(
        buffer, pagesize=A4, title=shown(told.title), subject=shown(told.subject), author="MINT", creator="MINT",
        lang=told.language,
    )  # fmt: skip
    try:
        pages.build(parts, canvasmaker=lambda *args, **kwargs: _Numbered(told, *args, **kwargs))
    except LayoutError as error:
        raise BadReport("A name in the report is too long for the page of a PDF. Make it an HTML report.") from error
    return buffer.getvalue()


def _head(told: Story) -> Any:
    words = [paragraph(told.title, style(15, bold=True)), paragraph(told.subject, style(9.5, colour=SOFT))]
    look = [*TIGHT, ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LINEAFTER", (0, 0), (0, 0), 0.7, LINE),
            ("LEFTPADDING", (1, 0), (1, 0), 16)]  # fmt: skip
    return Table(
        [[paragraph("MINT", style(27, bold=True, colour=MINT, leading=1.1)), words]], [96, WIDTH - 96], style=look
    )


class _Pages(BaseDocTemplate):  # type: ignore[misc]
    """Lay out one frame a page; headings that ask for it become bookmarks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        frame = Frame(SIDE, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
        self.addPageTemplates([PageTemplate("page", [frame])])

    def afterFlowable(self, flowable: Any) -> None:
        title = getattr(flowable, "outline", None)
        if title is not None:
            key = f"section-{self.seq.nextf('section')}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(shown(title), key, 0)


class _Numbered(Canvas):  # type: ignore[misc]
    """Hold pages back until all are there, because each shows the total."""

    def __init__(self, told: Story, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told, self._waiting = told, list[dict[str, Any]]()

    def showPage(self) -> None:
        self._waiting.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, state in enumerate(self._waiting, 1):
            self.__dict__.update(state)
            page = self._told.page.format(n=number, all=len(self._waiting))
            self.setFillColor(SOFT)
            self.setFont(REGULAR, 8)
            self.drawString(SIDE, 32, shown(self._told.foot))
            self.drawRightString(SIDE + WIDTH, 32, shown(page))
            super().showPage()
        super().save()
