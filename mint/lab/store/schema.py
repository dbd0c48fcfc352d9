"""Validate a store's manifest before any file that it names is opened."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from mint.lab.store.shards import MOST_ROWS, ROWS, TENSORS
from mint.networks.base import GraphReading
from mint.storage.files import parse_json

MOST_MANIFEST = 128 * 2**20  # bytes: some hundred thousand shards
MOST_VALUES = 2**26  # of one photo in one feature
SHARD = re.compile(r"(?:members|non-members)/[0-9]{6,12}(?:\.parquet|\.safetensors)")
DIGEST = re.compile(r"[0-9a-f]{64}")


def parse_manifest(data: bytes, rejected: str) -> dict[str, Any]:
    """Parse a manifest and check everything that paths and sizes depend on.

    Args:
        data: its bytes.
        rejected: the name of the list of rejected photos, the only file beside the shards.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not one.
    """
    found = parse_json(data)
    if type(found["complete"]) is not bool or not isinstance(found["key"], str):
        raise ValueError("it does not say whether it is complete")
    _check_parts(found["made_of"]["parts"])
    if found["complete"]:
        for name, entry in found["files"].items():
            _check_file(name, entry, rejected)
        names = {name.removesuffix(ROWS).removesuffix(TENSORS) for name in found["files"] if name != rejected}
        if any(name + suffix not in found["files"] for name in names for suffix in (ROWS, TENSORS)):
            raise ValueError("it names half a shard")
        for counts in found["sides"].values():
            if any(type(counts[name]) is not int or counts[name] < 0 for name in ("photos", "rejected")):
                raise ValueError("it does not count its photos")
        if not isinstance(found.get("opened"), str | None):
            raise ValueError("it does not say what opens its network")
        GraphReading.parse(found.get("reading", {}))
    return dict(found)


def _check_file(name: str, entry: Mapping[str, Any], rejected: str) -> None:
    if name != rejected and not SHARD.fullmatch(name):
        raise ValueError(f"it names {name[:100]!r}, which no store holds")
    if type(entry["bytes"]) is not int or entry["bytes"] < 0 or not DIGEST.fullmatch(entry["sha256"]):
        raise ValueError(f"it does not promise the bytes of {name}")
    if name.endswith(ROWS) and (type(entry["kept"]) is not int or not 0 <= entry["kept"] <= MOST_ROWS):
        raise ValueError(f"it does not count the photos of {name}")


def _check_parts(parts: Mapping[str, Mapping[str, Any]]) -> None:
    for features in parts.values():
        for shape in features.values():
            if not isinstance(shape, list) or not all(type(side) is int and side > 0 for side in shape):
                raise ValueError("a shape in it is none")
            if math.prod(shape) > MOST_VALUES:
                raise ValueError("a shape in it is too large")
