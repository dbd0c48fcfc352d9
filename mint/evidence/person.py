"""Turn several photos of one person into one p-value: was this person used at all?

A set of n photos is compared with sets of n photos, one of each calibration person, so that the
p-value counts people: at most a share alpha of people who were not used get a p of alpha or less,
however many photos they bring. Photos are expected to be distinct (``mint.evidence.near_duplicates``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.errors import TooFew
from mint.evidence.conformal import ENOUGH_PEOPLE, FalseAlarmBound, evidence_rate, kinds_to_compare, largest_p_values
from mint.evidence.fusion import Fusion
from mint.evidence.metrics import KindRate
from mint.evidence.odd_photo import OddCheck, oddest
from mint.evidence.score_table import CALIBRATION, MEMBERS, OUTSIDERS, REAL, SIBLINGS, TEST
from mint.evidence.verdict import NO_SIGN_QUANTILE, WorstRate
from mint.i18n.sentences import Sentence
from mint.types import NOT_MEASURED, Rate

Floats = NDArray[np.floating[Any]]
Sets = Mapping[str, Mapping[str, np.ndarray]]  # kind of people to size ("n03") to one score a person

MAX_PHOTOS = 18  # of one person that are looked at, and scored to compare with; ``PersonTest.most`` are judged together
MIN_PEOPLE = 3  # people of a kind without whom nothing can be said about that kind
TRIMMED = 4  # from so many photos on, the one least like the others is left out of the compactness
COMPACT, BEST, STEADY, CENTRE = "compactness", "best photos", "consistency", "nearest centre"
OTHERS = (OUTSIDERS, REAL)  # kinds of people who were not used: generated ones, real ones
OWN = (OUTSIDERS,)  # those of the members' own source
USED, NOT_USED, MIXED = MEMBERS, SIBLINGS, "mixed"  # which photos of people who were used
CONSISTENCY = "consistency/views"  # the auditor that says how steady a photo is


@dataclass(frozen=True, slots=True, eq=False)
class Photos:
    """Scores and embeddings of one person's distinct photos, and how alike their pixels are.

    Attributes:
        person: (n,) scores of "was this person used", a photo each.
        consistency: (n,) scores of the consistency auditor.
        unit: (n, E) embeddings of length 1.
        alike: (n, n) from ``mint.evidence.near_duplicates.likeness``.
        thumbs: (n, 32, 32) from ``near_duplicates.thumbnails``, where sets of several people are made of them; else None.
    """

    person: Floats
    consistency: Floats
    unit: Floats
    alike: Floats
    thumbs: Floats | None = None

    def __len__(self) -> int:
        return len(self.person)

    def __getitem__(self, rows: Any) -> Photos:
        """Return the same for some of the photos."""
        kept = np.arange(len(self))[rows]
        thumbs = None if self.thumbs is None else self.thumbs[kept]
        alike = self.alike[np.ix_(kept, kept)]
        return Photos(self.person[kept], self.consistency[kept], self.unit[kept], alike, thumbs)


def all_kinds_stay(one: Mapping[str, int], more: Mapping[str, int]) -> bool:
    """Return whether sets of several photos are compared with every kind of people that one photo is, see ``PersonTest.most``.

    Args:
        one: kind to its number of calibration people.
        more: likewise, of those who have so many photos.
    """

    def compared(people: Mapping[str, int]) -> tuple[str, ...]:
        return kinds_to_compare({kind: number for kind, number in people.items() if number >= MIN_PEOPLE}, OWN)

    now = compared(more)
    return bool(now) and all(
        kind in now and (more[kind] >= ENOUGH_PEOPLE or one[kind] < ENOUGH_PEOPLE) for kind in compared(one)
    )


@dataclass(frozen=True, slots=True, eq=False)
class PersonTest:
    """The test that judges several photos of one person; stored in a bundle.

    Attributes:
        fusion: features of a set to its score, the same for every n.
        expected: base and rise: two photos with likeness L of somebody unknown to the network have
            a cosine of about base + rise * L squared.
        alike_most: size to the highest mean likeness of a calibration set.
        odd: size to when a photo seems to show somebody else; empty where nobody measured it.
        scores: ``calibration`` and ``test`` to one score a person, kind and size. Kinds are
            ``outsiders`` and ``real`` (not used), ``members`` (photos that were used), ``siblings``
            (other photos of people who were used) and ``mixed`` (any photos of people who were used).
    """

    fusion: Fusion
    expected: tuple[float, float]
    alike_most: Mapping[str, float]
    odd: Mapping[str, OddCheck]
    scores: Mapping[str, Sets]

    def score(self, photos: Photos, head: Floats | None) -> float:
        """Return one score for a set of 1 to ``MAX_PHOTOS`` photos, larger = more likely used; only of ``most`` is it compared."""
        return float(self.fusion.score(set_features(photos, self.expected, head)))

    def p_value(self, score: float, n: int) -> float:
        """Return the largest bound over the kinds of people who were not used, in (0, 1].

        Raises:
            TooFew: too few calibration people have n photos.
        """
        return float(largest_p_values([score], self.bounds(n))[0])

    def bounds(self, n: int) -> dict[str, FalseAlarmBound]:
        """Return how often people who were not used reach a score with n photos at most, by kind.

        Raises:
            TooFew: too few calibration people have n photos.
        """
        known = self._others(CALIBRATION, n)
        compared = kinds_to_compare({kind: len(values) for kind, values in known.items()}, OWN)
        return {kind: FalseAlarmBound.of(known[kind], np.arange(len(known[kind]))) for kind in compared}

    def most(self) -> int:
        """Return how many photos are judged together at most: with more, a kind of people is no longer compared with.

        Few people have many photos. A kind that drops out for that would be accused more often than was promised, and a set
        that is compared with fewer than ``ENOUGH_PEOPLE`` of a kind can hardly be evidence.
        """

        def people(n: int) -> dict[str, int]:
            return {kind: len(self.of(CALIBRATION, kind, n)) for kind in OTHERS}

        return next((n for n in range(MAX_PHOTOS, 1, -1) if all_kinds_stay(people(1), people(n))), 1)

    def fewest(self, n: int) -> int:
        """Return the people of the smallest kind that sets of n photos are compared with. Raises as ``bounds``."""
        return min(bound.people for bound in self.bounds(n).values())

    def no_sign_below(self, n: int) -> float:
        """Return the score that 95 % of used calibration people exceed, with any photos of theirs."""
        used = [v for kind in (USED, NOT_USED) if len(v := self.of(CALIBRATION, kind, n))]
        return float(np.quantile(np.concatenate(used), NO_SIGN_QUANTILE)) if used else -np.inf

    def rates(self, n: int, alpha: float) -> tuple[Rate, Rate]:
        """Return the shares of test people who get "evidence of use" with n photos at this alpha.

        Returns:
            The false-positive rate of the kind of people where it is highest, and the
            true-positive rate of people who were used, with photos of which some were used;
            ``NOT_MEASURED`` where there are none.

        Raises:
            TooFew: too few people have n photos.
        """
        self._others(TEST, n)  # without one kind of some people, no rate says anything
        bounds, used = self.bounds(n), self.of(TEST, MIXED, n)
        alarms = WorstRate.among(self._alarms(n, alpha, bounds).values())
        return alarms, evidence_rate(used, bounds, alpha) if len(used) else NOT_MEASURED

    def false_alarms_by_kind(self, n: int, alpha: float) -> dict[str, Rate]:
        """Return the false-positive rate of every kind of test people who were not used, however few have n photos.

        Raises TooFew as ``rates``, for the people to compare with.
        """
        return self._alarms(n, alpha, self.bounds(n))

    def false_alarms(self, kind: str, n: int, alpha: float) -> Rate:
        """Return the false-positive rate of one kind; ``NOT_MEASURED`` where too few of it have n photos. Raises as ``rates``."""
        rate = self.false_alarms_by_kind(n, alpha).get(kind, NOT_MEASURED)
        return rate if rate.n >= MIN_PEOPLE else NOT_MEASURED

    def _alarms(self, n: int, alpha: float, bounds: Mapping[str, FalseAlarmBound]) -> dict[str, Rate]:
        kinds = (kind for kind in self.scores[TEST] if kind not in (USED, NOT_USED, MIXED))
        found = {kind: evidence_rate(s, bounds, alpha) for kind in kinds if len(s := self.of(TEST, kind, n))}
        return {kind: KindRate.of(kind, rate) for kind, rate in found.items()}

    def compared(self, n: int) -> int:
        """Return how many calibration people with n photos a person is compared with. Raises TooFew as ``p_value``."""
        return sum(bound.people for bound in self.bounds(n).values())

    def outside(self, photos: Photos) -> Sentence | None:
        """Return why the photos are too alike in their pixels to be compared, or None."""
        most = self.alike_most.get(size(len(photos)), np.inf)
        if mean_pair(photos.alike) > most:
            return Sentence(
                "the photos are more alike than those of anybody this test was calibrated on; add photos of other occasions"
            )
        return None

    def odd_check(self, n: int) -> OddCheck | None:
        """Return when sets of n photos are asked about, or None where that was not measured."""
        return self.odd.get(size(n))

    def odd_one(self, photos: Photos) -> int | None:
        """Return the photo that seems to show somebody else, or None, also where there is no ``odd_check``.

        Of two photos that do not go together, the second is named.
        """
        check = self.odd_check(len(photos))
        if check is None or len(photos) < 2:
            return None
        least, place = oddest(photos.unit, photos.alike)
        return place if least < check.least else None

    def of(self, purpose: str, kind: str, n: int) -> np.ndarray:
        """Return one score for each person of a kind who has n photos."""
        return self.scores[purpose].get(kind, {}).get(size(n), np.zeros(0))

    def _others(self, purpose: str, n: int) -> dict[str, np.ndarray]:
        found = {kind: self.of(purpose, kind, n) for kind in OTHERS}
        enough = {kind: values for kind, values in found.items() if len(values) >= MIN_PEOPLE}
        if not enough:
            raise TooFew("Too few people with {n} photos were scored for this network to judge a set of {n}.", n=n)
        return enough

    def to_dict(self) -> dict[str, Any]:
        """Return what ``bundle.json`` stores; scores are stored beside the others."""
        return {
            "fusion": self.fusion.to_dict(),
            "expected": list(self.expected),
            "alike_most": dict(self.alike_most),
            "odd": {n: check.to_dict() for n, check in self.odd.items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], scores: Mapping[str, Sets]) -> PersonTest:
        """Read what ``to_dict`` returned.

        Raises KeyError, TypeError or ValueError where it is damaged.
        """
        base, rise = stored["expected"]
        alike = {str(k): float(v) for k, v in stored["alike_most"].items()}
        odd = {str(k): OddCheck.from_dict(v) for k, v in stored.get("odd", {}).items()}  # older bundles have none
        return cls(Fusion.from_dict(stored["fusion"]), (float(base), float(rise)), alike, odd, scores)


def size(n: int) -> str:
    """Return the column name of sets of n photos: ``n03``."""
    return f"n{n:02d}"


def set_features(photos: Photos, expected: tuple[float, float], head: Floats | None) -> dict[str, float]:
    """Return the features of a set of n >= 1 photos; each is larger where a person was used.

    ``compactness``: mean over pairs of how far the cosine of two embeddings lies above what their
    likeness in pixels lets expect; 0 for one photo. ``best photos``: mean of the higher half of the
    photos' person scores. ``consistency``: mean score. ``nearest centre``, where the classification
    head is at hand: largest cosine of the mean embedding with a class centre.

    Raises:
        TooFew: there is no photo.
    """
    n = len(photos)
    if not n:
        raise TooFew("A set needs at least one photo.")
    gaps = excess(photos, expected)
    if n >= TRIMMED:
        kept = np.delete(np.arange(n), np.argmin(_to_the_rest(gaps)))
        gaps = gaps[np.ix_(kept, kept)]
    found = {
        COMPACT: mean_pair(gaps),
        BEST: float(np.sort(photos.person)[n // 2 :].mean()),
        STEADY: float(photos.consistency.mean()),
    }
    if head is not None:
        middle = photos.unit.mean(axis=0, dtype=np.float64)
        found[CENTRE] = float((head @ middle).max() / max(float(np.linalg.norm(middle)), 1e-12))
    return found


def mean_pair(values: Floats) -> float:
    """Return the mean of an (n, n) matrix over pairs of different photos; 0 for one photo."""
    n = len(values)
    return float((values.sum(dtype=np.float64) - np.trace(values)) / (n * (n - 1))) if n > 1 else 0.0


def excess(photos: Photos, expected: tuple[float, float]) -> Floats:
    """Return (n, n) cosines of two photos minus those expected from their likeness in pixels."""
    base, rise = expected
    return np.asarray(photos.unit @ photos.unit.T - (base + rise * photos.alike**2), np.float64)


def _to_the_rest(gaps: Floats) -> Floats:
    return np.asarray((gaps.sum(axis=1) - np.diag(gaps)) / (len(gaps) - 1), np.float64)
