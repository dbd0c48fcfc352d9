"""Files that somebody spoiled on purpose: what every kind of spoiling is made with, whatever it is done to."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile file: what is done to a whole folder, which must then be refused.

    Attributes:
        name: what to call it.
        kind: of the folder: ``bundle``, ``store``, ``network`` or ``manifest``.
        spoil: does it, in place.
    """

    name: str
    kind: str
    spoil: Callable[[Path], None]

    @property
    def group(self) -> str:
        """What is alike: the first word of its name; of a flipped bit also the file and what it is in there."""
        first, *more = self.name.split()
        return " ".join([first, *more[:-1]]) if first == "flip" else first


class Bomb:
    """Whoever unpickles it leaves a file behind."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (self.mark, "w"))


MARK = f"{tempfile.gettempdir()}/mint-was-unpickled-by-{os.getpid()}"  # two test runs at once leave their own


def pickled() -> bytes:
    """A pickle that does something when it is read."""
    return pickle.dumps(Bomb(MARK))


def zipped() -> bytes:
    """A small zip of a hundred megabytes of zeros, as ``torch.save`` and ``np.savez`` lay files out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickled())
        archive.writestr("archive/data/0", bytes(10**8))
    return buffer.getvalue()


def objects() -> bytes:
    """A ``.npy`` whose array is a pickle."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb(MARK)], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def header_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the tensors of safetensors bytes."""
    end = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:end]), data[end:]


def safetensors_of(header: Mapping[str, Any] | bytes, body: bytes = b"") -> bytes:
    """Safetensors bytes with this header, true or not."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def flipped(data: bytes, place: int, bit: int = 0) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


def positions(data: bytes, random: np.random.Generator, count: int) -> Iterator[tuple[str, int]]:
    """Places of bytes, of every class that a safetensors, Parquet or JSON file or any other has."""
    for name, places in _classes(data).items():
        if len(places):
            chosen = {places[0], places[-1], *random.choice(places, min(count, len(places)), replace=False).tolist()}
            yield from ((name, int(place)) for place in sorted(chosen))


def _classes(data: bytes) -> dict[str, Sequence[int]]:
    if data[:4] == data[-4:] == b"PAR1":  # the format's apache/parquet-format: pages, then what says where they are
        footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
        return {
            "mark": range(4),
            "body": range(4, footer),
            "footer": range(footer, len(data) - 8),
            "end": range(len(data) - 8, len(data)),
        }
    if data[:1] in (b"{", b"["):
        kinds = {"sign": rb'[][{}:,"]', "digit": rb"[-+.0-9]", "letter": rb"[^][{}:,\"\s\-+.0-9]", "blank": rb"\s"}
        return {name: [found.start() for found in re.finditer(kind, data)] for name, kind in kinds.items()}
    end = 8 + int.from_bytes(data[:8], "little") if len(data) > 8 and data[8:9] == b"{" else min(len(data), 64)
    return {"length": range(min(8, len(data))), "header": range(8, end), "body": range(end, len(data))}


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def in_json(path: Path, change: Callable[[Any], Any]) -> None:
    """Change a JSON file's value, in place or by returning another."""
    value = json.loads(path.read_text("utf-8"))
    changed = change(value)
    path.write_text(json.dumps(value if changed is None else changed), "utf-8")


def promised(data: bytes) -> dict[str, Any]:
    """Bytes and sha256, as an index promises them."""
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def in_the_place_of(path: Path, what: str) -> None:
    """Something else than a plain file where one is expected."""
    whole = path.read_bytes()
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "circle":
        path.symlink_to(path.name)
    elif what == "link to nothing":
        path.symlink_to("gone")
    elif what == "link to another file":
        path.symlink_to("/etc/hostname")
    elif what == "sparse":
        with path.open("wb") as file:
            file.write(whole)
            file.truncate(40 * 2**30)
    elif what == "empty":
        path.touch()
    else:
        raise ValueError(what)


INSTEAD = ("folder", "pipe", "device", "circle", "link to nothing", "link to another file", "sparse", "empty")
# What is JSON to some, and to nobody what is wanted here; made when it is called, for some of it is large.
NO_JSON: dict[str, Callable[[], bytes]] = {
    "nested lists": lambda: b"[" * 100_000 + b"]" * 100_000,
    "nested objects": lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a list": lambda: b"[]",
    "a number": lambda: b"7",
    "null": lambda: b"null",
    "a huge number": lambda: b'{"format": ' + b"9" * 10_000 + b"}",
    "an infinite number": lambda: b'{"format": 1e999}',
    "NaN": lambda: b'{"format": NaN}',
    "not UTF-8": lambda: b'{"format": "\xff\xfe"}',
    "UTF-16": lambda: '{"format": 1}'.encode("utf-16"),
    "half a surrogate": lambda: b'{"format": "\\ud800"}',
    "a giant text": lambda: json.dumps({"format": "x" * 3_000_000}).encode(),
    "a zero byte": lambda: b'{"format": 1}\0',
    "too long": lambda: b" " * (130 * 2**20),
    "many empty lists": lambda: b"[" + b"[]," * 3_000_000 + b"[]]",
    "a pickle": pickled,
    "a zip": zipped,
    "an array of objects": objects,
    "markup": lambda: b"<html>",
}
