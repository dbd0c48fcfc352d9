"""Render who is recognised: the shipped networks beside real recognisers, on the same pairs of strangers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.lab.cards.markdown import table
from mint.storage.files import read_json

FIGURES = "recognition.json"
COMMAND = "python -m tests.benchmarks.recognition --pool POOL --real FACES --peer SFace=sface.onnx"


def recognition_section(cards: Path) -> list[str]:
    """Return the lines of a table, a network a row; none if nothing was measured."""
    if not (cards / FIGURES).is_file():
        return []
    found: Mapping[str, Any] = read_json(cards / FIGURES)["figures"]
    titles = ("network", *(f"{kind}: {what}" for kind in found for what in ("pairs told right", "AUC")))
    rows = [
        (name, *(text for kind in found for text in _cells(found[kind][name]))) for name in next(iter(found.values()))
    ]
    firsts = {kind: next(iter(rows.values())) for kind, rows in found.items()}
    counted = ", ".join(f"{row['pairs']} pairs of {row['people']} {kind}" for kind, row in firsts.items())
    return [
        *table(titles, *rows),
        f"Half of the pairs show one person; the same pairs for every network ({counted}), ten folds as in LFW. Nobody "
        f"trained on these fictional people. `{COMMAND}` measures it again.",
    ]


def _cells(row: Mapping[str, Any]) -> tuple[str, str]:
    return f"{row['accuracy']:.1%} ({row['low']:.1%}–{row['high']:.1%})", f"{row['auc']:.3f}"
