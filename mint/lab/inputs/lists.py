"""Read lists of photos: CSV and its kin with any of the usual separators, and JSON Lines.

The first lines decide which character separates, whether the columns have names, and which of them holds the picture
and the person. A line that then does not fit is refused with its number, never skipped.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fsspec

from mint.errors import BadInput, brief
from mint.lab.inputs.columns import (
    SPLITS,
    choose_image,
    choose_person,
    is_picture,
    key,
    known,
    listed,
    person_text,
)
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
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
LONGEST = 1 << 17  # characters of a line
DRIVE = re.compile(r"[A-Za-z]:[\\/]")
EXCEL = re.compile(r'"?sep=.?"?', re.IGNORECASE)  # a first line that tells Excel the separator, and says nothing else
WHOLE = re.compile(r"(-?\d+)\.0+")  # a number of a person, as programs write it that keep all numbers alike


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a list has what: names of fields, or places."""

    image: Any
    person: Any = None
    split: Any = None


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
    for number, image, person, split in rows:
        if split is not None and not reading.take(f"{before}{split.casefold()}", outer):
            continue
        if not image:
            raise BadInput(f"Line {number} of {url} names no photo. A line is: path, person.")
        place = _path(image, f"Line {number} of {url}", reading)
        there = place if place.startswith("/") or "://" in place or DRIVE.match(place) else f"{folder}/{place}"
        folders = [part for part in place.split("/")[:-1] if part not in ("", ".")]
        # Whoever lists photos has chosen them; an ImageFolder's metadata lists those of all its splits.
        if split is None and (reading.in_split(folders if name in METADATA else [], outer)) is None:
            continue
        if reading.source.person_level is not None:
            person = reading.folder_person(folders, place)
        yield reading.sample(f"{prefix}{place}", person, there)


def names_pictures(fs: Any, url: str) -> bool:
    """Return whether a file called like the metadata of a Hugging Face ImageFolder is that: it has ``file_name``."""
    try:
        if url.lower().endswith(TABLES):
            return any(key(name).endswith(FILE_NAME) for name in column_names(url))
        _, first = next(pair for pair in _lines(fs, url) if _says(*pair, url))
        if url.lower().endswith(JSON_LINES):
            return any(key(name).endswith(FILE_NAME) for name in json.loads(first))
        return any(key(name).endswith(FILE_NAME) for separator in SEPARATORS for name in _cells(first, separator))
    except (BadInput, StopIteration, TypeError, ValueError, csv.Error, RecursionError):
        return False


_Row = tuple[int, str, str | None, str | None]  # number of the line, picture, person, split


def _rows(fs: Any, url: str, reading: Reading) -> Iterator[_Row]:
    """Yield what a list with separators says, line by line."""
    lines, begin = _lines(fs, url), list[tuple[int, str]]()
    head = list(itertools.islice((pair for pair in _kept(lines, begin) if _says(*pair, url)), 2))
    if not head:
        return
    separator = _separator([text for _, text in head], reading.source, url)
    first, sample = (_cells(text, separator) for text in (head[0][1], head[-1][1]))
    headed = _headed(first, sample, reading.source)
    columns = _columns(first, sample if headed else first, headed, url, reading)
    at, within = [head[0][0]], [False]  # within a row whose quotes are open, what looks like a comment is none

    def counted() -> Iterator[str]:
        for number, text in itertools.chain(begin, lines):
            if within[0] or _says(number, text, url):
                at[0], within[0] = number, True
                yield text

    reader = csv.reader(counted(), delimiter=separator, strict=True, skipinitialspace=True)
    for row in itertools.count():
        within[0] = False
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise BadInput(f"Line {at[0]} of {url} cannot be read: {error}.") from error
        if row == 0 and headed:
            continue
        if len(cells) != len(first) and any(cells[len(first) :] or ["missing"]):
            raise BadInput(
                f"Line {at[0]} of {url} has {len(cells)} cells and the first line {len(first)} (separated by "
                f"{SEPARATORS[separator]}). Put cells with such a character into quotes."
            )
        if any(cells):
            person = None if columns.person is None else _whole(cells[columns.person])
            yield at[0], cells[columns.image], person, None if columns.split is None else cells[columns.split]


