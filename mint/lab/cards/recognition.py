"""Render who is recognised: the shipped networks beside real recognisers, on the same pairs of strangers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.lab.cards.markdown import rendered
from mint.storage.files import read_json

FIGURES = "recognition.json"
COMMAND = "python -m tests.benchmarks.recognition --pool POOL --real FACES --peer SFace=sface.onnx"


def recognition_section(cards: Path) -> str:
    """Return a table, a network a row; nothing if nothing was measured."""
    if not (cards / FIGURES).is_file():
        return ""
    kinds: Mapping[str, Mapping[str, Any]] = read_json(cards / FIGURES)["figures"]
    networks = list(next(iter(kinds.values())))
    return rendered("recognition.md.j2", kinds=kinds, networks=networks, command=COMMAND)
