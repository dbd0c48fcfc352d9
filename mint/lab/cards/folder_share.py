"""Render the card on folders: share, interval and list (``tests.benchmarks.folder_share``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.evidence.metrics import widened
from mint.evidence.score_table import SIBLINGS
from mint.lab.cards.markdown import rendered, write_card

FIGURES, CARD = "folder-share.json", "folder-share.md"
UNUSED = {
    SIBLINGS: "other photos of the same people",
    "strangers": "photos of people never used, half of them real",
}


def render_folder_share(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, folder_share_card)


def folder_share_card(found: Mapping[str, Any]) -> str:
    """Render how right the share is, how often its interval holds it, and how much of the list is wrong."""
    return rendered("folder_share.md.j2", found=found, unused=UNUSED, mean=_mean)


def _mean(row: Mapping[str, Any]) -> str:
    """Write a mean over folders with its interval: ``0.022 (0.019–0.025)``; that of a share none or all of which was seen is exact."""
    low, high = widened(row["value"], row["low"], row["high"], row["n"])
    return f"{row['value']:.3f} ({low:.3f}–{high:.3f})"
