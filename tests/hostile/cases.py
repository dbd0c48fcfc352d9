"""Photos that a careless or hostile visitor might send, made by program: the same for every test of every door.

Every case says what must become of it. ``answered``: a face is found in it. ``faceless``: it opens,
and no face is in it. ``refused``: it must not open. ``either``: whether it opens is the decoder's
choice, and both ends are fine as long as nothing else happens.

A photo is made when its bytes are asked for, and not before: all of them take 70 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np

from tests.hostile import sound_photos, spoilt_photos
from tests.hostile.photo_parts import ANSWERED, EITHER, FACE, FACELESS, REFUSED, Case

__all__ = [
    "ANSWERED", "EITHER", "FACE", "FACELESS", "MAKERS", "REFUSED", "Case", "cases", "few_of", "made_by", "rest_of",
]  # fmt: skip
FEW = 5  # of every maker but the bombs
MAKERS: dict[str, Callable[[], Iterator[Case]]] = {
    "encodings": sound_photos.encodings,
    "containers": sound_photos.containers,
    "metadata": sound_photos.metadata,
    "truncated": spoilt_photos.truncated,
    "mutated": spoilt_photos.mutated,
    "spliced": spoilt_photos.spliced,
    "bombs": spoilt_photos.bombs,
    "broken headers": spoilt_photos.broken_headers,
    "other formats": spoilt_photos.other_formats,
    "shapes": sound_photos.shapes,
    "faces": sound_photos.faces,
    "names of formats": sound_photos.names_of_formats,
}


@cache
def cases() -> tuple[Case, ...]:
    """All of them, in an order that never changes."""
    found = tuple(case for maker in MAKERS for case in made_by(maker))
    assert len({case.name for case in found}) == len(found)
    return found


@cache
def made_by(maker: str) -> tuple[Case, ...]:
    """All of one maker, by its name in ``MAKERS``."""
    return tuple(MAKERS[maker]())


def few_of(maker: str) -> tuple[Case, ...]:
    """Some of one maker: every bomb, else about ``FEW``, spread evenly over what it makes, and over every outcome."""
    made = made_by(maker)
    if maker == "bombs":
        return made
    outcomes = {case.outcome: [c for c in made if c.outcome == case.outcome] for case in made}
    picked = [case for alike in outcomes.values() for case in _spread(alike, -(-FEW // len(outcomes)))]
    return tuple(case for case in made if case in picked)


def rest_of(maker: str) -> tuple[Case, ...]:
    """What ``few_of`` leaves."""
    few = {case.name for case in few_of(maker)}
    return tuple(case for case in made_by(maker) if case.name not in few)


def _spread(alike: Sequence[Case], count: int) -> list[Case]:
    places = np.linspace(0, len(alike) - 1, min(count, len(alike))).round().astype(int)
    return [alike[place] for place in places]
