"""Photos that the aligner is trained on: fictional people alone, and where their crops lie as ``mint.vision.still`` measures it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from mint.lab.alignment.recipe import AlignerRecipe
from mint.lab.twins.fictional_people import GAN, Picture, gan_pictures, openpeople_pictures
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.storage.files import atomic
from mint.vision.aligner import CENTRE
from mint.vision.faces import detect, in_order, landmarks_of
from mint.vision.opencv import cv2
from mint.vision.placement import fitted, sampled, scale
from mint.vision.still import measure_again

PART_SIDE = 256  # pixels of a photo's part that is kept
OPENPEOPLE_PICTURES = 300  # at most: YuNet finds 264 faces
LARGEST_FACE = 1.6  # times as large as the crop is a face at most


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPhotos:
    """Parts of photos around a face.

    Attributes:
        grey: (N, 256, 256) uint8 luminance.
        placed: (N, 3, 3) float64, from their pixels to the crop's.
        generated: how many come first that were generated; the others are photographic.
    """

    grey: np.ndarray
    placed: np.ndarray
    generated: int


Progress = Callable[[Iterable[Picture], int], Iterable[Picture]]


def training_photos(file: Path, recipe: AlignerRecipe, progress: Progress) -> TrainingPhotos:
    """Make the photos, or read them where a run that was cut off has made them.

    Args:
        file: where they are kept, safetensors.
        recipe: says which.
        progress: wraps the pictures, told how many to expect.
    """
    if not file.is_file():
        pool = PoolRecipe(recipe.people, recipe.per_person, recipe.variation)
        most = recipe.people * recipe.per_person + OPENPEOPLE_PICTURES

        def pictures() -> Iterator[Picture]:
            yield from gan_pictures(recipe.seed, pool)
            yield from openpeople_pictures()

        # Filled in place: small arrays between what is made and dropped in turn would keep a hundred times their memory.
        grey, placed = np.zeros((most, PART_SIDE, PART_SIDE), np.uint8), np.zeros((most, 3, 3))
        count = generated = 0
        for picture in progress(pictures(), most):
            if cut := _cut(picture.rgb):
                grey[count], placed[count] = cut
                count += 1
                generated += picture.source == GAN
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic(file) as part:
            save_file({"grey": grey[:count], "placed": placed[:count], "generated": np.array(generated)}, part)
    kept = load_file(file)
    return TrainingPhotos(kept["grey"], kept["placed"], int(kept["generated"]))


def _cut(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the part of a photo around its largest face and the transform to its crop, or None without a face."""
    rows = in_order(detect(rgb))
    landmarks = measure_again(rgb, landmarks_of(rows[0])) if len(rows) else None
    if landmarks is None:
        return None
    placed = fitted(landmarks)
    smaller = min(1.0, LARGEST_FACE * scale(placed))
    # Whole pixels where nothing is shrunk, so that nothing is smoothed.
    centre = np.round(smaller * (np.linalg.inv(placed) @ [*CENTRE, 1.0])[:2])
    to_part = np.array([[smaller, 0, PART_SIDE / 2 - centre[0]], [0, smaller, PART_SIDE / 2 - centre[1]], [0, 0, 1]])
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return sampled(grey, to_part, PART_SIDE), placed @ np.linalg.inv(to_part)
