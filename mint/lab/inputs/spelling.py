"""Names of people that differ only in how they are written: ``Anna`` and ``anna``, ``Ben Miller`` and ``ben_miller``, ``7`` and ``007``.

They stay different people, as some sets mean them. But of two that are one person, one half may train the auditors and the
other test them, and other photos of a member's would count as a stranger's. So they are told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

NAMES_LOOKED_AT = 1 << 16  # different ones of a side: what is written by hand is shorter
SPLITS_WORDS = "ZPSC"  # Unicode's kinds of characters: spaces, punctuation, symbols, controls
INVISIBLE = "Cf"  # joiners and the like
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def spelling(name: str) -> str:
    """Return what is left of a name without case, accents, width, what stands between its words, and zeros in front of numbers."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    kinds = ((c, unicodedata.category(c)) for c in parts if not unicodedata.combining(c))
    plain = "".join(" " if kind[0] in SPLITS_WORDS else c for c, kind in kinds if kind != INVISIBLE)
    return _ZEROS.sub("", " ".join(plain.split())) or name


class Spellings:
    """The names of one side by their spelling, of the first ``NAMES_LOOKED_AT``."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self.names: dict[str, list[str]] = {}

    def add(self, name: str) -> None:
        """Take a name into account; one that is known costs nothing."""
        if name not in self._known and len(self._known) < NAMES_LOOKED_AT:
            self._known.add(name)
            self.names.setdefault(spelling(name), []).append(name)

    @property
    def alike(self) -> list[list[str]]:
        """Names that are alike but for how they are written."""
        return [names for names in self.names.values() if len(names) > 1]

    @property
    def few(self) -> frozenset[str]:
        """The names, where there are three at most."""
        return frozenset(self._known) if len(self._known) <= 3 else frozenset()


def alike_line(first: Spellings, second: Spellings) -> str:
    """Return in words which names of two sides, none of which is on both as it stands, are alike; "" where none are."""
    pairs = {
        text: (names[0], other[0])
        for text, names in first.names.items()
        if (other := second.names.get(text)) and not set(names) & set(other)
    }
    return _told(pairs, "on both sides") if pairs else ""


def alike_rule(names: Spellings) -> str:
    """Return in words which names of one side are alike; "" where none are."""
    found = {names_[0]: (names_[0], names_[1]) for names_ in names.alike}
    return _told(found, "") if found else ""


def _told(pairs: Mapping[str, tuple[str, str]], where: str) -> str:
    one, other = next(iter(pairs.values()))
    many = "1 name" if len(pairs) == 1 else f"{len(pairs)} names"
    place = f" {where}" if where else ""
    return (
        f"{many}{place} in several spellings, such as {ascii_if_alike(one, other)}, taken for different people: "
        "write them alike if they are one"
    )


def ascii_if_alike(one: str, other: str) -> str:
    """Return two names as they are read, or, where they look the same, so that the difference is seen."""
    seen = [" ".join(unicodedata.normalize("NFKC", name).split())[:60] for name in (one, other)]
    printable = one.isprintable() and other.isprintable() and seen[0] != seen[1]
    return " and ".join(repr(name[:60]) if printable else ascii(name[:60]) for name in (one, other))
