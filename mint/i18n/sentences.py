"""Sentences that remember how they were made, so that another language can tell them anew.

Nothing here reads a value or a finished text as a template: a file may be called ``{name}`` or ``100 %``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

PLACE = re.compile(r"\{(\w+)\}")
DEEPEST = 64  # of what is read from a file; a report nests to a sixth of it


class Sentence(str):
    """English text together with its template and the values in its places.

    It is a string, the finished English: it prints, compares and goes into JSON as one. Frozen, as strings are.
    """

    __slots__ = ("_template", "_values")
    _template: str
    _values: Mapping[str, str]

    def __new__(cls, template: str, /, **values: object) -> Sentence:
        """Make a sentence.

        Args:
            template: English, with ``{places}``. Without values it is the text itself, whatever braces it holds.
            values: what stands in the places. A value that is a sentence too is translated with the rest.
        """
        if isinstance(template, Sentence) and not values:
            return template
        told = {name: value if isinstance(value, Sentence) else str(value) for name, value in values.items()}
        made = super().__new__(cls, fill(template, told))
        made._template = str(template)
        made._values = MappingProxyType(told)
        return made

    @property
    def template(self) -> str:
        """The English with its places, which is the key of every translation."""
        return self._template

    @property
    def values(self) -> Mapping[str, str]:
        """What stands in the places."""
        return self._values

    def told(self, find: Callable[[str], str]) -> str:
        """Return the sentence in other words: ``find`` translates its template, and those of the sentences among its values."""
        return fill(
            find(self._template), {n: v.told(find) if isinstance(v, Sentence) else v for n, v in self._values.items()}
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to copy and pickle it: made anew, from template and values."""
        return _made, (self._template, dict(self._values))


def _made(template: str, values: Mapping[str, str]) -> Sentence:
    return Sentence(template, **values)


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put values into a template's places, once and as they are; a place without a value stays.

    Without any value the template is a finished text, and its braces are its own.
    """
    return PLACE.sub(lambda place: str(values.get(place[1], place[0])), template) if values else template


def kept(value: Any) -> dict[str, dict[str, Any]]:
    """Return the templates of all sentences in a JSON value, which JSON itself would lose.

    Returns:
        Finished English to ``{"template": …, "values": {…}}``; a sentence without values is its own template and
        is left out.
    """
    return {str(found): _parts(found) for found in _sentences(value) if found.values}


def restored(value: Any, known: Mapping[str, Any]) -> Any:
    """Return a JSON value with its texts turned into the sentences that they were.

    Args:
        value: what JSON gave back.
        known: from ``kept``.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: a template is none, or with its values it is another text.
    """
    found = {text: _checked(text, parts) for text, parts in known.items()}
    return _restored(value, found) if found else value


def _sentences(value: Any) -> Iterator[Sentence]:
    if isinstance(value, Sentence):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _sentences(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _sentences(part)


def _parts(found: Sentence) -> dict[str, Any]:
    values = {name: _parts(part) if isinstance(part, Sentence) else part for name, part in found.values.items()}
    return {"template": found.template, "values": values}


def _checked(text: str, parts: Mapping[str, Any]) -> Sentence:
    found = _sentence(parts)
    if found != text:
        raise ValueError(f"a sentence and its template differ: {text!r} and {str(found)!r}")
    return found


def _sentence(parts: Mapping[str, Any], depth: int = 0) -> Sentence:
    if depth > DEEPEST:
        raise ValueError("sentences are nested too deeply")
    if not isinstance(parts["template"], str):
        raise TypeError("a template is text")
    values = {
        name: _sentence(part, depth + 1) if isinstance(part, Mapping) else str(part)
        for name, part in parts["values"].items()
    }
    return Sentence(parts["template"], **values)


def _restored(value: Any, known: Mapping[str, Sentence], depth: int = 0) -> Any:
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(value, str):
        return known.get(value, value)
    if isinstance(value, dict):
        return {key: _restored(part, known, depth + 1) for key, part in value.items()}
    return [_restored(part, known, depth + 1) for part in value] if isinstance(value, list) else value
