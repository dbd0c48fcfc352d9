"""Photos of a list that are there twice and are said to have two fates: which of them is true is in doubt."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

import numpy as np

from mint.evidence.near_duplicates import COPY, Floats, likeness
from mint.storage.files import sha256_of

BLOCK = 256  # photos that are compared with all others at a time
ANOTHER_PERSON, ANOTHER_TIME = "another person", "another first or last version"


def doubtful(
    files: Sequence[Path], small: Floats, people: Sequence[str], fates: Sequence[Hashable]
) -> dict[int, tuple[int, str]]:
    """Find photos that contradict another one of the list.

    Two that show one picture and stand under two people do, a copy that was saved anew or mirrored included; so do two files of
    the same bytes that stand under one person with two fates. Different photos of one sitting do not.

    Args:
        files: (N,) of the photos.
        small: (N, 32, 32) float32 ``thumbnails`` of the faces.
        people: (N,) who is on each.
        fates: (N,) which versions used each.

    Returns:
        Number of a photo to that of one that it contradicts, and in what. Whoever is in it is there for both sides.
    """
    found: dict[int, tuple[int, str]] = {}
    for pairs, why in (
        (_of_two_people(small, people), ANOTHER_PERSON),
        (_of_two_fates(files, people, fates), ANOTHER_TIME),
    ):
        for one, other in pairs:
            found.setdefault(one, (other, why))
            found.setdefault(other, (one, why))
    return dict(sorted(found.items()))


def _of_two_people(small: Floats, people: Sequence[str]) -> Iterator[tuple[int, int]]:
    names = np.asarray(people)
    for start in range(0, len(small), BLOCK):
        end = start + BLOCK
        alike = likeness(small[start:end], small[start:])
        alike[names[start:end, None] == names[None, start:]] = -1.0
        yield from ((start + int(one), start + int(other)) for one, other in np.argwhere(alike >= COPY) if one < other)


def _of_two_fates(files: Sequence[Path], people: Sequence[str], fates: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    first: dict[tuple[str, str], dict[Hashable, int]] = {}
    for number, (file, person, fate) in enumerate(zip(files, people, fates, strict=True)):
        known = first.setdefault((person, sha256_of(file)), {})
        yield from ((other, number) for told, other in known.items() if told != fate)
        known.setdefault(fate, number)
