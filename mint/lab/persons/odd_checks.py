"""Set, and measure, when a set of photos is asked about because one seems to show somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from mint.evidence.metrics import rate
from mint.evidence.near_duplicates import likeness
from mint.evidence.odd_photo import ASKED, PAIR, OddCheck, oddest
from mint.evidence.person import MAX_PHOTOS, MIXED, OTHERS, PersonTest, Photos, size
from mint.evidence.score_table import CALIBRATION, TEST
from mint.lab.persons.photos import Known

KINDS = (MIXED, *OTHERS)  # of people, who bring any of their photos
ENOUGH = round(PAIR / ASKED)  # people of a kind, with fewer of whom no limit keeps its share, and no rate says much
SHOWN = (2, 3, 4, 5, 10)  # sizes of sets in reports


def odd_checks(known: Known) -> dict[str, OddCheck]:
    """Return a check for each size of which there are calibration people, and test people to measure it on.

    The limit is the lowest over the kinds of people, so that it holds for whoever asks: a photo is seldom taken for another
    person's where a network recognises badly, and then it is seldom noticed either, which ``OddCheck.noticed`` says.
    """
    found = {}
    for n in range(2, MAX_PHOTOS + 1):
        pure = {kind: _pure(known[CALIBRATION].get(kind, ()), n) for kind in KINDS}
        limits = [np.quantile(v, ASKED / PAIR, method="lower") for v in pure.values() if len(v) >= ENOUGH]
        if not limits:
            continue
        least = float(min(limits))
        tested = {
            kind: people for kind in KINDS if len(people := _with_so_many(known[TEST].get(kind, ()), n)) >= ENOUGH
        }
        wrong = {kind: _below(_pure(people, n), least) for kind, people in tested.items()}
        noticed = {kind: _below(mixed, least) for kind, people in tested.items() if len(mixed := _mixed(people, n))}
        if wrong and noticed:
            found[size(n)] = OddCheck(least, wrong, noticed)
    return found


def mixed_up(test: PersonTest, sizes: Sequence[int] = SHOWN) -> list[dict[str, Any]]:
    """Return how often a foreign photo in a folder is noticed, and a clean folder suspected, a row a size and kind."""
    return [
        {
            "photos": n,
            "people": kind,
            "noticed": asdict(rate(*check.noticed[kind])),
            "suspected though clean": asdict(rate(*check.wrong[kind])),
        }
        for n in sizes
        if (check := test.odd_check(n)) is not None
        for kind in check.noticed
    ]


def with_another(photos: Photos, other: Photos) -> Photos:
    """Return the photos with the first of ``other`` in place of the last. Both have their thumbnails."""
    assert photos.thumbs is not None
    assert other.thumbs is not None

    def swapped(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return np.concatenate([mine[:-1], theirs[:1]])

    thumbs = swapped(photos.thumbs, other.thumbs)
    alike = photos.alike.copy()
    alike[-1, :-1] = alike[:-1, -1] = likeness(thumbs[-1:], thumbs[:-1])[0]
    return Photos(
        swapped(photos.person, other.person),
        swapped(photos.consistency, other.consistency),
        swapped(photos.unit, other.unit),
        alike,
        thumbs,
    )


def _with_so_many(people: Sequence[Photos], n: int) -> list[Photos]:
    return [photos[:n] for photos in people if len(photos) >= n]


def _pure(people: Sequence[Photos], n: int) -> np.ndarray:
    return np.array([oddest(photos.unit, photos.alike)[0] for photos in _with_so_many(people, n)])


def _mixed(people: Sequence[Photos], n: int) -> np.ndarray:
    """Return how well the oddest photo goes with the others where the last is the next person's; nothing without thumbnails."""
    there = [photos for photos in _with_so_many(people, n) if photos.thumbs is not None]
    sets = (with_another(mine, next_one) for mine, next_one in zip(there, [*there[1:], *there[:1]], strict=True))
    return np.array([oddest(photos.unit, photos.alike)[0] for photos in sets]) if len(there) > 1 else np.zeros(0)


def _below(values: np.ndarray, least: float) -> tuple[int, int]:
    return int((values < least).sum()), len(values)
