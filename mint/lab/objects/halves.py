"""The ledger: a coin a picture says which of two networks is trained on it; both are audited by the same list.

It lies beside the pictures and is a list as ``mint lab extract`` reads them: ``--split a`` is one half, ``--split b`` the other.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.errors import BadInput
from mint.lab.inputs.source import PhotoSource
from mint.lab.objects.pictures import ObjectPictures
from mint.lab.store.reader import MEMBERS, NON_MEMBERS
from mint.storage.files import write_bytes
from mint.vision.detectors import RECORDED, WholePicture
from mint.vision.images import open_photo, to_png

HALVES = ("a", "b")
LEDGER, FOLDER = "ledger.csv", "pictures"
COLUMNS = ("picture", "identity", "class", "split")
MOST_ALONE = 0.05  # of the pictures, of classes that one half has and the other has not: their class tells the half
MIN_OF_A_HALF = 40  # pictures of a half, under which no split of them is large enough


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Pictures on the disk, with the coin of each.

    Attributes:
        pictures: the same, in order.
        first: (N,) bool: whether network ``a`` is trained on it; network ``b`` is on all others.
        ledger: the file.
    """

    pictures: ObjectPictures
    first: NDArray[np.bool_]
    ledger: Path

    def member(self, half: str) -> NDArray[np.bool_]:
        """Return (N,) bool: which pictures a network was trained on."""
        return self.first if half == HALVES[0] else ~self.first

    def sides(self, half: str) -> dict[str, PhotoSource]:
        """Return the two sides of a network, as ``extract`` takes them."""
        other = HALVES[1 - HALVES.index(half)]
        return {side: self._source(split) for side, split in ((MEMBERS, half), (NON_MEMBERS, other))}

    def numbers(self, ids: NDArray[np.object_]) -> NDArray[np.int64]:
        """Return which picture each row of a store is, by its name there."""
        return np.array([int(Path(str(name)).stem) for name in ids], np.int64)

    def crops(self) -> np.ndarray:
        """Return (N, 112, 112, 3) uint8: the whole pictures as an audit reads them."""
        whole = RECORDED[WholePicture.name]
        return np.stack([whole(open_photo(self.ledger.parent / _place(k)))[0].crop for k in range(len(self.pictures))])

    def _source(self, split: str) -> PhotoSource:
        return PhotoSource(self.ledger, person_column=COLUMNS[1], image_column=COLUMNS[0], split=split)


def halved(pictures: ObjectPictures, folder: Path, seed: int) -> Halves:
    """Toss a coin for each picture and write ledger and pictures, or go on with those that lie there.

    Args:
        pictures: of known classes.
        folder: gets ``ledger.csv`` and the pictures as PNG.
        seed: of the coins.

    Raises:
        BadInput: the folder holds other pictures or other coins; a half has too few; or too many are of a class that the
            other half has not.
    """
    first = np.random.default_rng([seed, 7]).random(len(pictures)) < 0.5
    if min(first.sum(), (~first).sum()) < MIN_OF_A_HALF:
        raise BadInput(
            f"{pictures.name} has {len(pictures)} pictures, and each half needs {MIN_OF_A_HALF} at least. Give more pictures."
        )
    ours, theirs = (np.isin(pictures.labels, pictures.labels[half]) for half in (first, ~first))
    alone = int((~(ours & theirs)).sum())
    if alone > MOST_ALONE * len(pictures):
        raise BadInput(
            f"{alone} of {pictures.name}'s {len(pictures)} pictures are of a class that only one half got, so that the class "
            "alone tells which network was trained on them. Give more pictures of each class, or fewer classes."
        )
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for k, (unit, label, coin) in enumerate(zip(pictures.units, pictures.labels, first, strict=True)):
        writer.writerow((_place(k), unit, pictures.classes[label], HALVES[0] if coin else HALVES[1]))
    ledger, text = folder / LEDGER, table.getvalue().encode()
    if ledger.is_file() and ledger.read_bytes() != text:
        raise BadInput(f"{folder} was made from other pictures or another seed. Choose another folder with --out.")
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for k, picture in enumerate(pictures.pictures):
        data, file = to_png(picture), folder / _place(k)
        if not file.is_file() or file.read_bytes() != data:
            if ledger.is_file():
                raise BadInput(f"{file} is missing or another than before. Choose another folder with --out.")
            write_bytes(file, data)
    write_bytes(ledger, text)  # last: without it the pictures are those of a run that was cut off
    return Halves(pictures, first, ledger)


def _place(number: int) -> str:
    return f"{FOLDER}/{number:06d}.png"
