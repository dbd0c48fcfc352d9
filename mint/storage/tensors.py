"""Read headers of untrusted safetensors files."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

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


DTYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "U8": np.uint8}


def tensors_in(data: bytes) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every tensor of safetensors bytes, read-only and in place: nothing is copied.

    Raises:
        ValueError: the header contradicts itself or the bytes, or a tensor has a type without numbers of NumPy's.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    for name, about in header(data).items():
        if name == "__metadata__":
            continue
        try:
            kind, shape, (begin, end) = DTYPES[about["dtype"]], about["shape"], about["data_offsets"]
            count = math.prod(shape)
            whole = 0 <= begin <= end <= len(data) - start and end - begin == count * np.dtype(kind).itemsize
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"its tensor {name[:100]!r} is not described") from error
        if not whole or min(shape, default=0) < 0:
            raise ValueError(f"its tensor {name[:100]!r} is not where the header says")
        yield name, np.frombuffer(data, kind, count, start + begin).reshape(shape)
