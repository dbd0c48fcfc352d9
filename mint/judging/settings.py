"""What may be asked for: the promised false-positive rate, and the belief before the test."""

from __future__ import annotations

from numbers import Real
from typing import Any

from mint.errors import BadSetting, brief

NOT_SETTINGS = "alpha is a number above 0 and below 1, and the prior a number from 0 to 1; got {alpha} and {prior}."
NOT_ALPHA = "alpha is a number above 0 and below 1; got {alpha}."


def check_settings(alpha: object, prior: object) -> None:
    """Refuse what is no promised rate or no belief: out of range, NaN, a truth value, or words.

    Raises:
        BadSetting: which is a ValueError, too.
    """
    if not (is_between(alpha, 0, 1) and alpha not in (0, 1) and is_between(prior, 0, 1)):
        raise BadSetting(NOT_SETTINGS, alpha=shown(alpha), prior=shown(prior))


def check_alpha(alpha: object) -> None:
    """Refuse what is no promised rate. Raises BadSetting."""
    if not (is_between(alpha, 0, 1) and alpha not in (0, 1)):
        raise BadSetting(NOT_ALPHA, alpha=shown(alpha))


def is_between(given: Any, least: float, most: float) -> bool:
    """Return whether something is a number from one to another: NaN lies nowhere, and a truth value is no number."""
    return _is_number(given) and bool(least <= given <= most)


def shown(given: Any) -> str:
    """Return a setting as one short line names it."""
    try:
        return str(float(given)) if _is_number(given) else brief(Exception(repr(given)))
    except OverflowError:
        return "a number that is too large"


def _is_number(given: Any) -> bool:
    return not isinstance(given, bool) and isinstance(given, Real)
