"""Numbers as a reader sees them: short, never pretending to more digits than there are, alike in every language."""

from __future__ import annotations


def percent(value: float) -> str:
    """0.0312 as "3.1 %"; small shares keep a second digit, so that a rate never looks like zero."""
    share = 100 * value
    if share == 0 or share >= 99.95:
        text = f"{share:.0f}"
    elif share < 0.1:
        text = f"{share:.2g}"
    else:
        text = f"{share:.1f}"
    return f"{text}\u202f%"


def membership(value: float) -> str:
    """A calibrated probability, without pretending to more digits than calibration has."""
    if value < 0.01:
        return "<\u202f1\u202f%"
    if value > 0.99:
        return ">\u202f99\u202f%"
    return f"{100 * value:.0f}\u202f%"


def p_value(value: float) -> str:
    """Two significant digits, never in powers of ten."""
    if value >= 0.1:
        return f"{value:.2f}"
    return f"{value:.4f}" if value >= 0.001 else f"{value:.5f}"


def count(value: int) -> str:
    """12345 as "12 345"."""
    return f"{value:,}".replace(",", "\u202f")


def span(low: str, high: str) -> str:
    """Two ends of an interval, which no line break may part."""
    return f"{low}\u2060–\u2060{high}"
