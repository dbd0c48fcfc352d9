"""Text and numbers to HTML. Everything that was not written in this folder goes through ``esc``."""

from __future__ import annotations

import base64
import html

from mint.images import to_png

# The page puts finished HTML into the document and never evaluates it as a template. Should a
# later version do so by mistake, these would start code; as entities they never can.
_TEMPLATE = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;", "\\": "&#92;"})


def esc(value: object) -> str:
    """Escape for HTML text and quoted attributes, and for anybody's template language."""
    return html.escape(str(value), quote=True).translate(_TEMPLATE)


def sentence(text: str) -> str:
    """A clause as an escaped sentence: capital first, full stop last."""
    text = text.strip()
    return esc(text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else "."))


def percent(value: float) -> str:
    """0.0312 as "3.1 %"; small shares keep a second digit, so that a rate never looks like zero."""
    share = 100 * value
    if share == 0 or share >= 99.95:
        text = f"{share:.0f}"
    elif share < 0.1:
        text = f"{share:.2g}"
    else:
        text = f"{share:.1f}"
    return f"{text}\u202f%"


def membership(value: float) -> str:
    """A calibrated probability, without pretending to more digits than calibration has."""
    if value < 0.01:
        return "<\u202f1\u202f%"
    if value > 0.99:
        return ">\u202f99\u202f%"
    return f"{100 * value:.0f}\u202f%"


def p_value(value: float) -> str:
    """Two significant digits, never in powers of ten."""
    if value >= 0.1:
        return f"{value:.2f}"
    return f"{value:.4f}" if value >= 0.001 else f"{value:.5f}"


def count(value: int) -> str:
    """12345 as "12 345"."""
    return f"{value:,}".replace(",", "\u202f")


def span(low: str, high: str) -> str:
    """Two ends of an interval, which no line break may part."""
    return f"{low}\u2060–\u2060{high}"


def data_uri(data: bytes, kind: str) -> str:
    """Bytes as an address that needs no file and no request."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def png_uri(rgb: object) -> str:
    """(H, W, 3) uint8 RGB as a PNG address."""
    return data_uri(to_png(rgb), "png")  # type: ignore[arg-type]
