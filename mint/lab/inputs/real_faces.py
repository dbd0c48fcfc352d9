"""Read real faces to calibrate and measure with; only their scores are kept.

A visitor is a real face, so the promised false-positive rate must hold for real faces. Only scores
go into a bundle, never a picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mint.errors import BadPhoto, BadPool, NoFace
from mint.lab.inputs.layout import INNERMOST
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource
from mint.vision.detectors import STILL, Finder
from mint.vision.images import open_photo


def real_crops(path: Path, finder: Finder = STILL) -> tuple[np.ndarray, list[str]]:
    """Return the largest face of every photo.

    Args:
        path: photos by person, see ``by_folder``.
        finder: finds and aligns the faces; the twins' way if not given.

    Returns:
        (N, 112, 112, 3) uint8 crops and the person of each. Photos without a face are left out.

    Raises:
        BadInput: no photos are there, or they cannot be read.
        BadPool: none shows a face.
    """
    crops, people, photos = [], [], Photos()
    for sample in samples(by_folder(path)):
        try:
            crops.append(finder(open_photo(photos.read(sample)))[0].crop)
            people.append(sample.identity)
        except (BadPhoto, NoFace):
            continue
    if not crops:
        raise BadPool(f"{path} holds no photo with a face. It should have one folder of photos a person.")
    return np.stack(crops), people


def by_folder(path: Path) -> PhotoSource:
    """Return a source whose people are told apart by the folder that a photo lies in, where it is a folder or a tar.

    Sets of faces are often packed with a folder around all people. Lists and tables say themselves who is who.
    """
    return PhotoSource(path, person_level=INNERMOST if path.is_dir() or path.suffix.lower() == ".tar" else None)


def for_calibration(person: str) -> bool:
    """Return whether a person is for calibration; depends on the name alone."""
    return hashlib.sha256(person.encode()).digest()[0] % 2 == 0


def several(people: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows of each person who has two or more."""
    found: dict[str, list[int]] = {}
    for row, person in enumerate(people):
        found.setdefault(person, []).append(row)
    return {person: rows for person, rows in found.items() if len(rows) > 1}
