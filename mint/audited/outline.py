"""Shapes of a network's maps and embedding, by which auditors are sized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mint.audited.base import AuditedNetwork


@dataclass(frozen=True, slots=True)
class Outline:
    """The shapes of all that auditors can read of a network.

    Attributes:
        taps: their names, in the network's order.
        shapes: layer to (channels, side) of its maps; ``embedding`` has side 1.
        head: whether class centres are at hand.
    """

    taps: tuple[str, ...]
    shapes: Mapping[str, tuple[int, int]]
    head: bool

    @classmethod
    def of(cls, network: AuditedNetwork) -> Outline:
        """Return the outline of a network. Runs it once."""
        return cls(tuple(tap.name for tap in network.taps), network.shapes(), network.head is not None)
