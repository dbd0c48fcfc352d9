"""Validate a store's manifest before any file that it names is opened."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PositiveInt

from mint.lab.store.shards import MOST_ROWS, ROWS, TENSORS
from mint.networks.base import GraphReading
from mint.storage.files import parse_json
from mint.storage.schema import Digest, Length, StrictModel, checked

MOST_MANIFEST = 128 * 2**20  # bytes: some hundred thousand shards
MOST_SETTLED = 1024  # names of non-members that set the untrained control
MOST_VALUES = 2**26  # of one photo in one feature
SHARD = re.compile(r"(?:members|non-members)/[0-9]{6,12}(?:\.parquet|\.safetensors)")


def _bounded(shape: list[int]) -> list[int]:
    if math.prod(shape) > MOST_VALUES:
        raise ValueError("a shape in it is too large")
    return shape


class FileEntry(StrictModel):
    """What is promised of one file; of rows also how many photos they keep."""

    bytes: Length
    sha256: Digest
    kept: Annotated[int, Field(ge=0, le=MOST_ROWS)] | None = None


class Counts(StrictModel):
    """How many photos a side has."""

    photos: Annotated[int, Field(ge=0)]
    rejected: Annotated[int, Field(ge=0)]


class Settings(StrictModel):
    """Of what the numbers depend on, the shapes of the features of each part."""

    parts: dict[str, dict[str, Annotated[list[PositiveInt], AfterValidator(_bounded)]]]


class Unfinished(StrictModel):
    """The manifest of a store that is being extracted."""

    complete: bool
    key: str
    made_of: Settings
    settled: Annotated[list[str], Field(default_factory=list, max_length=MOST_SETTLED)]


class Finished(Unfinished):
    """The manifest of a whole store."""

    files: dict[str, FileEntry]
    sides: dict[str, Counts]
    opened: str | None = None
    reading: Annotated[dict[str, Any], Field(default_factory=dict)]  # see ``GraphReading.parse``
    command: str | None = None


def parse_manifest(data: bytes, rejected: str) -> dict[str, Any]:
    """Parse a manifest and check everything that paths and sizes depend on.

    Args:
        data: its bytes.
        rejected: the name of the list of rejected photos, the only file beside the shards.

    Returns:
        It, as it is stored.

    Raises:
        ValueError: it is not one; says where.
    """
    found = parse_json(data)
    if checked(Unfinished, found).complete:
        whole = checked(Finished, found)
        _check_files(whole.files, rejected)
        GraphReading.parse(whole.reading)
    return dict(found)


def _check_files(files: dict[str, FileEntry], rejected: str) -> None:
    for name, entry in files.items():
        if name != rejected and not SHARD.fullmatch(name):
            raise ValueError(f"it names {name[:100]!r}, which no store holds")
        if name.endswith(ROWS) and entry.kept is None:
            raise ValueError(f"it does not count the photos of {name}")
    names = {name.removesuffix(ROWS).removesuffix(TENSORS) for name in files if name != rejected}
    if any(name + suffix not in files for name in names for suffix in (ROWS, TENSORS)):
        raise ValueError("it names half a shard")
