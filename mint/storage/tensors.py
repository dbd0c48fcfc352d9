"""Read headers of untrusted safetensors files."""

from __future__ import annotations

import io
from typing import IO, Any

from mint.storage.files import parse_json

MOST_HEADER = 4 * 2**20  # bytes; the largest that ships has a fiftieth, the library allows 100 MB
MOST_BYTES = 2**30  # of a file that is read into memory as a whole


def header(data: bytes) -> dict[str, Any]:
    """Return the header of safetensors bytes: name to dtype, shape and offsets.

    ``__metadata__`` maps to strings. Raises ValueError.
    """
    return read_header(io.BytesIO(data))


def read_header(file: IO[bytes]) -> dict[str, Any]:
    """Read the header at the beginning of a file, up to a limit.

    Raises:
        ValueError: it is no header, or longer than ``MOST_HEADER``.
    """
    first = file.read(8)
    length = int.from_bytes(first, "little")
    if len(first) < 8 or length > MOST_HEADER:
        raise ValueError("its safetensors header is not whole, or far too long")
    found = parse_json(file.read(length))
    if not isinstance(found, dict) or not isinstance(found.get("__metadata__", {}), dict):
        raise ValueError("its safetensors header is not one")
    return found
