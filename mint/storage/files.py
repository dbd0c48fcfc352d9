"""Files that are whole or absent: hashes, atomic writes, locks, cautious reads.

Nothing here looks at the clock: what a killed process left behind is known by a lock that died with it.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import math
import os
import re
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mint.errors import CannotWrite, brief

# Windows has no such locks, so there nobody waits, and what a killed process left is not told from what a living one writes.
LOCKS = find_spec("fcntl") is not None
MOST_JSON = 8 * 2**20  # bytes; the largest that ships has a fortieth of it
PART = ".part"  # the end of a temporary name
BEGUN = ".begun.json"  # which part gets which name, while several get theirs
INTEGER_LIMIT = 2**63  # whole numbers beyond it fit no array


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically. Raises CannotWrite, as ``write_files``."""
    write_files(path.parent, {path.name: data})


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files that belong together: all are complete before the first gets its name.

    Args:
        folder: made if needed.
        files: name to bytes.

    Raises:
        CannotWrite: the disk is full or the folder read-only; what was there is unchanged.

    Whoever is killed before all parts are whole has changed nothing; after that ``finish`` ends it, which the next
    reader or writer calls.
    """
    parts = {part_of(name): name for name in files}
    with writing(folder):
        _finish(folder)
        for name in files if LOCKS else ():
            for left in folder.glob(f".{glob.escape(name)}.*.part"):  # by a process that was killed
                left.unlink()
        try:
            for part, name in parts.items():
                (folder / part).write_bytes(files[name])
            if len(parts) > 1:
                (folder / f"{BEGUN}.part").write_bytes(json_bytes(parts))
                os.replace(folder / f"{BEGUN}.part", folder / BEGUN)  # from here on it is done, whoever ends it
        except BaseException:
            for part in (*parts, f"{BEGUN}.part"):
                (folder / part).unlink(missing_ok=True)
            raise
        _name(folder, parts)


def part_of(name: str) -> str:
    """Return the temporary name of a file while this thread writes it."""
    return f".{name}.{os.getpid()}.{threading.get_ident()}{PART}"


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside a file, which becomes the file if the block ends without an error.

    Raises:
        OSError: the system refuses; nothing is left of it.
    """
    part = path.with_name(part_of(path.name))
    try:
        yield part
        os.replace(part, path)
    finally:
        with suppress(OSError):  # read-only: then nothing is left either
            part.unlink(missing_ok=True)


def finish(folder: Path) -> None:
    """Complete a ``write_files`` whose process was killed while it renamed files.

    Raises:
        CannotWrite: the folder is read-only.
    """
    if (folder / BEGUN).is_file():
        with writing(folder):
            _finish(folder)


def _finish(folder: Path) -> None:
    try:
        begun = read_json(folder / BEGUN)
    except FileNotFoundError:
        return
    except ValueError:
        begun = {}
    ours = isinstance(begun, dict) and all(
        isinstance(name, str)
        and name == Path(name).name
        and re.fullmatch(rf"\.{re.escape(name)}\.\d+\.\d+\.part", part)
        for part, name in begun.items()
    )
    _name(folder, begun if ours else {})


def _name(folder: Path, parts: Mapping[str, str]) -> None:
    """Rename parts in this order; a missing one was renamed already."""
    for part, name in parts.items():
        with suppress(FileNotFoundError):
            os.replace(folder / part, folder / name)
    (folder / BEGUN).unlink(missing_ok=True)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Make a folder and hold its lock, so that one process writes at a time.

    Raises:
        CannotWrite: for every way in which the system refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            yield
    except OSError as error:
        raise CannotWrite(
            f"{error.filename or folder} cannot be written ({brief(error)}). What was there is unchanged: make room, "
            "or choose a folder that you may write to."
        ) from error


def check_writable(folder: Path) -> None:
    """Check before long work that a folder, which may not exist yet, can be written to.

    Raises:
        CannotWrite: it cannot.
    """
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise CannotWrite(f"{folder} cannot be written: {there} is not a folder that you may write to.")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON with keys in the given order.

    Raises:
        ValueError: a number is infinite or no number; JSON has neither.
        CannotWrite: as ``write_files``.
    """
    write_bytes(path, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """Return what ``write_json`` writes."""
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def as_stored(value: Any) -> Any:
    """Return a value as it comes back from a JSON file, tuples as lists, to compare it with what was read from one."""
    return json.loads(json_bytes(value))


def read_bytes(path: Path, most: int) -> bytes:
    """Return all bytes of a plain file.

    Args:
        path: of the file, or of a link to it.
        most: bytes it may have.

    Raises:
        OSError: it cannot be read, is longer, or is no plain file: a folder, a pipe, a device.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "it is not a plain file", str(path))
        if about.st_size > most:
            raise OSError(errno.EFBIG, f"it is longer than the {most} bytes that it may have", str(path))
        data = file.read(about.st_size + 1)  # room is made for what is asked for
    if len(data) != about.st_size:
        raise OSError(errno.EAGAIN, "it changed while it was read", str(path))
    return data


def read_json(path: Path, most: int = MOST_JSON) -> Any:
    """Parse a JSON file. Raises OSError as ``read_bytes`` and ValueError as ``parse_json``."""
    return parse_json(read_bytes(path, most))


def parse_json(data: bytes) -> Any:
    """Parse untrusted JSON strictly: ambiguous input and non-finite numbers are refused.

    Raises:
        ValueError: it is not JSON in UTF-8, is nested too deeply, gives a name twice, or has a number that is
            infinite, none, or too large.
    """
    text = data.decode("utf-8")
    try:
        found = json.loads(
            text, object_pairs_hook=_distinct, parse_int=_whole, parse_float=_finite, parse_constant=_no_number
        )
        if "\\ud" in text.lower():  # half a surrogate pair is no text: it can be neither printed nor hashed
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return found


def lock(path: Path, wait: bool = True, mode: int = 0o644) -> Callable[[], None] | None:
    """Lock a file, which is made if needed and stays. The lock goes with its process, however that ends.

    Args:
        path: of the file.
        wait: until whoever holds it lets go.
        mode: who may lock it, if it is made.

    Returns:
        What releases it; None if another holds it and ``wait`` is False.

    Raises:
        OSError: it cannot be made or opened.
    """
    from filelock import FileLock, Timeout  # lazily: most runs lock nothing

    held = FileLock(path, timeout=-1 if wait else 0, mode=mode, thread_local=False)
    try:
        held.acquire()
    except Timeout:
        return None
    return held.release


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for the lock of a file and hold it; everybody in the file's group may."""
    release = lock(path, mode=0o664)
    try:
        yield
    finally:
        if release is not None:
            release()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which is on the folder itself: it leaves no file and dies with its process."""
    if not LOCKS:
        yield
        return
    from filelock import lock_descriptor  # lazily, as above

    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks: nobody waits
            lock_descriptor(handle, poll_interval=0.01)
        yield
    finally:
        os.close(handle)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe would be waited for


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it gives a name twice in one object")
    return found


def _whole(text: str) -> int:
    if len(text) > 20 or abs(number := int(text)) >= INTEGER_LIMIT:
        raise ValueError("it has a number that is too large")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("it has a number that is too large")
    return number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")


@contextmanager
def work_folder(work: Path | None, name: str) -> Iterator[Path]:
    """Yield a folder for work that may be cut off: kept as ``work / name``, or a temporary one, removed after use."""
    if work is not None:
        yield work / name
        return
    with tempfile.TemporaryDirectory(prefix="mint-") as folder:
        yield Path(folder)
