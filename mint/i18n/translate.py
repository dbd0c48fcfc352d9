"""Translate sentences. The English text is the key, as in gettext.

What a visitor reads is written in English where it is rendered and goes through a ``Say``. Sentences
that were finished further down, an error's or a verdict's reason, are recognised by their pattern
and told again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
DEFAULT = "en"
_PLACE = re.compile(r"\{(\w+)\}")
_UNIT = re.compile(r"(?<=[\d}])(?: (?=%)|(?=%(?!\w)))")  # none at "1%20", which is part of an address


class Say:
    """A translator into one language.

    Args:
        language: a key of ``LANGUAGES``.
        strict: raise KeyError for a sentence without a translation, where tests look for gaps.
    """

    def __init__(self, language: str = DEFAULT, strict: bool = False) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"there is no language {language!r}, only {', '.join(LANGUAGES)}")
        self.language = language
        self._strict = strict
        self._table = table(language)

    def __call__(self, english: str, /, **values: object) -> str:
        """Translate a sentence and fill its ``{places}``.

        Values are put in as they are: escape them first where it matters.
        """
        text = self._find(english)
        return _PLACE.sub(lambda place: str(values[place[1]]), text) if values else text

    def again(self, finished: str) -> str:
        """Translate a finished sentence; an unknown one is returned as ``unbroken`` gives it."""
        finished = unbroken(finished)
        told = finished if self.language == DEFAULT else self._recognised(finished)
        if told is None and self._strict:
            raise KeyError(finished)
        return finished if told is None else told

    def _recognised(self, finished: str) -> str | None:
        """Translate a finished sentence by its pattern, and what stands in its places."""
        if finished in self._table:
            return self._table[finished]
        for pattern, told in _patterns(self.language):
            if found := pattern.fullmatch(finished):
                parts = {name: self._recognised(value) or value for name, value in found.groupdict().items()}
                return _PLACE.sub(lambda place, parts=parts: parts[place[1]], told)  # type: ignore[misc]
        return None

    def _find(self, english: str) -> str:
        english = unbroken(english)
        if self.language == DEFAULT:
            return english
        if self._strict:
            return self._table[english]
        return self._table.get(english, english)


def unbroken(text: str) -> str:
    """Put a narrow no-break space before every "%", as ``percent`` writes it."""
    return _UNIT.sub("\u202f", text)


def chosen(asked: str | None, accepted: str | None) -> str:
    """Choose the language of a visitor.

    Args:
        asked: what the address asks for (``?lang=es``); it wins where there is such a language.
        accepted: the browser's ``Accept-Language`` header (RFC 9110, section 12.5.4).
    """
    if asked in LANGUAGES:
        return str(asked)
    wishes = []
    for number, part in enumerate((accepted or "").split(",")):
        name, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((-float(quality or 1), number, name.split("-")[0].strip().lower()))
        except ValueError:
            continue
    return next((name for weight, _, name in sorted(wishes) if weight < 0 and name in LANGUAGES), DEFAULT)


@cache
def table(language: str) -> Mapping[str, str]:
    """Return the table from English to ``language``; empty for English."""
    path = Path(__file__).with_name(f"{language}.json")
    found: dict[str, str] = json.loads(path.read_text("utf-8")) if language != DEFAULT else {}
    return {unbroken(english): unbroken(told) for english, told in found.items()}


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return sentences with places as patterns, the longest first, so that the closest fits."""
    found = []
    for english, told in sorted(table(language).items(), key=lambda pair: -len(pair[0])):
        if _PLACE.search(english):
            parts = _PLACE.split(english)
            pattern = "".join(_group(p, p in parts[1:i:2]) if i % 2 else re.escape(p) for i, p in enumerate(parts))
            found.append((re.compile(pattern, re.DOTALL), told))
    return tuple(found)


def _group(place: str, again: bool) -> str:
    """Return the regex group of a place; where the place comes again, the same text must."""
    return f"(?P={place})" if again else f"(?P<{place}>.+?)"


ENGLISH = Say()
