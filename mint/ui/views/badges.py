"""Badges of networks and shapes of verdicts."""

from __future__ import annotations

from mint.i18n import labels
from mint.i18n.labels import letter
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG, shape
from mint.ui.html import esc

__all__ = ["SLUG", "badge", "inline", "letter", "shape", "title"]


def badge(network: str) -> str:
    """Render a network's letter in its box; the name stands beside it."""
    sign = esc(letter(network))
    return f'<span class="letter letter-{sign.lower()}" aria-hidden="true">{sign}</span>'


def title(network: str, say: Say = ENGLISH) -> str:
    """Return ``twin-a`` as "Twin A", escaped; other networks keep their name."""
    return esc(labels.title(network, say))


def inline(network: str, say: Say = ENGLISH) -> str:
    """Return ``twin-a`` as "twin A", escaped, for the middle of a sentence."""
    return esc(labels.inline(network, say))
