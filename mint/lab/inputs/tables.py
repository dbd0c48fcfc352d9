"""Read photos from tables: Parquet and Arrow files of a Hugging Face dataset on disk.

Read with pyarrow, a row group at a time; the package ``datasets`` is not needed.
"""

from __future__ import annotations

import bisect
import itertools
import json
import posixpath
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from mint.errors import BadInput

TABLES = (".parquet", ".arrow")
NAMES = ("identity", "person", "label", "name", "class")  # what columns and fields that tell the person are called
KEPT = 2  # row groups in memory: two threads may stand on either side of a border


def people(file: str) -> Iterator[str | None]:
    """Return the person of every row of a table, or None where no column tells.

    Args:
        file: path or URL of a Parquet file, or path of an Arrow file.

    Raises:
        BadInput: not such a file, or it holds no pictures.
    """
    table = _Table(file)
    column = next((name for name in NAMES if name in table.schema.names), None)
    if column is None:
        yield from itertools.repeat(None, table.starts[-1])
        return
    classes = table.features.get(column, {}).get("names")
    for group in range(len(table.starts) - 1):
        for value in table.read(group, column).to_pylist():
            named = classes[value] if classes and isinstance(value, int) and value >= 0 else value
            yield None if named is None else str(named)


class Tables:
    """Read pictures by table and row, keeping tables open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: dict[tuple[str, int], pa.ChunkedArray] = {}
        self._table: _Table | None = None

    def read(self, file: str, row: int) -> bytes | str:
        """Return the bytes of a row's picture, or the path of the file that the row names.

        Raises:
            BadInput: not a table, or it holds no pictures.
            FileNotFoundError: the row has neither.
        """
        with self._lock:
            if self._table is None or self._table.file != file:
                self._table = _Table(file)
            table = self._table
            group = bisect.bisect_right(table.starts, row) - 1
            if (file, group) not in self._groups:
                while len(self._groups) >= KEPT:
                    del self._groups[next(iter(self._groups))]
                self._groups[file, group] = table.read(group, table.pictures)
            value = self._groups[file, group][row - table.starts[group]].as_py()
        if isinstance(value, Mapping):
            data, path = value.get("bytes"), value.get("path")
            value = data if data is not None or not path else posixpath.join(posixpath.dirname(file), path)
        if value is None:
            raise FileNotFoundError(f"row {row} of {posixpath.basename(file)} has no picture")
        found: bytes | str = value
        return found


class _Table:
    """One open table. ``starts`` has the first row of each group, and the total at its end."""

    def __init__(self, file: str) -> None:
        self.file = file
        try:
            opened = _parquet(file) if file.endswith(".parquet") else _arrow(file)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise BadInput(f"{file} is not a whole table: {error}. Get it again.") from error
        self.schema, sizes, self.read = opened
        self.starts = [0, *itertools.accumulate(sizes)]
        about = json.loads((self.schema.metadata or {}).get(b"huggingface", b"{}"))
        self.features: Mapping[str, Any] = about.get("info", {}).get("features", {})

    @property
    def pictures(self) -> str:
        """The column of pictures: a Hugging Face ``Image``, else the first with bytes."""
        for name, feature in self.features.items():
            if isinstance(feature, Mapping) and feature.get("_type") == "Image":
                return name
        for field in self.schema:
            kinds = {inner.name: inner.type for inner in field.type} if pa.types.is_struct(field.type) else {}
            kind = kinds.get("bytes", field.type)
            if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
                return str(field.name)
        raise BadInput(f"{self.file} has no column of pictures. It has {', '.join(self.schema.names)}.")


_Opened = tuple[pa.Schema, list[int], Callable[[int, str], pa.ChunkedArray]]


def _parquet(file: str) -> _Opened:
    fs, path = fsspec.url_to_fs(file)
    parquet = pq.ParquetFile(fs.open(path, "rb"))
    sizes = [parquet.metadata.row_group(k).num_rows for k in range(parquet.num_row_groups)]
    return parquet.schema_arrow, sizes, lambda group, column: parquet.read_row_group(group, [column])[column]


def _arrow(file: str) -> _Opened:
    """Map an Arrow file of ``Dataset.save_to_disk`` or of the cache of ``datasets``."""
    if "://" in file:
        raise BadInput(f"{file} is an Arrow file, which can only be read here. Copy it, or save it as Parquet.")
    source = pa.memory_map(file)
    try:
        reader = pa.ipc.open_stream(source)
        batches = list(reader)
    except pa.ArrowInvalid:
        reader = pa.ipc.open_file(source)
        batches = [reader.get_batch(k) for k in range(reader.num_record_batches)]

    def read(group: int, column: str) -> pa.ChunkedArray:
        return pa.chunked_array([batches[group].column(column)])

    return reader.schema, [len(batch) for batch in batches], read
