"""Versions whose scores are planted, so that the page cannot tell: all else is what ``MembershipTest`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mint.bundles.bundle import Bundle
from mint.bundles.series import Series
from mint.judging.over_time import OverTime, judge_over_time
from mint.membership import MembershipTest
from mint.types import Face, Look
from tests.lab.versions.made_up_series import JUMP, NAMES, seen

# Used from the third version on; used by the first two and taken out; never used.
FATES = ([0.0, 0.0, JUMP, JUMP], [JUMP, JUMP, 0.0, 0.0], [0.3, -0.2, 0.4, 0.1])


@dataclass
class Planted:
    """The versions, real but for their scores.

    Attributes:
        bundles: by name.
        scores: of the faces of a photo, from the first one on, and again.
        turning: whether the next photo begins with the next one.
        looks: how many photos were shown to them.
    """

    bundles: dict[str, Bundle]
    scores: Sequence[list[float]] = field(default_factory=lambda: FATES[:1])
    turning: bool = False
    looks: int = 0

    def cut(self, faces: Sequence[Face], name: str, rgb: np.ndarray, by: str) -> Look:
        """Cut out faces that were found."""
        return MembershipTest(self.bundles).cut(faces, name, rgb, by)

    def score(self, look: Look) -> Look:
        """Give every face its planted scores."""
        start = self.looks if self.turning else 0
        self.looks += 1
        each = [
            seen(look.photo, dict(zip(NAMES, self.scores[(start + k) % len(self.scores)], strict=True)), self.bundles)
            for k in range(len(look.faces))
        ]
        names = {name: each[0].scores[name] for name in NAMES}
        return replace(
            look,
            scores={n: {c: np.concatenate([one.scores[n][c] for one in each]) for c in names[n]} for n in names},
        )

    def over_time(self, look: Look, series: Series, alpha: float) -> tuple[OverTime, ...]:
        """Judge every face."""
        return judge_over_time(self.bundles, look, series, alpha)
