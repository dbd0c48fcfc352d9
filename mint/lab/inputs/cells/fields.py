"""What a line of JSON, or the JSON of a sample, says."""

from __future__ import annotations

import json
from typing import Any


def fields_of(text: str) -> Any:
    """Parse JSON in which no name has two values: of such, whoever reads it takes one without a word.

    Raises:
        ValueError: it is no JSON, or says two things under one name.
        RecursionError: it is nested too deep.
    """
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    for name, value in pairs:
        if fields[name] != value:
            raise ValueError(f"{name[:60]!r} stands there twice, with different values")
    return fields
