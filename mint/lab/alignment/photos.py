"""Photos that the aligner is trained on: fictional people alone, and where their crops lie as ``mint.vision.still`` measures it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from mint.lab.alignment.recipe import AlignerRecipe
from mint.lab.twins.fictional_people import Picture, gan_pictures, openpeople_pictures
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.storage.files import atomic
from mint.vision.aligner import CENTRE
from mint.vision.faces import detect, in_order, landmarks_of
from mint.vision.opencv import cv2
from mint.vision.placement import fitted, sampled, scale
from mint.vision.still import measure_again

SIDE = 256  # pixels of a photo's part that is kept
LARGEST = 1.6  # times as large as the crop is a face at most


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
        wanted = recipe.people * recipe.per_person

        def pictures() -> Iterator[Picture]:
            yield from gan_pictures(recipe.seed, pool)
            yield from openpeople_pictures()

        cut = [(picture.source, *found) for picture in progress(pictures(), wanted + 260) if (found := _cut(picture.rgb))]
        sources, grey, placed = zip(*cut, strict=True)
        generated = np.array(sum(source == sources[0] for source in sources))
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic(file) as part:
            save_file({"grey": np.stack(grey), "placed": np.stack(placed), "generated": generated}, part)
    kept = load_file(file)
    return TrainingPhotos(kept["grey"], kept["placed"], int(kept["generated"]))


def _cut(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the part of a photo around its largest face and the transform to its crop, or None without a face."""
    rows = in_order(detect(rgb))
    landmarks = measure_again(rgb, landmarks_of(rows[0])) if len(rows) else None
    if landmarks is None:
        return None
    placed = fitted(landmarks)
    smaller = min(1.0, LARGEST * scale(placed))
    # Whole pixels where nothing is shrunk, so that nothing is smoothed.
    centre = np.round(smaller * (np.linalg.inv(placed) @ [*CENTRE, 1.0])[:2])
    to_part = np.array([[smaller, 0, SIDE / 2 - centre[0]], [0, smaller, SIDE / 2 - centre[1]], [0, 0, 1]])
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return sampled(grey, to_part, SIDE), placed @ np.linalg.inv(to_part)
