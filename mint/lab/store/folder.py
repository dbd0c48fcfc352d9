"""A local or remote folder (any URL of fsspec) whose files are whole or absent."""

from __future__ import annotations

import errno
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path, PurePosixPath
from typing import IO

import fsspec

from mint.errors import BadInput, CannotWrite, DiskFull, StoreBusy, brief
from mint.storage.files import PART, atomic, lock, read_bytes

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MAX_ARRAY_BYTES = 2**36  # bytes of a file of numbers
LOCK = ".lock"


class Folder:
    """Read and write files by name; small, and can be sent to another machine.

    Args:
        place: path, or URL such as ``s3://bucket/folder``.
    """

    def __init__(self, place: str | Path) -> None:
        self.place = str(place) if "://" in str(place) else os.path.abspath(place)
        try:
            self._fs, self._root = fsspec.url_to_fs(self.place, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise BadInput(f"{place} cannot be opened: {error}") from error
        self.here = "file" in self._fs.protocol

    def __reduce__(self) -> tuple[type[Folder], tuple[str]]:
        return Folder, (self.place,)

    @contextmanager
    def new(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file that gets its name when the block ends without an error.

        Raises:
            DiskFull: there is no room for it; nothing is left of it.
            CannotWrite: the folder is read-only, or somebody else's.
        """
        final = self._path(name)
        try:
            self._fs.makedirs(final.rpartition("/")[0], exist_ok=True)
            # Objects of a store behind a URL appear whole, when they are closed.
            with (
                atomic(Path(final)) if self.here else nullcontext(final) as part,
                self._fs.open(str(part), "wb") as file,
            ):
                yield file
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise _cannot_write(f"{name} in {self.place}", error) from error
            raise DiskFull(
                f"There is no room left for {name} in {self.place}. What is there is whole: make room and start again, "
                "it goes on."
            ) from error

    def write(self, name: str, data: bytes) -> None:
        """Write a file; errors as in ``new``."""
        with self.new(name) as file:
            file.write(data)

    def read(self, name: str, most: int = MAX_ARRAY_BYTES) -> bytes:
        """Read all bytes of a file.

        Args:
            name: of the file.
            most: bytes it may have.

        Raises:
            FileNotFoundError: there is none.
            OSError: it is longer, or is no plain file.
        """
        if self.here:
            return read_bytes(Path(self._path(name)), most)
        if int(self._fs.size(self._path(name)) or 0) > most:
            raise OSError(errno.EFBIG, f"it is longer than the {most} bytes that it may have", name)
        found: bytes = self._fs.cat_file(self._path(name))
        return found

    def open(self, name: str) -> IO[bytes]:
        """Open a file for random access."""
        found: IO[bytes] = self._fs.open(self._path(name), "rb")
        return found

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes, or None if there is none."""
        try:
            return int(self._fs.size(self._path(name)))
        except FileNotFoundError:
            return None

    def names(self, folder: str = "") -> list[str]:
        """Return the sorted names in the folder, or in a folder in it."""
        try:
            found = self._fs.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(PurePosixPath(path).name for path in found)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        if self._fs.exists(self._path(name)):
            self._fs.rm_file(self._path(name))

    def sweep(self, folder: str) -> None:
        """Remove half-written files of a killed process; nobody else may be writing."""
        for name in self.names(folder) if self.here else ():
            if name.startswith(".") and name.endswith(PART):
                self.remove(f"{folder}/{name}" if folder else name)

    def local(self, name: str) -> Path | None:
        """Return the path of a local file, or None behind a URL."""
        return Path(self._path(name)) if self.here else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder's lock, so that one process works at a time.

        Here the lock goes with the process that holds it, however that ends. Behind a URL it is a
        file that a process which is killed leaves behind.

        Raises:
            StoreBusy: another one is at it.
            CannotWrite: the folder is read-only, or somebody else's.
        """
        if self.here:
            try:
                Path(self._path("")).mkdir(parents=True, exist_ok=True)
                release = lock(Path(self._path(LOCK)), wait=False)
            except OSError as error:
                raise _cannot_write(self.place, error) from error
            if release is None:
                raise StoreBusy(f"Another process is writing to {self.place}. Wait for it, or end it.")
            try:
                yield
            finally:
                release()
            return
        holder = f"process {os.getpid()} on {platform.node()}"
        try:
            self._fs.pipe_file(self._path(LOCK), holder.encode(), mode="create")
        except FileExistsError:
            raise StoreBusy(
                f"{self.read(LOCK).decode()} is writing to {self.place}. If it is no longer alive, remove {LOCK} there."
            ) from None
        try:
            yield
        finally:
            self.remove(LOCK)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else str(self._root)


def _cannot_write(what: str, error: OSError) -> CannotWrite:
    return CannotWrite(
        f"{what} cannot be written ({brief(error)}). What is there is whole: make it writable, or take another folder."
    )
