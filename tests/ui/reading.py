"""What a visitor reads in the page's HTML, and the photos that are sent to it."""

from __future__ import annotations

import io
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from PIL import Image

from mint.vision.images import open_photo, to_png

FACE = Path(__file__).parents[1] / "data" / "face.jpg"


def text(html: str) -> str:
    """The words alone, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def words(html: str) -> dict[str, str]:
    """Network to the verdict that stands large on its card."""
    cards = re.findall(r'<article class="card [^"]*" data-network="([^"]*)">(.*?)</article>', html, re.S)
    return {
        unescape(network): text(card.partition('<p class="word">')[2].partition("</p>")[0]) for network, card in cards
    }


def number(html: str) -> str:
    """What tells an answer from the next."""
    return re.findall(r'data-visit="([^"]*)"', html)[0]


class Elements(HTMLParser):
    """Everything that a browser would make of some HTML: its elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, *names: str) -> list[str]:
        """What stands in these attributes, of all elements."""
        return [value for _, attributes in self.found for name in names if (value := attributes.get(name))]


def side_by_side(count: int) -> bytes:
    """A photo of so many faces."""
    face = open_photo(FACE)
    face = face[:: max(1, face.shape[0] // 300), :: max(1, face.shape[0] // 300)]
    return to_png(np.concatenate([np.roll(face, 3 * i, 1) for i in range(count)], axis=1))


def empty_wall() -> bytes:
    """A photo of nobody."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "#8a9aa0").save(buffer, "PNG")
    return buffer.getvalue()


TROUBLES = {
    "no face": (empty_wall(), "No face was found"),
    "a broken file": (FACE.read_bytes()[:700], "cannot be read"),
    "no picture": (b"a letter, not a photo", "cannot be read"),
    "nothing": (b"", "cannot be read"),
}
