"""Translate sentences. The English text is the key, as in gettext.

What a visitor reads is written in English where it is rendered and goes through a ``Say``. What is finished further
down, an error or a verdict's reason, comes as a ``Sentence``, which is told by its template.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mint.i18n.sentences import PLACE, Sentence

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
DEFAULT = "en"
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

        A ``Sentence`` is told by its template and brings its own values. A finished text that is none stays English
        unless the table has it as it stands. Values are put in as they are: escape them first where it matters.
        """
        if isinstance(english, Sentence):
            return english.told(self._find)
        text = self._find(english)
        return PLACE.sub(lambda place: str(values[place[1]]), text) if values else text

    def knows(self, english: str) -> bool:
        """Return whether a sentence can be told in this language."""
        template = english.template if isinstance(english, Sentence) else english
        return self.language == DEFAULT or unbroken(template) in self._table

    def name(self, name: str) -> str:
        """Translate a name that this program gave, such as "Photo 3"; any other stays as somebody gave it."""
        return self(name) if isinstance(name, Sentence) else name

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


ENGLISH = Say()
