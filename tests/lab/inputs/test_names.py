"""One rule for the names of persons: the same people are the same, whatever the source and however it writes them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.errors import BadInput
from mint.lab.inputs.columns import person_text
from mint.lab.store.census import take_census
from mint.lab.store.run import sources
from tests.lab.inputs.record_writer import insightface, written
from tests.lab.inputs.sources import jpeg, tar, who, write

NUMBERS = ["0", "1", "7"]
NAMES = [*NUMBERS, "-1", "7.5", "007", "Zoë", "ann"]
Make = Callable[[Path, Sequence[str]], Path]


def decomposed(name: str) -> str:
    """A name as a Mac's file system and some exports write it."""
    return unicodedata.normalize("NFD", name)


def pointed(name: str) -> str:
    return f"{name}.0" if name.lstrip("-").isdigit() else decomposed(name)


def lines(name: str, separator: str = ",", head: str = "path") -> Make:
    def make(place: Path, people: Sequence[str]) -> Path:
        rows = [separator.join((head, "person")), *(f"{k}.jpg{separator}{person}" for k, person in enumerate(people))]
        return write(place, {name: "\n".join(rows), "0.jpg": b""}) / ("" if name.startswith("metadata") else name)

    return make


def json_lines(place: Path, people: Sequence[Any]) -> Path:
    rows = (json.dumps({"path": f"{k}.jpg", "person": person}) for k, person in enumerate(people))
    return write(place, {"l.jsonl": "\n".join(rows), "0.jpg": b""}) / "l.jsonl"


def table(kind: pa.DataType) -> Make:
    def make(place: Path, people: Sequence[Any]) -> Path:
        text = pa.types.is_dictionary(kind) or pa.types.is_string(kind) or "string" in str(kind)
        values = people if text else [Decimal(p) if pa.types.is_decimal(kind) else float(p) for p in people]
        column = pa.array(values, pa.float64() if pa.types.is_integer(kind) else kind).cast(kind)
        place.mkdir(parents=True)
        pq.write_table(
            pa.table({"image": [jpeg(k) for k in range(len(people))], "person": column}), place / "t.parquet"
        )
        return place / "t.parquet"

    return make


def beside(extension: str, text: Callable[[str], str]) -> Make:
    def make(place: Path, people: Sequence[str]) -> Path:
        files: dict[str, bytes | str] = {}
        for k, person in enumerate(people):
            files |= {f"{k}.jpg": jpeg(k), f"{k}.{extension}": text(person)}
        return tar(place / "s.tar", files)

    return make


def folders(place: Path, people: Sequence[str]) -> Path:
    return write(place, {f"{person.strip()}/{k}.jpg": jpeg(k) for k, person in enumerate(people)})


def records(place: Path, people: Sequence[str]) -> Path:
    some = [[jpeg(k) for k, person in enumerate(people) if float(person) == number] for number in range(8)]
    return written(place, insightface(some)) / "train.rec"


TEXTS: Mapping[str, Make] = {
    "CSV": lines("l.csv"),
    "tabs": lines("l.tsv", "\t"),
    "spaces": lines("l.lst", " "),
    "ImageFolder": lines("metadata.csv", head="file_name"),
    "JSON Lines": json_lines,
    "Parquet, text": table(pa.string()),
    "Parquet, long text": table(pa.large_string()),
    "Parquet, view": table(pa.string_view()),
    "Parquet, dictionary": table(pa.dictionary(pa.int32(), pa.string())),
    "tar, .cls": beside("cls", str),
    "tar, .cls of Windows": beside("cls", "\ufeff{}\r\n".format),
    "tar, .identity.txt": beside("identity.txt", " {}\n".format),
    "tar, .json": beside("json", lambda person: json.dumps({"person": person})),
    "tar, two that agree": lambda place, people: tar(
        place / "s.tar",
        {
            name: data
            for k, person in enumerate(people)
            for name, data in (
                (f"{k}.jpg", jpeg(k)),
                (f"{k}.cls", person.removesuffix(".0")),
                (f"{k}.json", json.dumps({"person": person})),
            )
        },
    ),
    "folder": folders,
    "tar of folders": lambda place, people: tar(
        place / "s.tar", {f"{person.strip()}/{k}.jpg": jpeg(k) for k, person in enumerate(people)}
    ),
}
NUMBERED: Mapping[str, Make] = {
    "JSON Lines, numbers": lambda place, people: json_lines(place, list(map(float, people))),
    "tar, number in .json": beside("json", lambda person: json.dumps({"person": float(person)})),
    "RecordIO": records,
    **{
        f"Parquet, {kind}": table(kind)
        for kind in (pa.float64(), pa.float32(), pa.float16(), pa.int64(), pa.uint8(), pa.decimal128(6, 2))
    },
}


@pytest.mark.parametrize("source", [*TEXTS, *NUMBERED])
def test_the_same_people_are_the_same_in_every_source(source: str, tmp_path: Path) -> None:
    names = NAMES if source in TEXTS else NUMBERS
    plain = TEXTS["CSV"](tmp_path / "plain", names)
    place = (TEXTS | NUMBERED)[source](tmp_path / "it", [*map(pointed, names), *names])
    assert sorted(set(who(place).values())) == sorted(names)
    for first, second in ((place, plain), (plain, place)):
        found = take_census(sources({"members": first, "non-members": second}))
        assert (found.shared, found.alike) == (len(names), "")


def test_a_number_that_its_column_cannot_keep_names_nobody() -> None:
    assert person_text(2.0**53 - 1, "Row 1") == "9007199254740991"
    assert person_text(Decimal("12345678901234567.0"), "Row 1") == "12345678901234567"
    with pytest.raises(BadInput, match="has more digits than"):
        person_text(12345678901234567.0, "Row 1")
