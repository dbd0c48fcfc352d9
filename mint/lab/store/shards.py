"""A shard: what a few hundred photos showed, as two files.

``NUMBER.safetensors`` has the tensors of the photos that show a face. ``NUMBER.parquet`` has a row for
every photo, also for those that were rejected, and why; it is written last, and names the sha256 of
the other one, the samples it was made from and the store it belongs to. So a shard is there when its
rows are, and half a shard is none. Both files depend on the photos and the network alone: neither on
the run, nor on the machine that wrote them; but for one hash of the times of the photos' files, by which
a later run knows that it need not read them again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from safetensors.numpy import save

from mint.lab.inputs.source import counted
from mint.lab.store.folder import Folder
from mint.storage.files import parse_json
from mint.vision.faces import FLATNESS, QUALITIES

BOX = ("x", "y", "width", "height")
NUMBERS = (*BOX, "confidence", *QUALITIES)
SCHEMA = pa.schema(
    [("id", pa.string()), ("identity", pa.string()), ("sha256", pa.string()), ("rejected", pa.string())]
    + [(name, pa.float32()) for name in NUMBERS]
)
MARK = b"mint"
MOST_ROWS = 2**20  # of a shard, which has some hundred
MOST_ROWS_BYTES = 2**28
MOST_TEXT = 4096  # characters of a name, an address or a reason
TEXTS = [field.name for field in SCHEMA if field.type == pa.string()]
SUFFIXES = ROWS, TENSORS = ".parquet", ".safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """The extracted numbers and rows of some samples.

    Attributes:
        rows: one a sample, by the names of ``SCHEMA``. ``rejected`` says why a photo was left out and is
            empty for the others; ``sha256`` is that of the photo's bytes.
        tensors: ``PART/INGREDIENT`` to one row for each photo that was not rejected.
    """

    rows: Sequence[Mapping[str, Any]]
    tensors: Mapping[str, np.ndarray]

    @property
    def table(self) -> pa.Table:
        """Return the rows as a table of ``SCHEMA``."""
        return pa.Table.from_pylist(list(self.rows), SCHEMA)

    @property
    def rejected(self) -> int:
        """The number of rejected photos."""
        return sum(bool(row["rejected"]) for row in self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of a shard.

    Attributes:
        data: its bytes.
        table: what it holds.
        about: what it says of the shard: ``store``, ``samples``, ``tensors`` (sha256), ``bytes``, ``kept``, ``stamps``.
    """

    data: bytes
    table: pa.Table
    about: Mapping[str, Any]


