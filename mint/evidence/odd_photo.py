"""Ask whether a photo of a set shows somebody else: how alike photos of one person are, and how often that errs.

The question rests on the photos alone, not on what they would have in common if somebody was used: the likeness in pixels,
which ``set_features`` takes out, is itself a sign of one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.evidence.metrics import rate
from mint.evidence.verdict import worst
from mint.types import NOT_MEASURED, Rate

Floats = NDArray[np.floating[Any]]
Counts = Mapping[str, tuple[int, int]]  # kind of people to how many sets, and of how many

ASKED = 0.05  # of the sets of one person, of any kind of people, that a pair of networks may ask about all the same
PAIR = 2  # networks that are asked together: each may ask about its part of these
# What likeness in pixels counts beside the cosine; chosen on calibration people, as that no contrast is needed.
PIXELS = 0.5


@dataclass(frozen=True, slots=True)
class OddCheck:
    """When to ask about sets of one size, and how often that is right and wrong, in sets of test people.

    Attributes:
        least: a set whose oddest photo goes with the others less than that is asked about.
        wrong: sets of one person that are asked about, by kind.
        noticed: sets of which one photo shows somebody else that are asked about, by kind.
    """

    least: float
    wrong: Counts
    noticed: Counts

    @property
    def wrongly(self) -> Rate:
        """The share of sets of one person that are asked about, of the kind where it is largest."""
        return worst(rate(*counts) for counts in self.wrong.values() if counts[1])

    def notices(self, kind: str) -> Rate:
        """Return the share of sets with somebody else's photo that are asked about; ``NOT_MEASURED`` without such sets."""
        hits, n = self.noticed.get(kind, (0, 0))
        return rate(hits, n) if n else NOT_MEASURED

    def to_dict(self) -> dict[str, Any]:
        """Return what ``bundle.json`` stores."""
        return {
            "least": self.least,
            "wrong": {kind: list(counts) for kind, counts in self.wrong.items()},
            "noticed": {kind: list(counts) for kind, counts in self.noticed.items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> OddCheck:
        """Read what ``to_dict`` returned.

        Raises KeyError, TypeError or ValueError where it is damaged.
        """
        wrong, noticed = ({str(kind): _counts(*of) for kind, of in stored[n].items()} for n in ("wrong", "noticed"))
        return cls(float(stored["least"]), wrong, noticed)


def _counts(hits: int, n: int) -> tuple[int, int]:
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} sets cannot be counted among {n}")
    return hits, n


def oddest(unit: Floats, alike: Floats) -> tuple[float, int]:
    """Return how well the photo that fits least goes with the others, and which it is.

    Args:
        unit: (n, E) embeddings of length 1, n >= 2.
        alike: (n, n) from ``near_duplicates.likeness``.

    Returns:
        Its mean over the others of the cosine plus ``PIXELS`` times the likeness, and its place. Of two photos, the second.
    """
    together = np.asarray(unit @ unit.T + PIXELS * alike, np.float64)
    to_others = (together.sum(axis=1) - np.diag(together)) / (len(together) - 1)
    place = int(np.argmin(to_others)) if len(together) > 2 else 1
    return float(to_others.min()), place
