"""Text of a PDF: embedded fonts, styles, and one function that every text goes through."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

from mint.report.render.marks import SLUG
from mint.types import Verdict

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "NotoSans", "NotoSans-Bold"
MAX_PARAGRAPH_LETTERS = 640  # letters of one paragraph: what does not fit a page cannot be laid out
UNSHOWN = "\ufffd"  # in the place of a letter that the font does not have: seen, and searched for

INK, SOFT, LINE, TRACK = (HexColor(c) for c in ("#16191c", "#545a60", "#d2d2ca", "#ebebe5"))
MINT, WHITE = HexColor("#0b6b57"), HexColor("#ffffff")
USED, UNUSED = HexColor("#a62f16"), HexColor("#17607f")
TONES = {"evidence": USED, "unclear": HexColor("#7a5200"), "nosign": UNUSED, "cannot": SOFT}

# Spaces that reportlab would break at, and a joiner that it would draw.
_SPACES = str.maketrans({"\u202f": "\u00a0", "\u2060": None})


@cache
def letters() -> frozenset[int]:
    """Register both fonts once; return the code points that they can show."""
    known = []
    for name, file in ((REGULAR, "NotoSans-Regular.ttf"), (BOLD, "NotoSans-Bold.ttf")):
        font = TTFont(name, FONTS / file)
        pdfmetrics.registerFont(font)
        known.append(frozenset(font.face.charToGlyph))
    return known[0] & known[1]


def tone(verdict: Verdict) -> Any:
    """Return a verdict's colour."""
    return TONES[SLUG[verdict]]


def shown(text: str) -> str:
    """Return the text with ``UNSHOWN`` for letters that the fonts lack."""
    known = letters()
    return "".join(c if ord(c) in known else UNSHOWN for c in text.translate(_SPACES))


def style(
    size: float = 9.5, bold: bool = False, colour: Any = INK, right: bool = False, leading: float = 1.4, **more: Any
) -> ParagraphStyle:
    """Return a style; sizes are in points."""
    letters()
    return ParagraphStyle(
        "",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * leading,
        textColor=colour,
        alignment=TA_RIGHT if right else TA_LEFT,
        splitLongWords=1,
        **more,
    )


def paragraph(text: str, form: ParagraphStyle, bullet: str | None = None, most: int = MAX_PARAGRAPH_LETTERS) -> Any:
    """Make a paragraph, cut if it is longer than any name or sentence of ours.

    reportlab reads markup in it, so everything is escaped here and nowhere else.
    """
    text = shown(text)
    return Paragraph(escape(text if len(text) <= most else f"{text[:most]} …"), form, bulletText=bullet)
