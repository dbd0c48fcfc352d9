"""One photo of a training set: its name, its person, and where its bytes are.

A sample never carries its picture. It is small, can be sent to another machine, and is read there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import fsspec

from mint.errors import BadInput, BadPhoto
from mint.lab.inputs.recordio import MOST, SUFFIX, picture_in
from mint.lab.inputs.tables import Tables
from mint.vision.images import MAX_BYTES

GONE = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)  # of one file, not of a disk


@dataclass(frozen=True, slots=True)
class Sample:
    """A photo, not yet read.

    Attributes:
        id: of its own within its side; the same wherever the photos lie.
        identity: the person; a photo of whom nothing is known is a person of its own.
        file: path or URL of the photo, or of the tar, the set of records or the table that it lies in.
        start: its first byte in the tar, or its record's, or its row in the table; None for a file of its own.
        size: its bytes in the tar, or its record's, else None.
        column: that holds it in the table, else None.
    """

    id: str
    identity: str
    file: str
    start: int | None = None
    size: int | None = None
    column: str | None = None


def fingerprint(samples: Sequence[Sample]) -> str:
    """Return the sha256 of the samples of a shard, in order."""
    named = json.dumps([[sample.id, sample.identity] for sample in samples], ensure_ascii=False)
    return hashlib.sha256(named.encode()).hexdigest()


class Photos:
    """Read the bytes of samples; safe for several threads."""

    def __init__(self) -> None:
        self._tables = Tables()

    def read(self, sample: Sample) -> bytes:
        """Return the encoded photo, or just enough of it to show that it is too large.

        Raises:
            BadPhoto: this one cannot be read.
            BadInput: the place where all of them lie cannot be read.
        """
        try:
            if sample.start is None:
                return _part(sample.file, 0, MAX_BYTES + 1)
            if sample.size is not None and sample.file.lower().endswith(SUFFIX):
                return picture_in(_part(sample.file, sample.start, min(sample.size, MOST)))
            if sample.size is not None:
                return _part(sample.file, sample.start, min(sample.size, MAX_BYTES + 1))
            found = self._tables.read(sample.file, sample.start, sample.column)
            return found if isinstance(found, bytes) else _part(found, 0, MAX_BYTES + 1)
        except GONE as error:
            raise BadPhoto("The file cannot be read: {error}.", error=error.strerror or error) from error
        except OSError as error:
            raise BadInput(f"{sample.file} cannot be read: {error}. Mend that, and start again: it goes on.") from error


def _part(file: str, start: int, size: int) -> bytes:
    fs, path = fsspec.url_to_fs(file)
    with fs.open(path, "rb", block_size=None) as opened:
        if start:
            opened.seek(start)
        data: bytes = opened.read(size)
    return data
