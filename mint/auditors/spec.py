"""Spec: an auditor's kind, layer and preset."""

from __future__ import annotations

from dataclasses import dataclass

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
