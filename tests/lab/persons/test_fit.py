"""The test of several photos, made end to end on a network that was trained on nothing."""

import cv2
import numpy as np
import pytest

from mint.evidence.fusion import Fusion
from mint.evidence.near_duplicates import COPY, likeness, thumbnails
from mint.evidence.person import Photos, set_features, size
from mint.lab.persons.bursts import altered
from mint.lab.persons.fit import expected_cosine, fit, tables


def people(count: int, pictures: int, pull: float, seed: int) -> list[Photos]:
    """People whose embeddings lie near their own direction, the nearer the larger ``pull``."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        raw = pull * random.normal(size=16) + random.normal(size=(pictures, 16))
        unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
        found.append(Photos(random.normal(size=pictures), random.normal(size=pictures), unit, np.eye(pictures)))
    return found


def test_weights_follow_what_tells_people_apart_and_never_go_below_zero() -> None:
    known = {"outsiders": people(30, 12, 0.3, 1)}
    known |= {kind: people(20, 12, 2.0, 2) for kind in ("members", "siblings", "mixed")}
    fusion = fit(known, (0.0, 0.0), None, seed=1)
    assert fusion.weights["compactness"] > 0
    assert all(weight >= 0 for weight in fusion.weights.values())
    inside = tables(people(40, 6, 2.0, 3), fusion, (0.0, 0.0), None)
    outside = tables(people(40, 6, 0.3, 4), fusion, (0.0, 0.0), None)
    assert np.median(inside[size(5)]) > np.quantile(outside[size(5)], 0.95)
    assert [len(inside[size(n)]) for n in (1, 6, 7)] == [40, 40, 0]


def test_a_table_holds_the_first_n_photos_of_each_person() -> None:
    fusion = Fusion({"compactness": 1.0, "best photos": 0.5, "consistency": 0.1}, 2.0)
    everybody = people(3, 5, 1.0, 1)
    found = tables(everybody, fusion, (0.1, 0.2), None)
    for n in (1, 4):
        by_hand = [float(fusion.score(set_features(p[:n], (0.1, 0.2), None))) for p in everybody]
        np.testing.assert_allclose(found[size(n)], by_hand, rtol=1e-5)


def test_the_line_of_cosine_over_likeness_is_recovered() -> None:
    random = np.random.default_rng(1)
    alike = np.triu(random.uniform(0, 0.7, (12, 12)), 1)
    alike = alike + alike.T + np.eye(12)
    gram = 0.1 + 0.5 * alike**2
    np.fill_diagonal(gram, 1.0)
    values, vectors = np.linalg.eigh(gram)
    unit = vectors * np.sqrt(values.clip(0))
    person = Photos(np.zeros(12), np.zeros(12), unit, alike)
    base, rise = expected_cosine([person])
    assert (base, rise) == pytest.approx((0.1, 0.5), abs=0.05)


def test_altered_copies_are_recognised(face_rgb: np.ndarray) -> None:
    crop = cv2.resize(face_rgb, (112, 112), interpolation=cv2.INTER_AREA)
    random = np.random.default_rng(0)
    thumbs = thumbnails(np.stack([crop, *(altered(crop, random) for _ in range(10))]))
    assert (likeness(thumbs[:1], thumbs[1:])[0] >= COPY).mean() >= 0.9
