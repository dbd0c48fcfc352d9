"""Keep the faces that were found in photos: to find them takes longer than to show them to a small network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from mint.errors import BadPhoto, NoFace
from mint.storage.files import write_bytes
from mint.vision.detectors import Finder
from mint.vision.faces import CROP_SIZE
from mint.vision.images import open_photo

CROPS, PHOTOS, FACELESS = "crops", "photos", "faceless"
NO_CROPS = np.zeros((0, CROP_SIZE, CROP_SIZE, 3), np.uint8)
Find = Callable[[bytes], np.ndarray | None]


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
