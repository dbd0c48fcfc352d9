"""Render the card on edits, drawings and adversaries (``tests.benchmarks.attacks``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.evidence.score_table import MEMBERS, OUTSIDERS, REAL, SIBLINGS
from mint.lab.cards.markdown import Row, find, rendered, share, write_card

FIGURES, CARD = "attacks.json", "attacks.md"
PHOTO_KINDS = {
    MEMBERS: "whole photo",
    "members, cut out": "the aligned face",
    SIBLINGS: "other photos of trained people",
    OUTSIDERS: "generated people",
    REAL: "real faces",
    "drawn siblings": "drawings of other photos of trained people",
    "drawn real": "drawings of real faces",
    "drawn": "drawn from nothing",
    "adversary siblings": "adversary, other photos of trained people",
    "adversary outsiders": "adversary, generated people",
    "adversary real": "adversary, real faces",
}


def render_attacks(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, attacks_card)


def attacks_card(found: Mapping[str, Any]) -> str:
    """Render which edits a member survives, and what makes a non-member look used."""
    twins, alphas = found["twins"], [f"{alpha}" for alpha in found["alphas"]]
    return rendered(
        "attacks.md.j2",
        twins=twins,
        alphas=alphas,
        purpose=found["purpose"],
        most=found["most"],
        steps=found["steps"],
        lines=lambda part: _lines(twins, part),
        bolder=lambda row, alpha: f"**{share(row[alpha])}**" if _above(row, alpha) else share(row and row[alpha]),
        lost=lambda twin: [f"{_kind(r)} {r['what']}" for r in twin["members"] if r[alphas[0]]["value"] < 0.5],
        broken=lambda twin, alpha: [f"{_kind(r)}, {r['what']}" for r in twin["others"] if _above(r, alpha)],
        counted=lambda twin, alpha: sum(r[alpha] is not None for r in twin["others"]),
    )


def _lines(twins: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    """Return a line of the table for each kind of photo: what it is, and its row of each twin, None where there is none."""
    return [
        {
            "what": f"{_kind(first)}: {first['what']}",
            "rows": [find(twin[part], kind=first["kind"], what=first["what"]) for twin in twins.values()],
        }
        for first in next(iter(twins.values()))[part]
    ]


def _kind(row: Row) -> str:
    return PHOTO_KINDS[row["kind"]]


def _above(row: Row | None, alpha: str) -> bool:
    return bool(row and row[alpha] is not None and row[alpha]["low"] > float(alpha))
