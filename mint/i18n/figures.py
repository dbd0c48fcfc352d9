"""Format numbers for readers: short, with honest digits, alike in every language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def in_100(value: float) -> str:
    """Write 0.0312 as "3.1", for "3.1 in 100"; small shares keep a second digit and never look like zero."""
    share = 100 * value
    if share == 0 or share >= 99.95:
        return f"{share:.0f}"
    return f"{share:.2g}" if share < 0.1 else f"{share:.1f}"


def percent(value: float) -> str:
    """Write 0.0312 as "3.1 %", with the digits of ``in_100``."""
    return f"{in_100(value)}\u202f%"


def membership(value: float) -> str:
    """Write a calibrated probability with no more digits than its calibration supports."""
    if value < 0.01:
        return "<\u202f1\u202f%"
    if value > 0.99:
        return ">\u202f99\u202f%"
    return f"{100 * value:.0f}\u202f%"


def p_value(value: float) -> str:
    """Write a p-value with two significant digits, never in powers of ten."""
    if value >= 0.1:
        return f"{value:.2f}"
    return f"{value:.4f}" if value >= 0.001 else f"{value:.5f}"


def at_least(bound: float) -> str:
    """Write a lower bound with two decimals, rounded down: 4.427 as "4.42", since 4.43 was not measured."""
    return f"{math.floor(100 * bound) / 100:.2f}"


def count(value: int) -> str:
    """Write 12345 as "12 345"."""
    return f"{value:,}".replace(",", "\u202f")


def glued(text: str, part: str = " %") -> str:
    """Keep each "5 %" of a text on one line, or whatever else has ``part`` in it: its spaces become non-breaking ones."""
    return text.replace(part, part.replace(" ", "\u00a0"))


def span(low: str, high: str) -> str:
    """Join two ends of an interval so that no line break parts them."""
    return f"{low}\u2060–\u2060{high}"


def interval(rate: Mapping[str, Any]) -> str:
    """Write the 95 % interval and the number of cases of a rate (``Rate.to_dict``): "1.6–3.4 %, n = 1 151"."""
    return f"{span(in_100(rate['low']), percent(rate['high']))}, n\u00a0=\u00a0{count(rate['n'])}"
