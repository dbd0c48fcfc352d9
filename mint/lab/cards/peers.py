"""Render the card that compares other tools with this one (``tests.benchmarks.peers``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.lab.cards.markdown import rendered
from mint.storage.files import read_json, write_bytes

FOLDER, CARD = "peers", "peers.md"
LEVEL_QUESTIONS = {"sample": "this photo", "identity": "new people"}
MEASURED_ON = "measured on"  # which networks, where these are not those that ship
Found = Mapping[str, Any]


def render_peers(cards: Path) -> None:
    """Write ``peers.md`` from ``peers/*.json`` if there are any."""
    found = {path.stem: read_json(path) for path in sorted((cards / FOLDER).glob("*.json"))}
    if found:
        write_bytes(cards / CARD, peers_card(found).encode())


def peers_card(found: Mapping[str, Found]) -> str:
    """Render every tool on every twin, grouped by the access that it needs."""
    first = next(iter(found.values()))
    versions = ", ".join(f"{tool} {version}" for tool, version in first["versions"].items())
    older = f" Measured on {first[MEASURED_ON]}." if MEASURED_ON in first else ""
    return rendered(
        "peers.md.j2", found=found, versions=versions, older=older, levels=LEVEL_QUESTIONS, by_access=_by_access
    )


def _by_access(rows: Sequence[Found]) -> list[Found]:
    """Return the rows of one kind of access after the other, in the order of the measurement; the best first."""
    order = list(dict.fromkeys(tuple(row["access"]) for row in rows))
    return sorted(rows, key=lambda row: (order.index(tuple(row["access"])), -row["sample"]["auc"]))
