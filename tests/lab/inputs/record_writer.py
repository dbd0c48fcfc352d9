"""Write sets in RecordIO, by the format's description; MXNet 1.9.1 writes the same bytes of ``WRITTEN_BY_MXNET``."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

MAGIC = struct.pack("<I", 0xCED7230A)


def packed(label: float | Sequence[float], picture: bytes, number: int = 0) -> bytes:
    """A record's payload: one label in the header, or several behind it."""
    if isinstance(label, int | float):
        return struct.pack("<IfQQ", 0, label, number, 0) + picture
    return struct.pack("<IfQQ", len(label), 0.0, number, 0) + struct.pack(f"<{len(label)}f", *label) + picture


def framed(payload: bytes) -> bytes:
    """A record: cut at every magic word that stands at a multiple of four."""
    words = range(0, len(payload) - len(payload) % 4, 4)
    cuts = [at for at in words if payload[at : at + 4] == MAGIC]
    pieces = [payload[a:b] for a, b in zip([0, *(at + 4 for at in cuts)], [*cuts, len(payload)], strict=True)]
    last = len(pieces) - 1
    flags = [0] if not last else [1, *[2] * (last - 1), 3]
    parts = [MAGIC + struct.pack("<I", flag << 29 | len(p)) + p for flag, p in zip(flags, pieces, strict=True)]
    return b"".join(parts) + b"\0" * (-len(payload) % 4)


def written(place: Path, records: Sequence[tuple[int, bytes]], index: bool = True, name: str = "train") -> Path:
    """``name.rec`` of keys and payloads, and its index."""
    place.mkdir(parents=True, exist_ok=True)
    lines, data = [], b""
    for key, payload in records:
        lines.append(f"{key}\t{len(data)}\n")
        data += framed(payload)
    (place / f"{name}.rec").write_bytes(data)
    if index:
        (place / f"{name}.idx").write_text("".join(lines))
    return place


def insightface(people: Sequence[Sequence[bytes]]) -> list[tuple[int, bytes]]:
    """Keys and payloads as InsightFace lays them out: table, photos of person after person, ranges of every person."""
    photos = [(person, photo) for person, some in enumerate(people) for photo in some]
    behind = len(photos) + 1
    records = [(0, packed((behind, behind + len(people)), b""))]
    for key, (person, photo) in enumerate(photos, 1):
        records.append((key, packed((person, 1.0), photo, key)))  # the second label says that it is aligned
    first = 1
    for key, some in enumerate(people, behind):
        records.append((key, packed((first, first + len(some)), b"", key)))
        first += len(some)
    return records


WRITTEN_BY_MXNET = (
    (0, packed((5, 7), b"")),
    (1, packed((0, 1), b"one", 1)),
    (2, packed(1, b"a" * 4 + MAGIC + b"bcd" + MAGIC, 2)),
    (3, packed(1, MAGIC + MAGIC + b"xy", 3)),
    (4, packed(1.0, b"", 4)),
    (5, packed((1, 3), b"", 5)),
    (6, packed((3, 5), b"", 6)),
)
