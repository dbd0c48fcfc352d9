"""Render the card on the ceiling (``mint lab ceiling``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.evidence.metrics import CHANCE
from mint.evidence.score_table import OUTSIDERS, PHOTO, SIBLINGS
from mint.lab.cards.markdown import find, rendered, write_card
from mint.lab.ceiling.measure import CONFIDENCE, FITTED, FITTED_ONLINE, KNOWING, LIRA, MATCHED, OFFLINE, ONLINE, RMIA
from mint.lab.ceiling.photos import OURS

FIGURES, CARD = "ceiling.json", "ceiling.md"
AGAINST = {
    SIBLINGS: "other photos of the same people",
    OUTSIDERS: "photos of people whom the network does not know, under the nearest class",
}
NAMES = OURS | {
    CONFIDENCE: "own-class confidence",
    LIRA: "LiRA, offline",
    MATCHED: "LiRA, offline, matched to the network",
    RMIA: "RMIA, offline",
    FITTED: "confidence and references, weights fitted",
    ONLINE: "LiRA, online",
    FITTED_ONLINE: "confidence and all references, weights fitted",
}
KNOWS = {
    "nothing": "no class, no reference",
    "class": "the person, no reference",
    "references": "the person, all photos, references",
    "references and members": "the person, all photos, references, known photos of others",
}
PUBLISHED = tuple(name for name in OFFLINE if name not in KNOWING)
Row = Mapping[str, Any]


def render_ceiling(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, ceiling_card)


def ceiling_card(found: Row) -> str:
    """Render what every attack finds, how much of the ceiling is reached without references, and the controls."""
    return rendered(
        "ceiling.md.j2",
        found=found,
        recipe=found["recipe"],
        networks=found["networks"],
        changed=changed(found["recipe"], found["target recipe"]),
        against=AGAINST,
        names=NAMES,
        knows=KNOWS,
        published=PUBLISHED,
        strongest=strongest,
        confidence=CONFIDENCE,
        told=told,
        outside=outside,
        find=find,
        verdict=verdict,
        difference=difference,
        share_of=share_of,
        mean=_mean,
    )


def changed(recipe: Row, target: Row) -> str:
    """Write in what a reference's recipe differs from the audited network's."""
    told = [
        f"{name.replace('_', ' ')} {recipe[name]} instead of {target[name]}"
        for name in ("input_size", "width", "epochs")
        if recipe[name] != target[name]
    ]
    return ", ".join(told) or "nothing but its photos and its seed"


def verdict(network: Row, against: str, wanted: float) -> str:
    """Say whether the combined auditors reach what is wanted of the strongest offline attack, and what they lack."""
    ceiling = network["ceiling"][against]
    row = find(network["comparisons"], against=against, ours=PHOTO, ceiling=ceiling)
    if row is None or row["share"] is None:
        return f"**cannot say**: {NAMES[ceiling]} may be chance, so there is no ceiling to reach a share of"
    told = f"{share_of(row)} of the AUC above one half that {NAMES[ceiling]} finds"
    if row["share"] < wanted:
        return f"**not reached**: {told}, where {wanted:.0%} are wanted; it lacks {-row['difference']:.3f} of AUC"
    sure = "" if row["share_low"] >= wanted else ", though the interval goes below what is wanted"
    return f"**reached**: {told}, where {wanted:.0%} are wanted{sure}"


def difference(row: Row, name: str = "difference") -> str:
    """Write ``+0.010 (+0.005 to +0.015)``, bold where the interval leaves out 0."""
    if row[name] is None:
        return "too few"
    told = "{:+.3f} ({:+.3f} to {:+.3f})".format(*(row[f"{name}{end}"] for end in ("", "_low", "_high")))
    return f"**{told}**" if row[f"{name}_low"] > 0 or row[f"{name}_high"] < 0 else told


def told(network: Row, against: str) -> list[Row]:
    """Return the comparisons to print: all with the ceiling, and of the other attacks those of the combined auditors."""
    rows = [row for row in network["comparisons"] if row["against"] == against]
    return [row for row in rows if row["ceiling"] == network["ceiling"][against] or row["ours"] == PHOTO]


def outside(controls: Sequence[Row]) -> list[Row]:
    """Return the controls whose interval leaves out 0.5."""
    return [row for row in controls if not row["auc_low"] <= CHANCE <= row["auc_high"]]


def strongest(network: Row, against: str) -> float:
    """Return the largest AUC of the published offline attacks."""
    rows = (row for row in network["rows"] if row["against"] == against and row["attack"] in PUBLISHED)
    return max(float(row["auc"]) for row in rows)


def share_of(row: Row) -> str:
    """Write ``99.1% (98.5–99.6%)``; a dash where there is nothing to have a share of."""
    if row["share"] is None:
        return "–"
    return f"{row['share']:.1%} ({row['share_low']:.1%}–{row['share_high']:.1%})"


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
