"""Read lists of photos: CSV and its kin with any of the usual separators, and JSON Lines.

The first lines decide which character separates, whether the columns have names, and which of them holds the picture
and the person. A line that then does not fit is refused with its number, never skipped.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mint.errors import BadInput, brief
from mint.lab.inputs.cells.fields import fields_of
from mint.lab.inputs.cells.lines import has_content, lines_of
from mint.lab.inputs.cells.names import whole
from mint.lab.inputs.cells.rows import Rows
from mint.lab.inputs.cells.separators import SEPARATORS, cells_of
from mint.lab.inputs.columns import (
    choose_image,
    choose_person,
    is_encoded,
    is_picture,
    key,
    known,
    listed,
    person_text,
    rank,
)
from mint.lab.inputs.layout import flags_of, split_column
from mint.lab.inputs.samples import Sample
from mint.lab.inputs.source import PhotoSource, Reading
from mint.lab.inputs.tables import TABLES, column_names

LISTS = (".csv", ".tsv", ".tab", ".txt", ".lst", ".jsonl", ".ndjson")
JSON_LINES = (".jsonl", ".ndjson")
METADATA = (
    "metadata.csv",
    "metadata.jsonl",
    "metadata.parquet",
)  # of a Hugging Face ImageFolder; pictures are in the column FILE_NAME
FILE_NAME = "filename"
DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a list has what: names of fields, or places."""

    image: Any
    person: Any = None
    split: Any = None
    named: str = ""  # the person's


def list_photos(fs: Any, url: str, prefix: str, reading: Reading, outer: str = "") -> Iterator[Sample]:
    """Yield the photos that a list names; relative paths are relative to the list.

    Args:
        fs: of fsspec.
        url: of the list.
        prefix: of the photos' names: the folder that the list lies in, with a slash, where that is not the given one.
        reading: what is told of columns, and to whom it is told how they were read.
        outer: the split that the list belongs to by its own path.

    Raises:
        BadInput: a line cannot be read, or it is not clear where the pictures and people stand.
    """
    rows = _records(fs, url, reading) if url.lower().endswith(JSON_LINES) else _rows(fs, url, reading)
    folder, _, name = url.rpartition("/")
    before = "" if outer else prefix
    for number, image, person, by, split in rows:
        if split is not None and not reading.take(f"{before}{split.casefold()}", outer):
            continue
        if not image:
            raise BadInput(f"Line {number} of {url} names no photo. A line is: path, person.")
        place = path_of(image, f"Line {number} of {url}", reading.note)
        there = place if place.startswith("/") or "://" in place or DRIVE.match(place) else f"{folder}/{place}"
        folders = [part for part in place.split("/")[:-1] if part not in ("", ".")]
        # Whoever lists photos has chosen them; an ImageFolder's metadata lists those of all its splits.
        if split is None and (reading.in_split(folders if name in METADATA else [], outer)) is None:
            continue
        if reading.source.by_level:
            person, by = reading.folder_person(folders, place), "the folder"
        yield reading.sample(f"{prefix}{place}", person, there, by=(by,))


def names_pictures(fs: Any, url: str) -> bool:
    """Return whether a file called like the metadata of a Hugging Face ImageFolder is that: it has ``file_name``."""
    try:
        if url.lower().endswith(TABLES):
            return any(key(name).endswith(FILE_NAME) for name in column_names(url))
        _, first = next(pair for pair in lines_of(fs, url) if has_content(*pair, url))
        if url.lower().endswith(JSON_LINES):
            return any(key(name).endswith(FILE_NAME) for name in json.loads(first))
        return any(key(name).endswith(FILE_NAME) for separator in SEPARATORS for name in cells_of(first, separator))
    except (BadInput, StopIteration, TypeError, ValueError, csv.Error, RecursionError):
        return False


_Row = tuple[int, str, str | None, str, str | None]  # number of the line, picture, person, what names that one, split


def _rows(fs: Any, url: str, reading: Reading) -> Iterator[_Row]:
    """Yield what a list with separators says, line by line."""
    rows = Rows(fs, url, _asked(reading.source))
    if not rows.first:
        return
    headed = _headed(rows.first, rows.second, reading.source)
    columns = _columns(rows.first, rows.second if headed else rows.first, headed, url, reading)
    for number, cells in rows.below(headed):
        person = None if columns.person is None else cells[columns.person]
        split = None if columns.split is None else whole(cells[columns.split])
        yield number, cells[columns.image], person, f"the column {columns.named}", split


