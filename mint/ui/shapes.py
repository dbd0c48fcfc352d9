"""What stands for a network, its letter and its name, and for a verdict, its shape."""

from __future__ import annotations

from mint.report.marks import SLUG, shape
from mint.ui.html import esc
from mint.words import ENGLISH, Say, labels
from mint.words.labels import letter

__all__ = ["SLUG", "badge", "inline", "letter", "shape", "title"]


def badge(network: str) -> str:
    """The letter in its box; the name stands beside it."""
    sign = esc(letter(network))
    return f'<span class="letter letter-{sign.lower()}" aria-hidden="true">{sign}</span>'


def title(network: str, say: Say = ENGLISH) -> str:
    """``twin-a`` as "Twin A"; other networks keep their name. Escaped."""
    return esc(labels.title(network, say))


def inline(network: str, say: Say = ENGLISH) -> str:
    """``twin-a`` as "twin A", for the middle of a sentence. Escaped."""
    return esc(labels.inline(network, say))