def _whole(person: str) -> str:
    found = WHOLE.fullmatch(person)
    return found[1] if found else person


def _columns(first: Sequence[str], sample: Sequence[str], headed: bool, url: str, reading: Reading) -> _Columns:
    """Find the columns by their names and by the first line of values."""
    source = reading.source
    names = list(first) if headed else [str(number) for number in range(1, len(first) + 1)]
    looks = [len(sample) == len(first) and is_picture(cell) for cell in sample[: len(first)]] + [False] * len(first)
    numbers = [i for i, cell in enumerate(sample) if cell.isdigit()]  # how many photos, or which
    image = choose_image(names, looks, source.image_column, url, numbers)
    split = next((i for i, name in enumerate(names) if key(name) in SPLITS), None) if headed else None
    if source.no_person or source.person_level is not None:
        return _Columns(image, None, split)
    if not headed and source.person_column is None:
        if len(names) == 1:
            raise BadInput(
                f"{url} names photos and nobody. Say which folder of their paths is the person with --person-level (1 is the first), "
                "or say --no-person: then each photo is a person of its own."
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
    if not headed and source.person_column is None and person in numbers:
        reading.numbered = names[person]
    return _Columns(image, person, split)


def _headed(first: Sequence[str], second: Sequence[str], source: PhotoSource) -> bool:
    """Return whether the first line names the columns."""
    if any(map(is_picture, first)):
        return False
    asked = [key(name) for name in (source.image_column, source.person_column) if name is not None]
    if any(known(cell) or (key(cell) in asked and not cell.isdigit()) for cell in first):
        return True
    return any(map(is_picture, second)) and len(first) == len(second)


def _separator(lines: Sequence[str], source: PhotoSource, url: str) -> str:
    """Find the one character that makes sense of the first lines.

    Raises:
        BadInput: none or several do.
    """
    asked = [name for name in (source.image_column, source.person_column) if name is not None]

    def fits(cells: Sequence[str]) -> bool:
        whole = [cell for cell in cells if not any(s in cell for s in SEPARATORS if s != " ")]
        if any(map(is_picture, cells)) or any(known(cell) or key(cell) in map(key, asked) for cell in whole):
            return True
        return any(name.isdigit() and int(name) <= len(cells) for name in asked)

    if url.lower().endswith((".tsv", ".tab")):
        return "\t"
    found = [s for s in SEPARATORS if len(cells := _cells(lines[0], s)) > 1 and (s != " " or any(cells[1:]))]
    found = [s for s in found if len(_cells(lines[-1], s)) == len(_cells(lines[0], s))] or found
    alone = fits([lines[0].strip()])
    fitting = [s for s in found if (s != " " or not alone) and any(fits(_cells(line, s)) for line in lines)]
    if len(fitting) > 1:  # a space or a comma within the cells of another separator
        fitting = [s for s in fitting if fits(_cells(lines[0], s))] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise BadInput(
            f"The lines of {url} may be separated by {' or '.join(SEPARATORS[s] for s in fitting)}. Keep one of them, and put "
            "cells with such a character into quotes."
        )
    if alone or fits([lines[-1].strip()]):
        return ","
    raise BadInput(
        f"The first line of {url} names no photo and no known column: {listed([lines[0].strip()])}. A line is: path, person; "
        "say which column is which with --image-column and --person-column."
    )


def _cells(line: str, separator: str) -> list[str]:
    try:
        text = line.strip() if separator == " " else line
        return [cell.strip() for cell in next(csv.reader([text], delimiter=separator, skipinitialspace=True), [])]
    except csv.Error:
        return []


def _records(fs: Any, url: str, reading: Reading) -> Iterator[_Row]:
    """Yield what JSON Lines say."""
    source, columns = reading.source, None
    for number, line in _lines(fs, url):
        where = f"Line {number} of {url}"
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{where} cannot be read: {brief(error)}.") from error
        if not isinstance(fields, Mapping):
            raise BadInput(f'{where} is not of the form {{"image": "1.jpg", "person": "ann"}}.')
        if columns is None:
            names = list(fields)
            image = choose_image(names, [is_picture(fields[name]) for name in names], source.image_column, url)
            columns = _Columns(names[image], None, next((name for name in names if key(name) in SPLITS), None))
            if not source.no_person and source.person_level is None:
                taken = [i for i, name in enumerate(names) if i == image or is_picture(fields[name])]
                person = names[choose_person(names, source.person_column, url, taken)]
                columns = _Columns(columns.image, person, columns.split)
                reading.named_by(person)
        photo, split = fields.get(columns.image), None if columns.split is None else fields.get(columns.split) or ""
        if photo is not None and not isinstance(photo, str):
            raise BadInput(f"{where} names its photo by {str(photo)[:40]!r}, which is no path.")
        named = None if columns.person is None else person_text(fields.get(columns.person), where)
        yield number, (photo or "").strip(), named, None if split is None else str(split)


def _path(text: str, where: str, reading: Reading) -> str:
    """Return a path as this machine writes it.

    Raises:
        BadInput: it is one of a machine with drives, or no path at all.
    """
    if "\0" in text:
        raise BadInput(
            f"{where} has a null character in it: it is no list in UTF-8, nor UTF-16 with a byte-order mark."
        )
    if os.name != "nt" and DRIVE.match(text):
        raise BadInput(f"{where} names {text[:80]}, a path of a machine with Windows. Give paths relative to the list.")
    if "\\" in text and "://" not in text:
        reading.note("back-slashes in paths are read as slashes")
        return text.replace("\\", "/")
    return text


def _kept(lines: Iterator[tuple[int, str]], into: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Pass lines on and keep them."""
    for pair in lines:
        into.append(pair)
        yield pair


def _says(number: int, line: str, url: str) -> bool:
    """Return whether a line is neither empty nor a comment.

    Raises:
        BadInput: it may be a comment or a row.
    """
    if not line.lstrip().startswith("#"):
        return bool(line.strip()) and not (number == 1 and EXCEL.fullmatch(line.strip()))
    spaced = line.lstrip().startswith("# ")
    rows = [cells for separator in SEPARATORS if separator != " " and len(cells := _cells(line, separator)) > spaced]
    # Also of a picture without a name before its ending, and of one without an ending in a list that needs none.
    doubtful = any(is_picture("x" + re.sub(r"[\\/]", "x", cell)) for cells in rows for cell in cells)
    if doubtful or (not spaced and any(len(cells) > 1 and not any(map(known, cells)) for cells in rows)):
        raise BadInput(
            f"Line {number} of {url} begins with # and may be a comment or a photo. Remove it, or put its first "
            "cell into quotes."
        )
    return False


def _lines(fs: Any, url: str) -> Iterator[tuple[int, str]]:
    """Yield the numbers and texts of lines.

    Raises:
        BadInput: a line is not in the encoding that the first bytes tell, which is UTF-8 where they tell none.
    """
    with fs.open(fsspec.url_to_fs(url)[1], "rb") as file:
        start = file.read(4)
        file.seek(0)
        encoding = next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")
        if encoding.startswith("utf-8"):
            lines = iter(lambda: file.readline(LONGEST + 1), b"")
        else:
            text = io.TextIOWrapper(file, encoding=encoding, newline="")
            lines = iter(lambda: text.readline(LONGEST + 1), "")
        for number in itertools.count(1):
            try:
                line = next(lines)
                if len(line) > LONGEST:
                    raise BadInput(f"Line {number} of {url} is longer than a line of a list may be: {LONGEST} bytes.")
                line = line if isinstance(line, str) else line.decode(encoding if number == 1 else "utf-8")
            except StopIteration:
                return
            except UnicodeError as error:
                raise BadInput(
                    f"Line {number} of {url} is not {encoding[:6].upper()} ({brief(error)}). Save the list as UTF-8."
                ) from error
            if "\0" in line:
                raise BadInput(
                    f"Line {number} of {url} has null characters in it: it is neither UTF-8, nor UTF-16 with a byte-order mark."
                )
            yield number, line
