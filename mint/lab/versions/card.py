"""Render the card on versions (``mint lab versions``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.lab.cards.markdown import rendered, write_card
from mint.lab.versions.acceptance import NO_LESS, NOTHING, TWO_PASSES, acceptance, beside_the_better
from mint.lab.versions.scores import CENTRE, MIRROR

FIGURES, CARD = "versions.json", "versions.md"
LABELS = {CENTRE: "nearest class centre (head needed)", MIRROR: "mirror image (no head)"}
PRESENCE = {"stayed": "members that stayed", "diluted": "used by version 2 alone"}
Row = Mapping[str, Any]


def render_versions(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, versions_card)


def versions_card(found: Row) -> str:
    """Render what the sequence tells beside the last version, since when, what was taken out, and which lines hold."""
    rows = [(name, LABELS[score], twin["scores"][score]) for name, twin in found["twins"].items() for score in LABELS]
    return rendered(
        "versions.md.j2",
        found=found,
        first=found["recipes"][0],
        update=found["recipes"][1],
        rows=rows,
        presence=PRESENCE,
        photos=lambda twin: " / ".join(str(trained[twin]) for trained in found["photos"]),
        by_version=by_version,
        measured=measured,
        gain=gain,
        two_passes=TWO_PASSES,
        acceptance=acceptance,
        margins=(NO_LESS, NOTHING),
        most_common={name: one["version"]["most_common"] for name, _, one in rows},
        unpaired=any(not beside_the_better(p, "auc")["paired"] for _, _, one in rows for p in one["presence"].values()),
    )


def measured(value: Row | None) -> str:
    """Write ``0.985 (0.979–0.991)``; a dash where there were too few to say."""
    return "–" if value is None else f"{value['value']:.3f} ({value['low']:.3f}–{value['high']:.3f})"


def gain(presence: Row, key: str) -> str:
    """Write ``+0.120 (+0.100 to +0.140)`` beside the better form of the last version, bold where the interval leaves out 0."""
    if key not in presence["sequence"]:
        return "–"
    value = beside_the_better(presence, key)
    told = (
        f"{value['value']:+.3f} ({value['low']:+.3f} to {value['high']:+.3f}{'' if value['paired'] else ', unpaired'})"
    )
    return f"**{told}**" if value["low"] > 0 or value["high"] < 0 else told


def by_version(version: Row) -> str:
    """Write how often each version of the first use is named right: ``v1 95% / v2 90%``."""
    each = (f"v{k} {row['right']['value']:.0%}" for k, row in enumerate(version["by_version"], 1))
    return " / ".join(each)
