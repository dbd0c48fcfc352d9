"""The blind control sees what a codec, a lens or a light leaves, and nothing where both sides are made alike."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image

from mint.evidence.metrics import auc
from mint.lab.controls.pixel_statistics import pixel_statistics
from mint.lab.training.pixel_baseline import blind_scores


@cache
def pictures(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    small = random.integers(0, 255, (count, 14, 14, 3), np.uint8)
    noise = random.normal(0, 6, (count, 112, 112, 3))
    large = np.stack([cv2.resize(x, (112, 112), interpolation=cv2.INTER_CUBIC) for x in small])
    return (large + noise).clip(0, 255).astype(np.uint8)


def jpeg(crops: np.ndarray, quality: int = 40) -> np.ndarray:
    found = []
    for crop in crops:
        buffer = io.BytesIO()
        Image.fromarray(crop).save(buffer, "JPEG", quality=quality)
        found.append(np.asarray(Image.open(buffer)))
    return np.stack(found)


def blur(crops: np.ndarray) -> np.ndarray:
    return np.stack([cv2.GaussianBlur(crop, (0, 0), 0.8) for crop in crops])


def warm(crops: np.ndarray) -> np.ndarray:
    return (crops * np.array([1.0, 0.85, 0.7])).astype(np.uint8)


def found(shift) -> float:
    """AUC on new pictures when members come out of ``shift``."""

    sizes = {"training": (1, 40), "validation": (11, 20)}
    crops = {s: np.concatenate([shift(pictures(n, seed)), pictures(n, seed + 1)]) for s, (seed, n) in sizes.items()}
    sources = {"members": shift(pictures(60, 21)), "siblings": pictures(60, 22)}
    scores = blind_scores(
        {split: pixel_statistics(found) for split, found in crops.items()},
        {split: np.arange(2 * n) < n for split, (_, n) in sizes.items()},
        {source: pixel_statistics(found) for source, found in sources.items()},
    )
    return auc(scores["members"], scores["siblings"])


@pytest.mark.parametrize("shift", [jpeg, blur, warm])
def test_a_planted_shift_is_found(shift):
    assert found(shift) > 0.95


def test_pictures_made_alike_are_not_told_apart():
    # 60 against 60 at chance: the standard error of the AUC is 0.053.
    assert abs(found(lambda crops: crops) - 0.5) < 3 * 0.053


def test_statistics_are_what_they_say(crops):
    values = pixel_statistics(crops)
    assert np.isfinite(values).all()
    flat = crops.reshape(len(crops), -1, 3) / 255
    np.testing.assert_allclose(values[:, :3], flat.mean(1))
    np.testing.assert_allclose(values[:, 3:6], flat.std(1), atol=2e-6)
    np.testing.assert_allclose(values[0, 15], np.corrcoef(flat[0].T)[0, 1], atol=1e-4)  # after 3 * 3 and 2 * 3 columns
    steps = pixel_statistics(jpeg(pictures(4, 1), 10))[:, -2:] - pixel_statistics(pictures(4, 1))[:, -2:]
    assert (steps > 0.05).all()  # JPEG's blocks are 8 pixels wide


def test_a_flat_picture_has_finite_statistics():
    assert np.isfinite(pixel_statistics(np.zeros((2, 112, 112, 3), np.uint8))).all()
