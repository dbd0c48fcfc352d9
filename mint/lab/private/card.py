"""Render the card on the private twin (``mint lab private``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.lab.cards.markdown import rendered
from mint.storage.files import read_json, write_bytes

FIGURES, CARD = "private.json", "private.md"
TPR = "tpr_at_1pct_fpr"
UNDER, REACHING, OVER, NOT_MEASURED = "under it", "interval reaches over it", "**over it**", "too few to say"


def render_private(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    if (cards / FIGURES).is_file():
        write_bytes(cards / CARD, private_card(read_json(cards / FIGURES)).encode())


def private_card(found: Mapping[str, Any]) -> str:
    """Render what was promised, what every auditor found, and which promise is disproved."""
    networks: Mapping[str, Mapping[str, Any]] = found["networks"]
    return rendered(
        "private.md.j2",
        found=found,
        networks=networks,
        private={name: one for name, one in networks.items() if one["privacy"] is not None},
        tpr=TPR,
        against=against,
        kept=kept,
        all_under=lambda one: all(against(row, one["allowed"]) == UNDER for row in one["rows"]),
    )


def against(row: Mapping[str, Any], allowed: float) -> str:
    """Say where the interval of an auditor's TPR lies beside what a promise allows."""
    low, high = row[f"{TPR}_low"], row[f"{TPR}_high"]
    if low is None:
        return NOT_MEASURED
    return OVER if low > allowed else UNDER if high <= allowed else REACHING


def kept(one: Mapping[str, Any]) -> bool:
    """Whether no auditor of a network contradicts its promise: neither its TPR nor its measured ε lies above."""
    epsilon, allowed = one["claimed"]["epsilon"], one["allowed"]
    return all(row["measured"]["by_people"] <= epsilon and against(row, allowed) != OVER for row in one["rows"])
