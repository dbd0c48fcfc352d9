"""Pictures in the values of a table: bytes, paths, and lists and structs that hold one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mint.errors import BadPhoto

MAGIC = re.compile(rb"\xff\xd8\xff|\x89PNG|GIF8|BM|II\*\0|MM\0\*|RIFF....WEBP|....ftyp", re.DOTALL)


def kind_of(kind: pa.DataType) -> type | None:
    """Return what a column of this type may hold: ``bytes`` of pictures, ``str`` paths, or None of either."""
    if pa.types.is_dictionary(kind):
        return kind_of(kind.value_type)
    if _is_list(kind):
        return (
            bytes
            if pa.types.is_int8(kind.value_type) or pa.types.is_uint8(kind.value_type)
            else kind_of(kind.value_type)
        )
    if pa.types.is_struct(kind):
        inner = {field.name: kind_of(field.type) for field in kind}
        alone = [field for field in kind if kind_of(field.type) is bytes and not _is_list(field.type)]
        return bytes if inner.get("bytes") is bytes or len(alone) == 1 else inner.get("path")
    if any(test(kind) for test in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)):
        return bytes
    return str if _is_text(kind) else bytes if pa.types.is_fixed_size_binary(kind) else None


def _is_list(kind: pa.DataType) -> bool:
    tests = (
        pa.types.is_list,
        pa.types.is_large_list,
        pa.types.is_fixed_size_list,
        pa.types.is_list_view,
        pa.types.is_large_list_view,
    )
    return any(test(kind) for test in tests)  # fmt: skip


def _is_text(kind: pa.DataType) -> bool:
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def may_name(kind: pa.DataType) -> bool:
    """Return whether a column of this type may name people: texts and numbers."""
    if pa.types.is_dictionary(kind):
        return may_name(kind.value_type)
    return _is_text(kind) or any(
        test(kind) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    )


def picture_in(value: Any) -> bytes | str | None:
    """Return the picture in a value of a column: its bytes, or the path of its file.

    Raises:
        BadPhoto: there are several.
    """
    if isinstance(value, Mapping):
        alone = next((field for field in value.values() if isinstance(field, bytes | Mapping)), None)
        inner = picture_in(value.get("bytes", alone))
        return inner if inner is not None else value.get("path") or None
    if isinstance(value, list):
        if value and all(isinstance(byte, int) for byte in value):
            return bytes(byte & 0xFF for byte in value)
        if len(value) > 1:
            raise BadPhoto(f"The row holds {len(value)} pictures, and a photo is one.")
        return picture_in(value[0]) if value else None
    return value if isinstance(value, bytes | str) else None


def first_picture(value: Any) -> bytes | str | None:
    """Return the first picture in a value, for a look at what a column holds."""
    if isinstance(value, list) and value and not isinstance(value[0], int):
        return first_picture(value[0])
    try:
        return picture_in(value)
    except BadPhoto:
        return None
