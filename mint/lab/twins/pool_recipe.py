"""What decides how a pool comes out, beside its seed: kept in its summary, so that its pictures can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mint.vision.detectors import CURRENT, YUNET, Finder, finder_named

RECIPE = "recipe"  # in the summary of a pool, and in what a bundle says of its pool


@dataclass(frozen=True, slots=True)
class PoolRecipe:
    """All settings of a pool.

    Attributes:
        identities: generated people, beside the ten of openpeople.
        per_identity: pictures drawn of each.
        variation: the least and the largest a of a person, see ``fictional_people``. Of people of 0.45 a recogniser tells
            two thirds of pairs right, whoever made it; of those of 0.05 to 0.15 OpenCV's SFace nine in ten.
        alignment: of the crops, a name of ``mint.vision.detectors.ALIGNMENTS``.
        used_share: of a used generated person's pictures; the rest are siblings, the hardest non-members.
        purposes: shares of the people for auditor training, validation, calibration and test.
    """

    identities: int = 1400
    per_identity: int = 20
    variation: tuple[float, float] = (0.05, 0.15)
    alignment: str = CURRENT.name
    used_share: float = 0.4
    # Half for calibration: a promise of 1 % of people that does not cost members needs some three hundred, of every kind.
    purposes: tuple[float, float, float, float] = (0.14, 0.06, 0.50, 0.30)

    @classmethod
    def of(cls, summary: Mapping[str, Any]) -> PoolRecipe:
        """Read the recipe of a pool's summary, or of what a bundle says of its pool; the first pools name none."""
        stored = summary.get(RECIPE)
        if stored is None:
            return FIRST
        given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON values; ``of`` reads it under ``RECIPE``."""
        return asdict(self)

    @property
    def finder(self) -> Finder:
        """What finds and aligns the faces."""
        return finder_named(self.alignment)


NOW = PoolRecipe()
FIRST = PoolRecipe(360, 40, (0.45, 0.45), YUNET.name, 0.35, (0.36, 0.10, 0.24, 0.30))
