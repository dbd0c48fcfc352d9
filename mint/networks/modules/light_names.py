"""Name the canonical forms of light, and tell them in a network's description; the forms themselves need torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLAIN, STANDARDISED, EQUALISED = "", "standardised", "equalised"
LIGHT = "light"  # in a description
NAMES = (STANDARDISED, EQUALISED)


def told_of_light(form: str) -> dict[str, Any]:
    """Return what the description of a network says of its form: nothing of ``PLAIN``, so that older keys stay."""
    return {STANDARDISED: True} if form == STANDARDISED else {LIGHT: form} if form else {}


def light_of(about: Mapping[str, Any]) -> str:
    """Return the form that a description names, see ``told_of_light``.

    Raises:
        ValueError: it names none of ``NAMES``, or two.
    """
    standardised, form = about.get(STANDARDISED, False), about.get(LIGHT, PLAIN)
    if not isinstance(standardised, bool) or (LIGHT in about and (standardised or form not in NAMES)):
        raise ValueError(f"a network is shown crops in one of the forms {', '.join(NAMES)}, or as they are")
    return STANDARDISED if standardised else str(form)
