"""Read real faces to calibrate and measure with; only their scores are kept.

A visitor is a real face, so the promised false-positive rate must hold for real faces. Only scores
go into a bundle, never a picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from mint.errors import BadPhoto, BadPool, NoFace
from mint.lab.inputs.layout import INNERMOST
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource, Reading, as_source, side_line
from mint.storage.files import write_bytes
from mint.vision.detectors import CURRENT, Finder
from mint.vision.faces import CROP_SIZE
from mint.vision.images import open_photo

CROPS, PHOTOS, FACELESS = "crops", "photos", "faceless"
NO_CROPS = np.zeros((0, CROP_SIZE, CROP_SIZE, 3), np.uint8)
Find = Callable[[bytes], np.ndarray | None]


def real_crops(
    path: Path,
    finder: Finder = CURRENT,
    report: Callable[[str], None] = lambda line: None,
    kept: Path | None = None,
) -> tuple[np.ndarray, list[str]]:
    """Return the largest face of every photo.

    Args:
        path: photos by person, see ``by_folder``.
        finder: finds and aligns the faces; the twins' way if not given.
        report: told how many photos of how many people there are, and how people were told apart.
        kept: a folder that keeps the faces, so that they need not be looked for again.

    Returns:
        (N, 112, 112, 3) uint8 crops and the person of each. Photos without a face are left out.

    Raises:
        BadInput: no photos are there, or they cannot be read.
        BadPool: none shows a face.
    """
    crops, people, photos, everybody = [], [], Photos(), set[str]()
    find = found_by(finder) if kept is None else KeptFaces(kept, finder)
    reading = Reading(by_folder(path))
    for sample in samples(reading.source, reading):
        everybody.add(sample.identity)
        try:
            crop = find(photos.read(sample))
        except BadPhoto:
            continue
        if crop is not None:
            crops.append(crop)
            people.append(sample.identity)
    if isinstance(find, KeptFaces):
        find.save()
    report(side_line("real faces", reading.photos, len(everybody), reading.unnamed, list(reading.rules)))
    if not crops:
        raise BadPool(f"{path} holds no photo with a face. It should have one folder of photos a person.")
    return np.stack(crops), people


def by_folder(source: str | Path | PhotoSource) -> PhotoSource:
    """Return a source of which, if nothing else names the people of a folder or tar, the folder that a photo lies in does.

    Sets of faces are often packed with a folder around all people. Files of samples, metadata, lists and tables say themselves
    who is who, and what the user says counts first.
    """
    source = as_source(source)
    if source.no_person or source.person_column is not None or source.person_level is not None:
        return source
    place = Path(source.place)
    folders = place.is_dir() or place.suffix.lower() == ".tar"
    return replace(source, person_level=INNERMOST) if folders else source


def for_calibration(person: str) -> bool:
    """Return whether a person is for calibration; depends on the name alone."""
    return hashlib.sha256(person.encode()).digest()[0] % 2 == 0


def several(people: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows of each person who has two or more."""
    found: dict[str, list[int]] = {}
    for row, person in enumerate(people):
        found.setdefault(person, []).append(row)
    return {person: rows for person, rows in found.items() if len(rows) > 1}


def found_by(finder: Finder) -> Find:
    """Return what finds the largest face of a photo: from its bytes a (112, 112, 3) uint8 crop, or None."""

    def find(photo: bytes) -> np.ndarray | None:
        try:
            return finder(open_photo(photo))[0].crop
        except (BadPhoto, NoFace):
            return None

    return find


class KeptFaces:
    """The faces of photos, looked up by the sha256 of the photos' bytes, and found where they are not known.

    Args:
        folder: keeps them, one file for each way of finding faces. A file that cannot be read is written anew.
        finder: finds those that are not known.
    """

    def __init__(self, folder: Path, finder: Finder) -> None:
        self._file = folder / f"faces-{finder.name}.safetensors"
        self._find, self._new = found_by(finder), False
        self._crops: dict[bytes, np.ndarray | None] = {}
        try:
            there = load_file(self._file)
            for digest, crop in zip(there[PHOTOS], there[CROPS], strict=True):
                self._crops[digest.tobytes()] = crop
            self._crops |= dict.fromkeys(digest.tobytes() for digest in there[FACELESS])
        except (KeyError, OSError, SafetensorError, ValueError):
            self._crops = {}

    def __call__(self, photo: bytes) -> np.ndarray | None:
        """Return the crop of a photo's largest face, or None where it shows none."""
        digest = hashlib.sha256(photo).digest()
        if digest not in self._crops:
            self._crops[digest], self._new = self._find(photo), True
        return self._crops[digest]

    def save(self) -> None:
        """Write what was found, if anything is new. Raises CannotWrite."""
        if not self._new:
            return
        shown = {digest: crop for digest, crop in self._crops.items() if crop is not None}
        tensors = {
            CROPS: np.stack([*shown.values()]) if shown else NO_CROPS,
            PHOTOS: _table([*shown]),
            FACELESS: _table([digest for digest, crop in self._crops.items() if crop is None]),
        }
        write_bytes(self._file, save(tensors))


def _table(digests: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, hashlib.sha256().digest_size)
