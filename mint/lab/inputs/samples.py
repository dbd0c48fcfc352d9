"""One photo of a training set: its name, its person, and where its bytes are.

A sample never carries its picture. It is small, can be sent to another machine, and is read there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fsspec

from mint.errors import BadInput, BadPhoto
from mint.lab.inputs.recordio import MOST, SUFFIX, picture_in
from mint.lab.inputs.tables import Tables
from mint.vision.images import MAX_BYTES

GONE = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)  # of one file, not of a disk
WEB = ("http://", "https://")
FACTS = ("ETag", "etag", "md5Hash", "generation", "mtime", "LastModified", "last_modified", "updated", "created")


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
        stamp: of its file when the sample was planned, see ``Stamps``.
    """

    id: str
    identity: str
    file: str
    start: int | None = None
    size: int | None = None
    column: str | None = None
    stamp: str = ""


def fingerprint(samples: Sequence[Sample]) -> str:
    """Return the sha256 of the samples of a shard, in order."""
    named = json.dumps([[sample.id, sample.identity] for sample in samples], ensure_ascii=False)
    return hashlib.sha256(named.encode()).hexdigest()


def stamps_of(samples: Sequence[Sample]) -> str:
    """Return the sha256 of the stamps of a shard's samples, in order."""
    return hashlib.sha256(json.dumps([sample.stamp for sample in samples]).encode()).hexdigest()


class Stamps:
    """Tell, without opening photos, when their files may have changed: by length and times, or a remote store's own word.

    The same stamp means the same bytes; another one means that they must be read to know.
    """

    def __init__(self) -> None:
        self._tables = Tables()
        self._container = "", ""  # the last one, and its stamp
        self._folder = ""  # behind a URL, the last one that was listed
        self._listed: dict[str, str] = {}
        self._left: set[int] = set()

    def of(self, sample: Sample) -> str:
        """Return a photo's stamp, or "" where nothing cheap tells: behind a bare web address, for one.

        Raises:
            BadInput: the place where all of them lie cannot be read.
        """
        try:
            file = sample.file if sample.start is None else self._named(sample)
            if file is not None:
                return _here(file) if "://" not in file else self._there(file)
            if self._container[0] != sample.file:
                remote = "://" in sample.file
                self._container = sample.file, _object(sample.file) if remote else _here(sample.file)
            return f"{self._container[1]} {sample.start} {sample.size}" if self._container[1] else ""
        except GONE:
            return "gone"
        except OSError as error:
            raise _unreadable(sample, error) from error

    def _named(self, sample: Sample) -> str | None:
        """Return the file that a table names, or None where the photo lies in the table, tar or set itself."""
        if sample.size is not None or sample.start is None:
            return None
        try:
            return self._tables.place(sample.file, sample.start, sample.column)
        except BadPhoto:  # several pictures in one row: whoever reads it is told
            return None

    def _there(self, file: str) -> str:
        """Return the stamp of a photo behind a URL from the list of its folder, which is asked for once."""
        if file.startswith(WEB):
            return ""
        fs, path = fsspec.url_to_fs(file, use_listings_cache=False)
        folder = path.rpartition("/")[0]
        if folder != self._folder:
            self._left.add(hash(self._folder))
            # Each photo of a list in no order would ask for a folder again: that costs more than reading it.
            entries = () if hash(folder) in self._left else fs.ls(folder, detail=True)
            self._folder = folder
            self._listed = {str(entry["name"]).lstrip("/"): _said(entry) for entry in entries}
        return self._listed.get(path.lstrip("/"), "gone" if self._listed else "")


def _here(file: str) -> str:
    found = os.stat(file)
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _object(file: str) -> str:
    if file.startswith(WEB):
        return ""
    fs, path = fsspec.url_to_fs(file, use_listings_cache=False)
    return _said(fs.info(path))


def _said(entry: Mapping[str, Any]) -> str:
    """Return what a file system says that changes with a file, or "" if it says no more than the length."""
    facts = next((entry[name] for name in FACTS if entry.get(name)), "")
    return f"{entry.get('size')} {facts}" if facts else ""


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
            raise _unreadable(sample, error) from error


def _unreadable(sample: Sample, error: OSError) -> BadInput:
    return BadInput(f"{sample.file} cannot be read: {error}. Mend that, and start again: it goes on.")


def _part(file: str, start: int, size: int) -> bytes:
    fs, path = fsspec.url_to_fs(file)
    with fs.open(path, "rb", block_size=None) as opened:
        if start:
            opened.seek(start)
        data: bytes = opened.read(size)
    return data
