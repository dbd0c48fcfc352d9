"""Draw a QR code (ISO/IEC 18004) as inline SVG; reportlab, which makes the PDF, encodes it."""

from __future__ import annotations

from itertools import groupby

MARGIN = 4  # modules of quiet around it, as the standard asks


def svg(text: str, label: str) -> str:
    """Return a code that gives back ``text``, dark on white whatever the page's theme.

    Args:
        text: up to some hundred letters of any language.
        label: what a screen reader says of it, escaped.
    """
    rows = modules(text)
    side = len(rows) + 2 * MARGIN
    path = "".join(
        f"M{MARGIN + start} {MARGIN + y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return (
        f'<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{label}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path fill="#000" d="{path}"/></svg>'
    )


def modules(text: str) -> list[list[bool]]:
    """Return the rows of a code that withstands 15 % damage (level M): whether each module is dark."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)  # None: the smallest version that holds the text
    code.addData(text)
    code.make()
    side = range(code.getModuleCount())
    return [[bool(code.isDark(row, column)) for column in side] for row in side]


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Return where dark modules begin, and how many follow one another."""
    found, at = [], 0
    for dark, same in groupby(row):
        length = len(list(same))
        if dark:
            found.append((at, length))
        at += length
    return found
