"""How a person's name is written, whatever names the person: a cell, a field, a file of a sample, a label or a folder."""

from __future__ import annotations

import re
import unicodedata

WHOLE = re.compile(r"(-?\d+)\.0+")  # a number, as programs write it that keep all numbers alike


def person_name(text: str) -> str | None:
    """Return a name without spaces around it, composed (NFC) and, of a whole number, without ``.0``; None where nothing is left.

    Two sources that name one person must come to one name here: what differs is another person to every split.
    """
    return whole(unicodedata.normalize("NFC", text.strip())) or None


def whole(number: str) -> str:
    """Return ``7`` for ``7.0``, and any other text as it is."""
    found = WHOLE.fullmatch(number)
    return found[1] if found else number
