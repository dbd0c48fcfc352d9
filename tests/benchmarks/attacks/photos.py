"""Whose photos are attacked: generated people, drawn again from the pool's seed, and real ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.errors import BadPhoto, BadPool, NoFace
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.real_faces import by_folder, for_calibration
from mint.lab.inputs.samples import Photos
from mint.lab.twin_bundles.roles import rows_by_role
from mint.lab.twins.fictional_people import GAN, gan_person, load_generator
from mint.lab.twins.ledger import read_ledger
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.storage.files import read_json
from mint.vision.faces import find, fingerprint
from mint.vision.images import open_photo


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One photo with a face.

    Attributes:
        person: whose.
        rgb: (H, W, 3) uint8.
    """

    person: str
    rgb: np.ndarray


def pool_photos(pool: Path, network: str, purpose: str, most: int, seed: int) -> dict[str, list[Photo]]:
    """Members, siblings and outsiders of one purpose, as whole photos.

    Raises:
        BadPool: a photo drawn again is not the one in the ledger.
    """
    rows, drawn = read_ledger(pool / "ledger.csv"), read_json(pool / "pool.json")
    recipe = PoolRecipe.of(drawn)
    generator = load_generator()
    found = {}
    for group, index in rows_by_role(rows, network, purpose, seed, 10**6).items():
        index = np.array([i for i in index if rows[i].source == GAN])
        photos = []
        for i in np.sort(np.random.default_rng([seed, len(index)]).permutation(index)[:most]):
            _, person, number = rows[i].picture.split("/")
            each = recipe.per_identity
            rgb = gan_person(generator, drawn["seed"], int(person), each, recipe.variation, only=[int(number)])[0]
            if fingerprint(recipe.finder(rgb)[0].crop) != rows[i].sha256:
                raise BadPool(f"{rows[i].picture}, drawn again, is not the picture in the ledger.")
            photos.append(Photo(rows[i].identity, rgb))
        found[group] = photos
    return found


def real_photos(path: Path, purpose: str, most: int, seed: int) -> list[Photo]:
    """One photo each of real people whom the network's own detector finds; ``test`` or ``calibration`` people."""
    first: dict[str, bytes] = {}
    stored = Photos()
    for sample in samples(by_folder(path)):
        if sample.identity not in first and for_calibration(sample.identity) == (purpose == "calibration"):
            first[sample.identity] = stored.read(sample)
    photos: list[Photo] = []
    for person in np.random.default_rng(seed).permutation(sorted(first)):
        if len(photos) == most:
            break
        photos += _with_a_face(str(person), first[str(person)])
    return photos


def _with_a_face(person: str, data: bytes) -> Iterable[Photo]:
    try:
        rgb = open_photo(data)
        find(rgb)
    except (BadPhoto, NoFace):
        return []
    return [Photo(person, rgb)]
