"""Hold parsed JSON to a JSON Schema: the words of draft 2020-12 that MINT's own schemas are written in, and no others.

What a schema does not name is let through: a later program may have written it, and nothing of it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from mint.storage.schema import NAME_SHOWN, refusal

Schema = Mapping[str, Any]
Place = tuple[int | str, ...]

TYPES: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
LIMITS: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = {
    "minimum": (lambda value, limit: value >= limit, "at least"),
    "exclusiveMinimum": (lambda value, limit: value > limit, "above"),
    "maximum": (lambda value, limit: value <= limit, "at most"),
    "exclusiveMaximum": (lambda value, limit: value < limit, "below"),
}
SIZES: Mapping[str, tuple[type[list[Any] | dict[str, Any]], int, str]] = {
    "minItems": (list, 1, "entries"), "maxItems": (list, -1, "entries"), "minProperties": (dict, 1, "names"),
}  # fmt: skip
FORMATS: Mapping[str, Callable[[str], object]] = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


class Fault(NamedTuple):
    """What is wrong, where, and whether the value is of another kind altogether: then another alternative was meant."""

    place: Place
    words: str
    other: bool = False


def check_schema(value: Any, schema: Schema) -> None:
    """Refuse a value that a schema does not allow.

    Args:
        value: parsed JSON.
        schema: with its ``$defs``.

    Raises:
        ValueError: names the first place that does not fit, and why.
    """
    fault = next(_faults(value, schema, schema, ()), None)
    if fault is not None:
        raise ValueError(refusal(fault.place, fault.words))


def _faults(value: Any, schema: Schema, root: Schema, place: Place) -> Iterator[Fault]:
    if "$ref" in schema:
        yield from _faults(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, place)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(TYPES[kind](value) for kind in kinds):
        yield Fault(place, f"{_shown(value)} is not of the type {' or '.join(kinds)}", True)
        return
    allowed = schema.get("enum", [schema["const"]] if "const" in schema else [value])
    if value not in allowed:
        yield Fault(place, f"{_shown(value)} is not {' or '.join(map(_shown, allowed))}", True)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            yield from _alternatives(value, schema[word], root, place)
    if TYPES["number"](value):
        for word, (holds, says) in LIMITS.items():
            if word in schema and not holds(value, schema[word]):
                yield Fault(place, f"{_shown(value)} is not {says} {schema[word]}")
    elif isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield Fault(place, f"{_shown(value)} is not written as {schema['pattern']}")
        if not _well_written(value, schema.get("format")):
            yield Fault(place, f"{_shown(value)} is no {schema['format']}")
    for word, (kind, sign, what) in SIZES.items():
        if word in schema and isinstance(value, kind) and sign * len(value) < sign * schema[word]:
            yield Fault(place, f"has {len(value)} {what}, not {LIMITS[word[:3] + 'imum'][1]} {schema[word]}")
    if isinstance(value, list) and "items" in schema:
        for number, part in enumerate(value):
            yield from _faults(part, schema["items"], root, (*place, number))
    elif isinstance(value, dict):
        yield from _fields(value, schema, root, place)


def _fields(value: dict[str, Any], schema: Schema, root: Schema, place: Place) -> Iterator[Fault]:
    if missing := [name for name in schema.get("required", ()) if name not in value]:
        yield Fault(place, f"{missing[0]} is missing")
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, part in value.items():
        yield from _faults(name, schema.get("propertyNames", {}), root, (*place, name))
        if name in known:
            yield from _faults(part, known[name], root, (*place, name))
        elif isinstance(others, dict):
            yield from _faults(part, others, root, (*place, name))


def _alternatives(value: Any, schemas: list[Schema], root: Schema, place: Place) -> Iterator[Fault]:
    """Yield what is wrong by the alternative that was meant: the one that the value's kind fits, else the first."""
    found = [next(_faults(value, schema, root, place), None) for schema in schemas]
    if None not in found:
        yield min((fault for fault in found if fault is not None), key=lambda fault: fault.other)


def _well_written(text: str, kind: str | None) -> bool:
    try:
        FORMATS.get(kind or "", str)(text)
    except ValueError:
        return False
    return True


def _shown(value: Any) -> str:
    return f"a {type(value).__name__}" if isinstance(value, list | dict) else f"{value!r:.{NAME_SHOWN}}"
