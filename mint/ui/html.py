"""Turn text, figures, pictures and names of networks into HTML. Everything foreign goes through ``esc``."""

from __future__ import annotations

import base64
import html

from mint.i18n import labels
from mint.i18n.figures import count, membership, p_value, percent, span
from mint.i18n.translate import ENGLISH, Say
from mint.vision.images import to_png

__all__ = [
    "badge", "count", "data_uri", "esc", "inert", "inline", "jpeg_uri", "membership", "p_value", "percent", "png_uri", "span",
    "title",
]  # fmt: skip

# The page puts finished HTML into the document and never evaluates it as a template. Should a
# later version do so by mistake, these would start code; as entities they never can.
_TEMPLATE = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;", "\\": "&#92;"})


def esc(value: object) -> str:
    """Escape for HTML text and quoted attributes, and for anybody's template language."""
    return html.escape(str(value), quote=True).translate(_TEMPLATE)


def inert(finished: str) -> str:
    """Make finished HTML inert for template languages; it looks the same."""
    return finished.translate(_TEMPLATE)


def data_uri(data: bytes, kind: str) -> str:
    """Return bytes as a data URI."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def jpeg_uri(data: bytes) -> str:
    """Return the bytes of a JPEG as a data URI."""
    return data_uri(data, "jpeg")


def png_uri(rgb: object) -> str:
    """Return (H, W, 3) uint8 RGB as a PNG data URI."""
    return data_uri(to_png(rgb), "png")  # type: ignore[arg-type]


def badge(network: str) -> str:
    """Render a network's letter in its box; the name stands beside it."""
    sign = esc(labels.letter(network))
    return f'<span class="letter letter-{sign.lower()}" aria-hidden="true">{sign}</span>'


def title(network: str, say: Say = ENGLISH) -> str:
    """Return ``twin-a`` as "Twin A", escaped; other networks keep their name."""
    return esc(labels.title(network, say))


def inline(network: str, say: Say = ENGLISH) -> str:
    """Return ``twin-a`` as "twin A", escaped, for the middle of a sentence."""
    return esc(labels.inline(network, say))