@dataclass(slots=True)
class Resumed:
    """What became of the photos that an earlier run had extracted.

    Attributes:
        others: that are not what they were, such as ``first``: extracted anew.
        first: side and name of the first of them.
        compared: whose files' stamps were others or unknown, and whose bytes are the same: taken over.
        by_name: taken over by their names alone, as nothing cheap says whether they changed.
    """

    others: int = 0
    first: str = ""
    compared: int = 0
    by_name: int = 0

    def lines(self) -> list[str]:
        """Return it in words."""
        lines = []
        if self.others:
            lines.append(
                f"{counted(self.others, 'photo')} changed since an earlier run, or rejected then and not now, such as "
                f"{self.first}: extracted anew"
            )
        if self.compared:
            lines.append(
                f"{counted(self.compared, 'photo')} of an earlier run read again, as the times of the files are others or were not "
                "kept: the same bytes, taken over"
            )
        if self.by_name:
            lines.append(
                f"{counted(self.by_name, 'photo')} of an earlier run behind URLs taken over by name: whether they have changed since "
                "was not looked at. If they may have, extract into another folder"
            )
        return lines


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of a store as files.

    Attributes:
        folder: of the store.
        key: of the store; shards of another one do not count.
    """

    folder: Folder
    key: str

    def write(self, name: str, samples: str, shard: Shard, stamps: str = "") -> None:
        """Write a shard: the tensors first, then the rows that complete it.

        Args:
            name: ``SIDE/NUMBER``.
            samples: fingerprint of what it was made from.
            shard: what to write.
            stamps: of the samples' files, see ``stamps_of``.

        Raises:
            DiskFull: there is no room.
        """
        # One entry only: the order of several is left to chance by safetensors.
        tensors = save({k: np.ascontiguousarray(v) for k, v in shard.tensors.items()}, {"store": self.key})
        about = {
            "store": self.key,
            "samples": samples,
            "tensors": hashlib.sha256(tensors).hexdigest(),
            "bytes": len(tensors),
            "kept": len(shard.rows) - shard.rejected,
            "stamps": stamps,
        }
        self.folder.write(name + TENSORS, tensors)
        self.folder.write(name + ROWS, encoded(shard.table, about))

    def stamp(self, name: str, found: Rows, stamps: str) -> None:
        """Note what the files of a shard's photos are like now; errors as in ``write``."""
        self.folder.write(name + ROWS, encoded(found.table, {**found.about, "stamps": stamps}))

    def whole(self, name: str, samples: str, promised: str | None = None) -> Rows | None:
        """Return the rows of a shard of these samples if it is there, byte for byte as written.

        Args:
            name: ``SIDE/NUMBER``.
            samples: fingerprint of what it should be made from.
            promised: sha256 of its rows, where a finished store names it.
        """
        found = self.rows(name)
        if found is None or found.about["samples"] != samples:
            return None
        # Parquet's checksums do not cover all of it; what it says, written once more, does.
        if promised is None and encoded(found.table, found.about) != found.data:
            return None
        if promised is not None and hashlib.sha256(found.data).hexdigest() != promised:
            return None
        try:
            tensors = self.folder.read(name + TENSORS)
        except FileNotFoundError:
            return None
        return found if hashlib.sha256(tensors).hexdigest() == str(found.about["tensors"]) else None

    def rows(self, name: str) -> Rows | None:
        """Return the rows of a shard, or None if missing, incomplete, or of another store."""
        try:
            found = decoded(self.folder.read(name + ROWS, MOST_ROWS_BYTES))
            return found if found.about["store"] == self.key else None
        except (KeyError, MemoryError, OSError, TypeError, ValueError, pa.ArrowException):  # Arrow has no one error
            return None


def decoded(data: bytes) -> Rows:
    """Parse an untrusted file of rows.

    Raises:
        KeyError, MemoryError, OSError, TypeError, ValueError, pa.ArrowException: it is none, or holds far too much.
    """
    # Texts stay in their dictionaries until their lengths are known: a small file may repeat a long one without end.
    with pq.ParquetFile(pa.BufferReader(data), read_dictionary=TEXTS, page_checksum_verification=True) as file:
        kept = file.metadata
        written = sum(kept.row_group(k).total_byte_size for k in range(kept.num_row_groups))
        if kept.num_rows > MOST_ROWS or written > MOST_ROWS_BYTES:
            raise ValueError("more rows than a shard has")
        table = file.read()
    if table.schema.names == [name for name in SCHEMA.names if name != FLATNESS]:  # written before it was measured
        unknown = pa.nulls(len(table), pa.float32()).fill_null(float("nan"))
        table = table.add_column(SCHEMA.get_field_index(FLATNESS), SCHEMA.field(FLATNESS), unknown)
    if table.schema.names != SCHEMA.names:
        raise ValueError("other columns than a shard has")
    for name in TEXTS:
        for chunk in table[name].chunks:
            texts = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
            longest = pc.max(pc.binary_length(texts)).as_py() or 0
            if longest > MOST_TEXT:
                raise ValueError("a text longer than a shard has")
    table = table.cast(SCHEMA.with_metadata(table.schema.metadata))
    # Parquet promises UTF-8 and is not asked to keep it: Arrow finds out where a text is first used.
    table.validate(full=True)
    about = parse_json((table.schema.metadata or {})[MARK])
    if about["kept"] != pc.sum(pc.equal(table["rejected"], "")).as_py() and (about["kept"] or len(table)):
        raise ValueError("another number of photos than it says")
    return Rows(data, table, about)


def encoded(table: pa.Table, about: Mapping[str, Any]) -> bytes:
    """Encode the file of rows."""
    buffer = pa.BufferOutputStream()
    marked = table.replace_schema_metadata({MARK: json.dumps(about)})
    pq.write_table(marked, buffer, compression="zstd", write_page_checksum=True)
    data: bytes = buffer.getvalue().to_pybytes()
    return data


def shard_name(side: str, number: int) -> str:
    """Return ``SIDE/NUMBER``, padded so that names sort as numbers do."""
    return f"{side}/{number:06d}"
