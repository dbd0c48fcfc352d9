"""Pictures of known classes: scikit-learn's digits, people of a pool, or a folder of class folders."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.errors import BadInput, BadPhoto
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource, Reading
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import load_pool
from mint.vision.images import open_photo

DIGITS, POOL = "digits", "pool"
POOL_CLASSES = 100  # of a pool, each a class
MOST_PICTURES = 2_000  # pictures of a folder, so that a folder of any size takes minutes
ENLARGED = 8  # a digit has 8 × 8 pixels, and no reader takes pictures that small for pictures
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class ObjectPictures:
    """Pictures with their classes.

    Attributes:
        name: ``digits``, ``pool``, or the folder's.
        pictures: (H, W, 3) uint8 RGB each.
        classes: the names of all classes, in order.
        labels: (N,) int64: each picture's class.
        units: (N,) names of what is drawn, fitted and resampled as one: the person where a class is one, else each picture.
        told: what was taken and left out, in words.
        options: of the command, that these were read with beside where they lie and the seed.
    """

    name: str
    pictures: tuple[np.ndarray, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    units: tuple[str, ...]
    told: tuple[str, ...]
    options: str = ""

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def by_class(self) -> bool:
        """Whether a class is a person, who must not be on two sides of a split."""
        return len(set(self.units)) < len(self.units)


def object_pictures(
    data: str,
    split: str | None = None,
    most: int | None = None,
    seed: int = 1,
    report: Report = lambda line: None,
    level: int | None = None,
) -> ObjectPictures:
    """Read pictures, and report what was taken.

    Args:
        data: ``digits``; a folder made by ``mint lab pool``; or a folder of class folders, as CIFAR and GTSRB are exported.
        split: of the folder that is read, where it has several.
        most: pictures of a folder, drawn by the seed where there are more; ``MOST_PICTURES`` if not given.
        seed: of that, and of the people of a pool.
        report: told a line for each thing taken or left out.
        level: which folder of a picture's path is its class, 1 for the outermost, where that is not clear.

    Raises:
        BadInput: nothing can be read there, the split is not clear, there are no two classes, or an option would be ignored.
        BadPool: the pool cannot be read.
    """
    place = Path(data)
    if data == DIGITS or (place / "pool.json").is_file():
        if any(given is not None for given in (split, most, level)):
            raise BadInput(f"--split, --person-level and --most are for a folder of class folders, and {data} is none.")
        found = digits() if data == DIGITS else people(place, seed)
    else:
        most = MOST_PICTURES if most is None else most
        found = replace(class_folders(place, split, most, seed, level), options=_options(split, level, most))
    for line in found.told:
        report(line)
    return found


def _options(split: str | None, level: int | None, most: int) -> str:
    """Write the options of a folder as the command takes them."""
    told = {"split": split, "person-level": level, "most": most}
    return " ".join(f"--{name} {shlex.quote(str(value))}" for name, value in told.items() if value is not None)


def digits() -> ObjectPictures:
    """Return scikit-learn's 1,797 handwritten digits; each picture stands for itself, since nobody says who wrote it."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    grey = (images.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    large = np.repeat(np.kron(grey, np.ones((ENLARGED, ENLARGED), np.uint8))[..., None], 3, axis=3)
    told = (f"{len(large)} pictures of {len(set(labels))} classes: scikit-learn's digits",)
    return _made(DIGITS, list(large), [str(label) for label in labels], None, told)


def people(folder: Path, seed: int, count: int = POOL_CLASSES) -> ObjectPictures:
    """Return all crops of ``count`` generated people of a pool, drawn by the seed: each person is a class.

    Raises:
        BadPool: the pool cannot be read.
        BadInput: it has fewer people.
    """
    pool = load_pool(folder)
    generated = sorted({row.identity for row in pool.rows if row.source == GAN})
    if len(generated) < count:
        raise BadInput(
            f"The pool in {folder} has {len(generated)} generated people; {count} are needed. Make a larger pool."
        )
    chosen = set(np.random.default_rng(seed).permutation(generated)[:count].tolist())
    kept = [i for i, row in enumerate(pool.rows) if row.identity in chosen]
    names = [pool.rows[i].identity for i in kept]
    told = (
        f"{len(kept)} crops of {count} of the pool's {len(generated)} generated people, drawn with seed {seed}: each "
        "person is a class",
    )
    return _made(POOL, [pool.crops[i] for i in kept], names, names, told)


def class_folders(folder: Path, split: str | None, most: int, seed: int, level: int | None = None) -> ObjectPictures:
    """Return the pictures of a folder of class folders, ``most`` of them at most.

    Raises:
        BadInput: it cannot be read, has several splits of which none was chosen, or no two classes.
    """
    if folder.is_dir() and not any(child.is_dir() for child in folder.iterdir()):
        raise BadInput(f"{folder} has no folders in it. Put the pictures of each class into a folder of its own.")
    reading = Reading(PhotoSource(folder, split=split, person_level=level))
    every = list(samples(reading.source, reading))
    chosen = sorted(np.random.default_rng(seed).permutation(len(every))[:most].tolist())
    photos, pictures, names, left = Photos(), [], [], []
    for sample in (every[i] for i in chosen):
        try:
            pictures.append(open_photo(photos.read(sample)))
            names.append(sample.identity)
        except BadPhoto as error:
            left.append(f"{sample.id}: {error}")
    if left and not pictures:
        raise BadInput(f"None of the {len(left)} pictures of {folder} can be read, the first {left[0]}")
    drawn = f" of {len(every)}, drawn with seed {seed}," if len(chosen) < len(every) else ""
    told = [f"{len(pictures)} pictures{drawn} of {len(set(names))} classes in {folder.resolve().name}"]
    told += [rule.replace("the person", "the class") for rule in reading.rules]  # whom the reader was made for
    if left:
        told.append(f"{len(left)} cannot be read and are left out, the first {left[0]}")
    return _made(folder.resolve().name, pictures, names, None, tuple(told))


def _made(
    name: str, pictures: list[np.ndarray], names: list[str], units: list[str] | None, told: tuple[str, ...]
) -> ObjectPictures:
    classes = sorted(set(names))
    if len(classes) < 2:
        raise BadInput(f"{name} has pictures of {len(classes)} class(es). A classifier needs two: one folder a class.")
    number = {found: k for k, found in enumerate(classes)}
    return ObjectPictures(
        name,
        tuple(pictures),
        tuple(classes),
        np.array([number[found] for found in names], np.int64),
        tuple(units or (f"{name}-{k:06d}" for k in range(len(pictures)))),
        told,
    )
