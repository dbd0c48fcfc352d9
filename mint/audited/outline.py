"""Outline: the sizes of what a network shows, which is all that its auditors are shaped by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mint.audited.base import AuditedNetwork


@dataclass(frozen=True, slots=True)
class Outline:
    """What there is to read of a network.

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
        """Of a network; runs it once."""
        return cls(tuple(tap.name for tap in network.taps), network.shapes(), network.head is not None)
