"""Render the card of the reference tier (``tests.benchmarks.reference_tier``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.evidence.metrics import widened
from mint.evidence.score_table import MEMBERS, OUTSIDERS, SIBLINGS
from mint.lab.cards.markdown import rendered, write_card

FIGURES, CARD = "reference-tier.json", "reference-tier.md"
REFERENCE_KINDS = {
    MEMBERS: "photos used in training",
    SIBLINGS: "other photos of the same people",
    OUTSIDERS: "photos of people it never saw",
}
BRINGS = {
    MEMBERS: "photos that were used",
    SIBLINGS: "other photos of used people",
    "mixed": "any photos of used people",
}
Found = Mapping[str, Any]


def render_reference(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, reference_card)


def reference_card(found: Mapping[str, Found]) -> str:
    """Render how well the twins' members are found by a test that was shown none of them."""
    first = next(iter(found.values()))
    return rendered(
        "reference.md.j2",
        found=found,
        first=first["photos"],
        people=first["people"],
        kinds=REFERENCE_KINDS,
        brings=BRINGS,
        person=_person,
    )


def _person(row: Found) -> str:
    low, high = widened(row["auc"], row["auc_low"], row["auc_high"], min(row["people"], row["others"]))
    return f"{row['auc']:.3f} ({low:.3f}–{high:.3f}), {row['people']} against {row['others']} people"
