"""Read photos from tables: Parquet and Arrow files, such as those of a Hugging Face dataset on disk.

Read with pyarrow, a row group at a time; the package ``datasets`` is not needed. The column of pictures is told by what
is in it: bytes that begin as those of a picture, or else names of picture files.
"""

from __future__ import annotations

import bisect
import itertools
import json
import posixpath
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from mint.errors import BadInput, brief
from mint.lab.inputs.cells.pictures import MAGIC, first_picture, kind_of, may_name, picture_in
from mint.lab.inputs.columns import (
    IMAGES,
    choose_image,
    choose_person,
    find,
    is_encoded,
    is_picture,
    key,
    listed,
    person_text,
    rank,
)
from mint.lab.inputs.layout import flags_of, split_column, split_of_photo

TABLES = (".parquet", ".arrow")
METADATA = "metadata.parquet"  # of an ImageFolder: its pictures are files, and their folders say the split
KEPT = 2  # row groups in memory: two threads may stand on either side of a border
LOOKED_AT = 8  # values of a column
DAMAGED = (pa.ArrowException, OSError, ValueError, KeyError, IndexError, OverflowError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class TableRows:
    """What a table says of its photos.

    Attributes:
        pictures: the column that holds them.
        people: the column that names their people, or None.
        split: whether a column tells splits apart.
        flags: the name of that column, where it says yes and no or the like, else "".
        rows: the person and the split of each; None where it names none.
    """

    pictures: str
    people: str | None
    split: bool
    flags: str
    rows: Iterator[tuple[str | None, str | None]]


def open_rows(
    file: str, image_column: str | None = None, person_column: str | None = None, named: bool = True
) -> TableRows:
    """Open a table.

    Args:
        file: path or URL of a Parquet file, or path of an Arrow file.
        image_column: that holds the pictures, where the user says so.
        person_column: that names the person, likewise.
        named: whether people are asked for at all.

    Raises:
        BadInput: not such a file, it holds no pictures, or it is not clear which column holds what.
    """
    table = _Table(file)
    names, pictures = table.schema.names, table.pictures(image_column)
    nameable = [may_name(field.type) for field in table.schema]
    taken = [i for i, fits in enumerate(nameable) if not fits or i == pictures]
    person = None
    if named:
        passed = [*taken, *(i for i, look in enumerate(table.looks) if look and i not in taken)]
        if person_column is None:
            _check_types(table, [i for i in taken if i != pictures], passed)
        person = choose_person(names, person_column, file, passed)
    flags = [i for i, field in enumerate(table.schema) if pa.types.is_boolean(field.type)]
    others = [i for i in taken if i not in flags] + ([] if person is None else [person])
    split = split_column(names, table.first_value, others)
    listed_in_all = posixpath.basename(file) == METADATA and split is None and table.looks[pictures] is str
    paths = names[pictures] if listed_in_all else None
    people, splits = (None if place is None else names[place] for place in (person, split))
    told = split is not None or listed_in_all
    return TableRows(names[pictures], people, told, flags_of(splits or ""), _rows(table, people, splits, paths))


def _check_types(table: _Table, unfit: Sequence[int], passed: Sequence[int]) -> None:
    """Refuse a column that is called like the first choice for the person's, and is of a type that names nobody.

    Raises:
        BadInput: another column would be taken in its place.
    """
    names = table.schema.names
    known = [found for i, name in enumerate(names) if i not in passed and (found := rank(name)) is not None]
    for i in unfit:
        kind, found = table.schema.field(i).type, rank(names[i])
        if found is not None and not pa.types.is_boolean(kind) and (not known or found < min(known)):
            raise BadInput(
                f"The column {listed([names[i]])} of {table.file} seems to name the person and is of type {str(kind)[:80]}: neither a "
                "text nor a number. Save it as one, or say which column names the person with --person-column."
            )


def column_names(file: str) -> list[str]:
    """Return the names of a table's columns; errors as in ``open_rows``."""
    return list(_Table(file).schema.names)


def _rows(
    table: _Table, person: str | None, split: str | None, paths: str | None
) -> Iterator[tuple[str | None, str | None]]:
    for group in range(len(table.starts) - 1):
        none: list[str | None] = [None] * (table.starts[group + 1] - table.starts[group])
        people, splits = (none if column is None else table.texts(group, column) for column in (person, split))
        if paths is not None:
            splits = [split_of_photo((path or "").split("/")[:-1])[0] for path in table.texts(group, paths)]
        yield from zip(people, splits, strict=True)


class Tables:
    """Read pictures by table and row, keeping tables open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: dict[tuple[str, int, str], pa.ChunkedArray] = {}
        self._table: _Table | None = None

    def read(self, file: str, row: int, column: str | None = None) -> bytes | str:
        """Return the bytes of a row's picture, or the path of the file that the row names.

        Raises:
            BadInput: not a table, or it holds no pictures.
            BadPhoto: the row holds several pictures.
            FileNotFoundError: the row has neither.
        """
        with self._lock:
            table = self._opened(file)
            column = table.schema.names[table.pictures(None)] if column is None else column
            group = bisect.bisect_right(table.starts, row) - 1
            if (file, group, column) not in self._groups:
                while len(self._groups) >= KEPT:
                    del self._groups[next(iter(self._groups))]
                self._groups[file, group, column] = table.read(group, column)
            value = picture_in(self._groups[file, group, column][row - table.starts[group]].as_py())
        if value is None:
            raise FileNotFoundError(f"row {row} of {posixpath.basename(file)} has no picture")
        if isinstance(value, bytes) or value.startswith("/") or "://" in value:
            return value
        return posixpath.join(posixpath.dirname(file), value.replace("\\", "/"))

    def place(self, file: str, row: int, column: str | None) -> str | None:
        """Return the path of the file that a row names, or None where the table holds the picture; errors as in ``read``."""
        with self._lock:
            table = self._opened(file)
            held = table.looks[table.pictures(column)] is not str
        return None if held else str(self.read(file, row, column))

    def _opened(self, file: str) -> _Table:
        self._table = self._table if self._table is not None and self._table.file == file else _Table(file)
        return self._table


class _Table:
    """One open table. ``starts`` has the first row of each group, and the total at its end."""

    def __init__(self, file: str) -> None:
        self.file = file
        try:
            self.schema, sizes, self._read = _parquet(file) if file.lower().endswith(".parquet") else _arrow(file)
            about = json.loads((self.schema.metadata or {}).get(b"huggingface", b"{}"))
            features = (about.get("info") or {}).get("features") or {}
            self.features: Mapping[str, Any] = {name: f for name, f in features.items() if isinstance(f, Mapping)}
            self.schema.names  # noqa: B018  # damaged names are found here
        except DAMAGED as error:
            raise self._damaged(error) from error
        self.starts = [0, *itertools.accumulate(sizes)]
        self._chosen: int | None = None

    def read(self, group: int, column: str, most: int | None = None) -> pa.ChunkedArray:
        """Return a column of a row group, or its first values.

        Raises:
            BadInput: it is damaged.
        """
        try:
            found = self._read(group, column, most)
        except DAMAGED as error:
            raise self._damaged(error) from error
        promised = self.starts[group + 1] - self.starts[group]
        if most is None and len(found) != promised:  # pyarrow does not compare: rows would stand beside others' people
            raise BadInput(
                f"{self.file} is not a whole table: {column} has {len(found)} values in {promised} rows. Get it again."
            )
        return found

    def first_value(self, place: int) -> Any:
        """Return the first value of a column, or None where there is none; errors as in ``read``."""
        group = next((k for k, (a, b) in enumerate(itertools.pairwise(self.starts)) if b > a), None)
        found = [] if group is None else self.values(group, self.schema.names[place], 1)
        return found[0] if found else None

    def texts(self, group: int, column: str) -> list[str | None]:
        """Return what a column says: names of people or splits.

        Raises:
            BadInput: it is damaged, or says something that is no name.
        """
        classes = self.features.get(column, {}).get("names")
        found = []
        for row, value in enumerate(self.values(group, column), self.starts[group]):
            if isinstance(classes, list) and isinstance(value, int):  # -1 is datasets' word for none
                if value >= len(classes):
                    raise BadInput(
                        f"Row {row} of {self.file} is of class {value}, and {column} has {len(classes)} classes."
                    )
                value = classes[value] if value >= 0 else None
            value = str(value) if isinstance(value, bool) else value  # only a split is asked for in a column of these
            found.append(person_text(value, f"Row {row} of {self.file}"))
        return found

    def values(self, group: int, column: str, most: int | None = None) -> list[Any]:
        """Return a column of a row group as Python values; errors as in ``read``."""
        found = self.read(group, column, most)
        try:
            return list(found.to_pylist())
        except DAMAGED as error:
            raise self._damaged(error) from error

    @cached_property
    def looks(self) -> list[type | None]:
        """What a column holds: ``bytes`` of pictures, ``str`` names of picture files, None of either."""
        found: list[type | None] = []
        for field in self.schema:
            looked: type | None = None
            if kind_of(field.type) and self.schema.names.count(field.name) == 1 and self.starts[-1]:
                group = next(k for k, (a, b) in enumerate(itertools.pairwise(self.starts)) if b > a)
                values = [first_picture(value) for value in self.values(group, field.name, LOOKED_AT)]
                if any(isinstance(value, bytes) and MAGIC.match(value) for value in values):
                    looked = bytes
                elif any(map(is_picture, values)):
                    looked = str
            found.append(looked)
        return found

    def pictures(self, told: str | None) -> int:
        """Return the place of the column of pictures.

        Raises:
            BadInput: there is none, or there are several.
        """
        if self._chosen is None or told is not None:
            self._chosen = self._pictures(told)
        return self._chosen

    def _pictures(self, told: str | None) -> int:
        names, kinds = self.schema.names, [kind_of(field.type) for field in self.schema]
        if told is not None:
            place = find(names, told, "--image-column", self.file)
            if kinds[place] is None:
                raise BadInput(
                    f"The column {told} of {self.file} is of type {self.schema.field(place).type}: no pictures."
                )
            return place
        images = [i for i, name in enumerate(names) if self.features.get(name, {}).get("_type") == "Image"]
        among = [i for i in (images or range(len(names))) if kinds[i] is not None]
        held = [i for i in among if self.looks[i] is bytes]
        if len(held) > 1 or (not held and len(images) > 1):
            several = [names[i] for i in held or images]
            raise BadInput(
                f"{self.file} has several columns of pictures: {listed(several)}. Say which one is meant with --image-column."
            )
        if held:
            return held[0]
        stored = [i for i in among if kinds[i] is bytes]
        if stored and not any(self.looks[i] for i in among):  # of a kind that is not known, or rows without a picture
            named = [i for i in among if key(names[i]) in IMAGES]
            unread = [i for i, name in enumerate(names) if kinds[i] is None and key(name) in IMAGES]
            if unread and not named:
                field = self.schema.field(unread[0])
                raise BadInput(
                    f"The column {field.name} of {self.file} is of type {str(field.type)[:80]}: no pictures. Save them as bytes, or "
                    "say which column holds them with --image-column."
                )
            among = [i for i in stored if i in named] or named or stored
            if len(among) == 1 and kinds[among[0]] is bytes:
                return among[0]
        if not among:
            raise BadInput(
                f"{self.file} has no column of pictures; it has {listed(names)}. Say which one it is with --image-column."
            )
        looks = [self.looks[i] is str for i in among]
        place = among[choose_image([names[i] for i in among], looks, None, self.file)]
        if kinds[place] is str and is_encoded(self.first_value(place)):
            raise BadInput(
                f"The column {names[place]} of {self.file} holds its pictures as text, in base64 or the like. Save them as bytes."
            )
        return place

    def _damaged(self, error: BaseException) -> BadInput:
        return BadInput(f"{self.file} is not a whole table: {brief(error)}. Get it again.")


_Opened = tuple[pa.Schema, list[int], Callable[[int, str, int | None], pa.ChunkedArray]]


def _parquet(file: str) -> _Opened:
    fs, path = fsspec.url_to_fs(file)
    parquet = pq.ParquetFile(fs.open(path, "rb"))
    sizes = [parquet.metadata.row_group(k).num_rows for k in range(parquet.num_row_groups)]

    def read(group: int, column: str, most: int | None) -> pa.ChunkedArray:
        if most is None:
            return parquet.read_row_group(group, [column])[column]
        first = next(parquet.iter_batches(most, [group], [column]), None)
        some = [] if first is None else [first.column(column)]
        return pa.chunked_array(some, parquet.schema_arrow.field(column).type)

    return parquet.schema_arrow, sizes, read


def _arrow(file: str) -> _Opened:
    """Map an Arrow file of ``Dataset.save_to_disk`` or of the cache of ``datasets``."""
    if "://" in file:
        raise BadInput(f"{file} is an Arrow file, which can only be read here. Copy it, or save it as Parquet.")
    source = pa.memory_map(file)
    try:
        reader = pa.ipc.open_stream(source)
        batches: Sequence[pa.RecordBatch] = list(reader)
    except pa.ArrowInvalid:
        reader = pa.ipc.open_file(source)
        batches = [reader.get_batch(k) for k in range(reader.num_record_batches)]

    def read(group: int, column: str, most: int | None) -> pa.ChunkedArray:
        found = batches[group].column(column).slice(0, most)
        found.validate(full=True)  # a file is mapped as it is, and damaged offsets lead out of it
        return pa.chunked_array([found])

    return reader.schema, [len(batch) for batch in batches], read
