"""A shard: what some hundred photos showed, as two files.

``NUMBER.safetensors`` has the tensors of the photos that show a face. ``NUMBER.parquet`` has a row for
every photo, also for those that were rejected, and why; it is written last, and names the sha256 of
the other one, the samples it was made from and the store it belongs to. So a shard is there when its
rows are, and half a shard is none. Both files depend on the photos and the network alone: neither on
the run, nor on the machine that wrote them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import save

from mint.auditors.panel import QUALITIES
from mint.lab.folders import Folder

BOX = ("x", "y", "width", "height")
NUMBERS = (*BOX, "confidence", *QUALITIES)
SCHEMA = pa.schema(
    [("id", pa.string()), ("identity", pa.string()), ("sha256", pa.string()), ("rejected", pa.string())]
    + [(name, pa.float32()) for name in NUMBERS]
)
MARK = b"mint"
SUFFIXES = ROWS, TENSORS = ".parquet", ".safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """What an extractor made of some samples.

    Attributes:
        rows: one a sample, by the names of ``SCHEMA``. ``rejected`` says why a photo was left out and is
            empty for the others; ``sha256`` is that of the photo's bytes.
        tensors: ``PART/INGREDIENT`` to one row for each photo that was not rejected.
    """

    rows: Sequence[Mapping[str, Any]]
    tensors: Mapping[str, np.ndarray]

    @property
    def table(self) -> pa.Table:
        """The rows, by ``SCHEMA``."""
        return pa.Table.from_pylist(list(self.rows), SCHEMA)

    @property
    def rejected(self) -> int:
        """How many photos were left out."""
        return sum(bool(row["rejected"]) for row in self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The file of rows of a shard.

    Attributes:
        data: its bytes.
        table: what it holds.
        about: what it says of the shard: ``store``, ``samples``, ``tensors`` (sha256), ``bytes``, ``kept``.
    """

    data: bytes
    table: pa.Table
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of a store, as files.

    Attributes:
        folder: of the store.
        key: of the store; shards of another one do not count.
    """

    folder: Folder
    key: str

    def write(self, name: str, samples: str, shard: Shard) -> None:
        """Write a shard: first what it says, then that it is there.

        Args:
            name: ``SIDE/NUMBER``.
            samples: fingerprint of what it was made from.
            shard: what to write.

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
        }
        self.folder.write(name + TENSORS, tensors)
        self.folder.write(name + ROWS, encoded(shard.table, about))

    def whole(self, name: str, samples: str, promised: str | None = None) -> bool:
        """Whether a shard of these samples is there, byte for byte as it was written.

        Args:
            name: ``SIDE/NUMBER``.
            samples: fingerprint of what it should be made from.
            promised: sha256 of its rows, where a finished store names it.
        """
        found = self.rows(name)
        if found is None or found.about["samples"] != samples:
            return False
        # Parquet's checksums do not cover all of it; what it says, written once more, does.
        if promised is None and encoded(found.table, found.about) != found.data:
            return False
        if promised is not None and hashlib.sha256(found.data).hexdigest() != promised:
            return False
        try:
            tensors = self.folder.read(name + TENSORS)
        except FileNotFoundError:
            return False
        return hashlib.sha256(tensors).hexdigest() == str(found.about["tensors"])

    def rows(self, name: str) -> Rows | None:
        """The rows of a shard; None if they are not there, not whole, or of another store."""
        try:
            data = self.folder.read(name + ROWS)
            table = pq.read_table(pa.BufferReader(data), page_checksum_verification=True)
            about: dict[str, Any] = json.loads((table.schema.metadata or {})[MARK])
        except (FileNotFoundError, KeyError, ValueError, OSError):  # Arrow tells of damage as ValueError and OSError
            return None
        return Rows(data, table, about) if about["store"] == self.key else None


def encoded(table: pa.Table, about: Mapping[str, Any]) -> bytes:
    """The file of rows."""
    buffer = pa.BufferOutputStream()
    marked = table.replace_schema_metadata({MARK: json.dumps(about)})
    pq.write_table(marked, buffer, compression="zstd", write_page_checksum=True)
    data: bytes = buffer.getvalue().to_pybytes()
    return data


def shard_name(side: str, number: int) -> str:
    """``SIDE/NUMBER``, so that names sort as numbers do."""
    return f"{side}/{number:06d}"
