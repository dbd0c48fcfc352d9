"""Read real faces to calibrate and measure with; only their scores are kept.

A visitor is a real face, so the promised false-positive rate must hold for real faces. Only scores
go into a bundle, never a picture.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from mint.errors import BadPhoto, BadPool, NoFace
from mint.vision.faces import find
from mint.vision.images import SUFFIXES, open_photo, photos_in


def real_crops(path: Path) -> tuple[np.ndarray, list[str]]:
    """Return the largest face of every photo.

    Args:
        path: a folder or tar of photos in one folder a person.

    Returns:
        (N, 112, 112, 3) uint8 crops and the person of each. Photos without a face are left out.

    Raises:
        BadPool: no photo with a face in there.
    """
    crops, people = [], []
    for name, data in stored_photos(path):
        try:
            crops.append(find(open_photo(data))[0].crop)
            people.append(PurePosixPath(name).parent.name)
        except (BadPhoto, NoFace):
            continue
    if not crops:
        raise BadPool(f"{path} holds no photo with a face. It should have one folder of photos a person.")
    return np.stack(crops), people


def for_calibration(person: str) -> bool:
    """Return whether a person is for calibration; depends on the name alone."""
    return hashlib.sha256(person.encode()).digest()[0] % 2 == 0


def stored_photos(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every photo in a folder or tar.

    Raises:
        BadPool: the path is neither.
    """
    if path.is_dir():
        for file in photos_in(path):
            yield file.relative_to(path).as_posix(), file.read_bytes()
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content and PurePosixPath(member.name).suffix.lower() in SUFFIXES:
                    yield member.name, content.read()
    else:
        raise BadPool(f"{path} is neither a folder nor a tar archive.")
