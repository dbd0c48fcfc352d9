"""What MINT's own walk over a schema says, against ``jsonschema``, which an installation need not have."""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import mint.report
from mint.storage.json_schema import FORMATS, LIMITS, SIZES, check_schema

REPORTS = Path(mint.report.__file__).parent
STORED = Path(__file__).parents[1] / "report" / "data"
NAMES = ("photos", "person")
SCHEMA = json.loads((REPORTS / "schema-1.json").read_text("utf-8"))
KNOWN = {
    *LIMITS, *SIZES, "contentEncoding", "contentMediaType", "$defs", "$id", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "enum", "format",
    "items", "oneOf", "pattern", "properties", "propertyNames", "required", "title", "type",
}  # fmt: skip


def keywords(schema: Any, named: bool = False) -> Iterator[str]:
    """Every keyword of a schema; the names of ``properties`` and ``$defs`` are none."""
    if isinstance(schema, dict):
        for key, part in schema.items():
            if not named:
                yield key
            if named or key not in ("const", "enum", "required"):
                yield from keywords(part, not named and key in ("properties", "$defs"))
    elif isinstance(schema, list):
        for part in schema:
            yield from keywords(part)


@pytest.mark.parametrize("name", ["schema.json", "schema-1.json"])
def test_a_report_s_schema_has_no_word_that_is_not_looked_at(name: str) -> None:
    found = json.loads((REPORTS / name).read_text("utf-8"))
    assert set(keywords(found)) <= KNOWN
    said = json.dumps(found)
    assert {word for word in ("date", "date-time", "uri") if f'"format": "{word}"' in said} <= {*FORMATS, "uri"}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def refused(value: Any, schema: Any) -> bool:
    try:
        check_schema(value, schema)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("name", NAMES)
def test_it_refuses_what_jsonschema_refuses_but_for_what_the_schema_does_not_name(name: str) -> None:
    whole = json.loads((STORED / f"version-1-{name}.json").read_text("utf-8"))
    check_schema(whole, SCHEMA)
    dice, number = random.Random(3), len([*places(whole)])
    judge = Draft202012Validator(SCHEMA, format_checker=FormatChecker(("date",)))
    told = {True: 0, False: 0}
    for _ in range(50):
        document = copy.deepcopy(whole)
        place, key = [*places(document)][dice.randrange(number)]
        place[key] = dice.choice([None, True, 0, 1, 0.5, -3, 1.5, 7, "text", [], {}, ["x"], {"a": 1}])
        if dice.random() < 0.2:
            del place[key]
        ours = refused(document, SCHEMA)
        told[ours] += 1
        others = [fault for fault in judge.iter_errors(document) if fault.validator != "additionalProperties"]
        made_bad = isinstance(document.get("made"), str) and document["made"] == "text"
        assert ours == (bool(others) or made_bad), (key, others[:1])
    assert min(told.values()) > 5, told


@pytest.mark.parametrize(
    ("value", "schema", "words"),
    [
        (5, {"maximum": 1}, "5 is not at most 1"),
        (0, {"exclusiveMinimum": 0}, "0 is not above 0"),
        (True, {"type": "number"}, "True is not of the type number"),
        (1.5, {"type": "integer"}, "1.5 is not of the type integer"),
        (
            {"a": [{"b": "x"}]},
            {"properties": {"a": {"items": {"properties": {"b": {"enum": ["y", "z"]}}}}}},
            "a.0.b: 'x' is not",
        ),
        ({}, {"required": ["a"]}, "a is missing"),
        ([], {"minItems": 1}, "has 0 entries, not at least 1"),
        ({"q": 1}, {"propertyNames": {"enum": ["p"]}}, "q: 'q' is not 'p'"),
        ({"q": 1}, {"additionalProperties": {"type": "string"}}, "q: 1 is not of the type string"),
        ({"n": -1}, {"properties": {"n": {"anyOf": [{"type": "null"}, {"minimum": 0}]}}}, "n: -1 is not at least 0"),
        ("2026-02-31", {"type": ["string", "null"], "format": "date"}, "'2026-02-31' is no date"),
        ("zz", {"$ref": "#/$defs/a", "$defs": {"a": {"pattern": "^a"}}}, "'zz' is not written as"),
        ([1, 2], {"type": "object"}, "a list is not of the type object"),
    ],
)
def test_it_names_the_place_and_what_was_wanted(value: Any, schema: Any, words: str) -> None:
    with pytest.raises(ValueError, match="^" + words.replace(".", r"\.")):
        check_schema(value, schema)
    assert not refused(None, {"anyOf": [{"type": "string"}, {"type": "null"}]})
    assert not refused({"later": 1}, {"properties": {}, "additionalProperties": False})
