"""Small training sets of every layout, and what is read of them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource, Reading


def jpeg(tag: int | str) -> bytes:
    """Bytes that begin as those of a JPEG."""
    return b"\xff\xd8\xff" + str(tag).encode()


def write(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    """Files in a folder; texts in UTF-8."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def two_people(folder: Path, photo: bytes) -> Path:
    """A photo each of Ann and Bob in a folder of one folder a person, and a file of Bob's that is none."""
    return write(folder, {"ann/1.jpg": photo, "bob/1.jpg": photo, "bob/2.jpg": b"junk"})


def tar(path: Path, files: Mapping[str, bytes | str]) -> Path:
    """An uncompressed tar, its files in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def who(place: Path, **told: Any) -> dict[str, str]:
    """Photo to person."""
    return {sample.id: sample.identity for sample in samples(PhotoSource(place, **told))}


def read(place: Path, **told: Any) -> dict[str, tuple[str, bytes]]:
    """Photo to person and bytes."""
    photos = Photos()
    return {sample.id: (sample.identity, photos.read(sample)) for sample in samples(PhotoSource(place, **told))}


def rules(place: Path, **told: Any) -> list[str]:
    """What is said of how people were told apart."""
    reading = Reading(PhotoSource(place, **told))
    list(samples("", reading))
    return list(reading.rules)
