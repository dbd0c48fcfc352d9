"""Answers as Parquet, which cannot be appended to: rows come from a table and a file of lines, and become one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mint.errors import CannotWrite, brief
from mint.report.answer_formats import DamagedRows
from mint.report.answer_rows import COLUMNS, Row, other_columns
from mint.storage.files import atomic

TYPES = {str: pa.string(), int: pa.int32(), float: pa.float64()}
SCHEMA = pa.schema([(name, TYPES[kind]) for name, kind in COLUMNS.items()])
ROWS_PER_GROUP = 8192  # held at a time, however many there are


def read_rows(path: Path, columns: Iterable[str] = COLUMNS) -> Iterator[Row]:
    """Yield the rows of a table, with some of their columns.

    Raises:
        DamagedRows: it is no table of answers.
    """
    wanted = list(columns)
    try:
        with pq.ParquetFile(path) as file:
            if file.schema_arrow.names != list(COLUMNS):
                raise DamagedRows(other_columns(file.schema_arrow.names))
            for batch in file.iter_batches(ROWS_PER_GROUP, columns=wanted):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise DamagedRows(f"it cannot be read ({brief(error)})") from error


def join(path: Path, rows: Iterable[Row]) -> None:
    """Write a table of what it holds already, if it is there, and of more rows. Atomic.

    Raises:
        CannotWrite: the system refuses; what was there is unchanged.
        DamagedRows: what is there is no table of answers.
    """
    rows = chain(read_rows(path) if path.exists() else (), rows)
    try:
        with atomic(path) as part, pq.ParquetWriter(part, SCHEMA, compression="zstd") as writer:
            while group := list(islice(rows, ROWS_PER_GROUP)):
                writer.write_table(pa.Table.from_pylist(group, SCHEMA))
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written ({brief(error)}). What was there is unchanged.") from error
