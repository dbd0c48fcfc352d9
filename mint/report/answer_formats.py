"""Rows as text that grows at its end: JSON Lines and CSV, and what of such a file is whole."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from mint.report.answer_rows import COLUMNS, Row, Value, other_columns
from mint.storage.files import parse_json

# A spreadsheet would compute what begins so; or it is the mark itself.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
BEGINNING = f'{{"{next(iter(COLUMNS))}": '.encode()  # of each line of JSON


class DamagedRows(ValueError):
    """A file has something else than rows in it."""


class RowFormat(ABC):
    """A kind of file that rows are appended to."""

    head: bytes = b""  # what the file begins with

    @abstractmethod
    def encode(self, rows: Iterable[Row]) -> bytes:
        """Return what is appended for some rows."""

    @abstractmethod
    def decode(self, file: BinaryIO) -> Iterator[tuple[Row, int]]:
        """Yield the rows of a file, each with the number of bytes up to its end; the last one not if it is cut off.

        Raises:
            DamagedRows: there is something else in it.
        """


class JsonLines(RowFormat):
    """One JSON object a line."""

    def encode(self, rows: Iterable[Row]) -> bytes:
        return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode()

    def decode(self, file: BinaryIO) -> Iterator[tuple[Row, int]]:
        end = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n") and line[: len(BEGINNING)] == BEGINNING[: len(line)]:
                return
            try:
                row = parse_json(line)
            except ValueError as error:
                raise DamagedRows(f"line {number} is no answer") from error
            if not isinstance(row, dict) or row.keys() != COLUMNS.keys():
                raise DamagedRows(
                    f"line {number}: {other_columns(list(row))}"
                    if isinstance(row, dict)
                    else f"line {number} is no answer"
                )
            end += len(line)
            yield row, end


class Csv(RowFormat):
    """Comma-separated values as in RFC 4180, in UTF-8: a line of names, then a record a row; nothing for None.

    A text that a spreadsheet would take for a formula, such as a photo named ``=1+1.jpg``, has an apostrophe before it, as
    OWASP advises against CSV injection; so has one that begins with an apostrophe, so that ``decode`` knows which to take away.
    """

    def __init__(self) -> None:
        self.head = _records([list(COLUMNS)])

    def encode(self, rows: Iterable[Row]) -> bytes:
        return _records([[_guarded(value) for value in row.values()] for row in rows])

    def decode(self, file: BinaryIO) -> Iterator[tuple[Row, int]]:
        end = 0

        def lines() -> Iterator[str]:
            nonlocal end
            for line in file:
                if not line.endswith(b"\n"):
                    if not end and not self.head.startswith(line):
                        raise DamagedRows("it is no table of answers")
                    return
                end += len(line)
                yield line.decode()

        number = 0
        try:
            for number, record in enumerate(csv.reader(lines(), strict=True), 1):
                if number > 1:
                    yield dict(zip(COLUMNS, map(_parsed, COLUMNS.values(), record), strict=True)), end
                elif record != list(COLUMNS):
                    raise DamagedRows(other_columns(record))
        except DamagedRows:
            raise
        except (csv.Error, ValueError) as error:
            if file.read(1):  # else it is a name with a line break in it that was cut off there
                raise DamagedRows(f"record {number + 1} is no answer") from error


def _records(records: Iterable[Iterable[Value]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(records)
    return text.getvalue().encode()


def _guarded(value: Value) -> Value:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _parsed(kind: type, text: str) -> Value:
    value: Value = kind(text.removeprefix("'")) if text else None
    return value


JSONL, CSV = JsonLines(), Csv()
