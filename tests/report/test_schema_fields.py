"""A report without one of its fields is none: what the schema describes, it also asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mint.report

SCHEMA = json.loads(Path(mint.report.__file__).with_name("schema.json").read_text(encoding="utf-8"))
FIELDS = {
    "format", "subject", "made", "time_zone", "mint", "alpha", "prior", "networks", "limits", "check", "references",
    "photos", "person", "case", "precision", "not_tested", "results",
}  # fmt: skip
# How many people a rate was counted over, and of which kind, is not always known; what opens a network depends on its kind.
# Reports of earlier versions have no templates beside their sentences. Not every report asks how many photos were used, or since when.
# Reports of persons, made before ``doubted_wrongly`` and ``one_person`` were measured, do not hold them; nor those of many photos,
# made before it was told which do not count, ``copies`` and ``left_out``; nor either, made before faces were counted that nobody
# asked about, ``other_faces``; nor those of persons, made before the photos that were not judged were named, ``not_judged``; nor
# older ones of what ``pool`` and ``outside`` say.
OPTIONAL = {
    "people", "kind", "fingerprint", "name", "sentences", "usage", "over_time", "doubted_wrongly", "one_person", "other_faces",
    "not_judged",
    "high_of_any",
}  # fmt: skip
UNTOLD = {
    "#/$defs/usage/properties/answers/items": {"copies", "left_out"},
    "#/$defs/network": {"pool", "outside"},
}


def objects(schema: Any, place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a schema that describes fields, and where it stands."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield place, schema
        for key, part in schema.items():
            yield from objects(part, f"{place}/{key}")


def test_a_report_has_these_fields_and_no_other() -> None:
    assert set(SCHEMA["required"]) == FIELDS
    assert set(SCHEMA["properties"]) == FIELDS | {"sentences", "usage", "over_time"}
    assert SCHEMA["additionalProperties"] is False


def test_what_is_described_is_asked_for() -> None:
    found = dict(objects(SCHEMA))
    assert len(found) > 15
    lacking = {
        place: set(part["properties"]) - set(part.get("required", ())) - OPTIONAL - UNTOLD.get(place, set())
        for place, part in found.items()
    }
    assert not {place: names for place, names in lacking.items() if names}
    unknown = {place: set(part.get("required", ())) - set(part["properties"]) for place, part in found.items()}
    assert not {place: names for place, names in unknown.items() if names}
