"""Files that are whole or absent: hashes, writes to a temporary name that is then renamed, and wary reading."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import stat
import threading
from pathlib import Path
from typing import Any

MOST_JSON = 8 * 2**20  # bytes; the largest that ships has a fortieth of it
LARGEST = 2**63  # whole numbers beyond it fit no array


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON, readable in a diff, keys in the order given.

    Raises:
        ValueError: a number is infinite or no number; JSON has neither.
    """
    write_bytes(path, (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())


def read_bytes(path: Path, most: int) -> bytes:
    """All bytes of a plain file.

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
        data = file.read(most + 1) if about.st_size <= most else b""
    if max(about.st_size, len(data)) > most:
        raise OSError(errno.EFBIG, f"it is longer than the {most} bytes that it may have", str(path))
    return data


def read_json(path: Path, most: int = MOST_JSON) -> Any:
    """Parse a JSON file. Raises OSError as ``read_bytes`` and ValueError as ``parse_json``."""
    return parse_json(read_bytes(path, most))


def parse_json(data: bytes) -> Any:
    """Parse JSON that somebody else may have written: what is ambiguous or has no number is no JSON here.

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


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe would be waited for


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it gives a name twice in one object")
    return found


def _whole(text: str) -> int:
    if len(text) > 20 or abs(number := int(text)) >= LARGEST:
        raise ValueError("it has a number that is too large")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("it has a number that is too large")
    return number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")
