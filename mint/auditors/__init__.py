"""From activation maps to a membership score: what all auditors share. Each auditor is a file of ``kinds``.

What an auditor is called is known here without torch, which takes seconds to import: an answer from a bundle's graph
needs no more. The auditors themselves are torch modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["PAPER_PRESET", "PRESETS", "Spec"]
PAPER_PRESET = "demo2025"  # the paper this project implements; its auditors run online
PRESETS = (PAPER_PRESET, "ieee2025")  # of the auditors that were published, in the order of tables


@dataclass(frozen=True, slots=True)
class Spec:
    """An auditor's kind, layer and preset."""

    kind: str
    layer: str
    preset: str = ""

    @property
    def auditor(self) -> str:
        """The name in reports: the kind, and the preset where it is not the paper's."""
        return self.kind if self.preset in ("", PAPER_PRESET) else f"{self.kind}-{self.preset}"

    @property
    def column(self) -> str:
        """The name in score tables, ``auditor/layer``."""
        return f"{self.auditor}/{self.layer}"

    @property
    def online(self) -> bool:
        """Return whether page and shell run it; the others are only measured."""
        return self.preset in ("", PAPER_PRESET)


def __getattr__(name: str) -> Any:
    """Return what ``kinds`` defines, which imports torch; code of this package imports it from there."""
    if name not in ("AUDITOR_KINDS", "build", "specs"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("mint.auditors.kinds"), name)