def _columns(first: list[str], sample: list[str], headed: bool, url: str, reading: Reading) -> _Columns:
    """Find the columns by their names and by the first line of values."""
    source = reading.source
    names = list(first) if headed else [str(number) for number in range(1, len(first) + 1)]
    looks = [len(sample) == len(first) and is_picture(cell) for cell in sample[: len(first)]] + [False] * len(first)
    numbers = [i for i, cell in enumerate(sample) if cell.isdigit()]  # how many photos, or which
    image = choose_image(names, looks, source.image_column, url, numbers)

    def split(*taken: int) -> int | None:
        place = split_column(names, lambda place: (sample + [""] * len(names))[place], taken) if headed else None
        reading.splits.column = "" if place is None else flags_of(names[place])
        return place

    if source.no_person or source.by_level:
        return _Columns(image, None, split(image))
    if not headed and source.person_column is None:
        if len(names) == 1:
            spaces = ", with --person-column and its number if spaces separate columns" if " " in first[0] else ""
            raise BadInput(
                f"{url} names photos and nobody. Say which folder of their paths is the person with --person-level (1 is the first)"
                f"{spaces}, or say --no-person: then each photo is a person of its own."
            )
        if len(names) != 2:
            raise BadInput(
                f"{url} has {len(names)} column(s) without names, so it is not clear which is the person. Say --person-column "
                "with its number, or --no-person: then each photo is a person of its own."
            )
        person = 1 - image
    else:
        person = choose_person(names, source.person_column, url, [i for i, look in enumerate(looks) if look] + [image])
    reading.named_by(names[person])
    return _Columns(image, person, split(image, person), listed([names[person]]))


def _headed(first: Sequence[str], second: Sequence[str], source: PhotoSource) -> bool:
    """Return whether the first line names the columns."""
    if any(map(is_picture, first)):
        return False
    asked = list(map(key, _asked(source)))
    if any(known(cell) or (key(cell) in asked and not cell.isdigit()) for cell in first):
        return True
    return any(map(is_picture, second)) and len(first) == len(second)


def _asked(source: PhotoSource) -> list[str]:
    """Return the columns that the user names."""
    return [name for name in (source.image_column, source.person_column) if name is not None]


def _records(fs: Any, url: str, reading: Reading) -> Iterator[_Row]:
    """Yield what JSON Lines say."""
    source, columns = reading.source, None
    for number, line in lines_of(fs, url):
        where = f"Line {number} of {url}"
        if not line.strip():
            continue
        try:
            fields = fields_of(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{where} cannot be read: {brief(error)}.") from error
        if not isinstance(fields, Mapping):
            raise BadInput(f'{where} is not of the form {{"image": "1.jpg", "person": "ann"}}.')
        if columns is None:
            names = list(fields)
            image = choose_image(names, [is_picture(fields[name]) for name in names], source.image_column, url)
            columns, person_at = _Columns(names[image]), image
            if not (source.no_person or source.by_level):
                taken = [i for i, name in enumerate(names) if i == image or is_picture(fields[name])]
                person_at = choose_person(names, source.person_column, url, taken)
                reading.named_by(names[person_at])
                columns = replace(columns, person=names[person_at], named=listed([names[person_at]]))
            split_at = split_column(names, list(fields.values()).__getitem__, (image, person_at))
            columns = replace(columns, split=None if split_at is None else names[split_at])
            reading.splits.column = flags_of(columns.split or "")
        photo, split = fields.get(columns.image), None if columns.split is None else fields.get(columns.split)
        if photo is not None and not isinstance(photo, str):
            raise BadInput(f"{where} names its photo by {str(photo)[:40]!r}, which is no path.")
        if (
            columns.person is not None
            and columns.person not in fields
            and (other := next((n for n in fields if rank(n) is not None), None))
        ):
            raise BadInput(
                f"{where} has no {columns.named}, by which the first line names the person, but {other[:60]!r}. Call both alike."
            )
        named = None if columns.person is None else person_text(fields.get(columns.person), where)
        told = None if columns.split is None else "" if split is None else whole(str(split).strip())
        yield number, (photo or "").strip(), named, f"the column {columns.named}", told


def path_of(text: str, where: str, note: Callable[[str], object]) -> str:
    """Return a path as this machine writes it.

    Args:
        text: as it stands in a list.
        where: the line, for messages.
        note: told how it was read, if that is to be told.

    Raises:
        BadInput: it is one of a machine with drives, or no path at all.
    """
    if "\0" in text:
        raise BadInput(
            f"{where} has a null character in it: it is no list in UTF-8, nor UTF-16 with a byte-order mark."
        )
    if is_encoded(text):
        raise BadInput(f"{where} holds the picture itself, as text, and not its path. Save the pictures as files.")
    if os.name != "nt" and DRIVE.match(text):
        raise BadInput(f"{where} names {text[:80]}, a path of a machine with Windows. Give paths relative to the list.")
    if "\\" in text and "://" not in text:
        note("back-slashes in paths are read as slashes")
        return text.replace("\\", "/")
    return text
