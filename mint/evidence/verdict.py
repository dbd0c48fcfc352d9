"""Turn p-value, gate and range into a verdict. Pure: the same input gives the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

import numpy as np

from mint.errors import BadSetting, brief
from mint.evidence.conformal import least_bound
from mint.evidence.metrics import KindRate
from mint.i18n.sentences import Sentence
from mint.types import NOT_MEASURED, Rate, Verdict

NO_SIGN_QUANTILE = 0.05
NOT_SETTINGS = "alpha is a number above 0 and below 1, and the prior a number from 0 to 1; got {alpha} and {prior}."
NOT_ALPHA = "alpha is a number above 0 and below 1; got {alpha}."
BEATEN = Sentence("it did not beat its controls: pixels alone, or an untrained network, do as well")


@dataclass(frozen=True, slots=True)
class Range:
    """The range of the calibration set: quality name to (lowest, highest) value.

    Its most extreme photos may lie outside: ``lab.training.scoring.ranges`` leaves 0.1 % of each kind out.
    """

    bounds: Mapping[str, tuple[float, float]]

    def outside(self, quality: Mapping[str, float]) -> Sentence | None:
        """Return in which quality a crop lies outside the calibrated range, or None."""
        for name, (low, high) in self.bounds.items():
            value = quality[name]
            if np.isnan(value):
                return Sentence("{quality} could not be measured", quality=Sentence(name))
            if value < low:
                return Sentence(
                    "{quality} is lower than in nearly all the photos this test was calibrated on",
                    quality=Sentence(name),
                )
            if value > high:
                return Sentence(
                    "{quality} is higher than in nearly all the photos this test was calibrated on",
                    quality=Sentence(name),
                )
        return None

    def mask(self, qualities: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return (N,) bool, which of N crops lie outside, from (N,) values of each quality."""
        inside = [(low <= qualities[q]) & (qualities[q] <= high) for q, (low, high) in self.bounds.items()]
        found: np.ndarray = ~np.all(inside, axis=0)
        return found


def decide(
    p_value: float, score: float, alpha: float, members_low: float, outside: Sentence | None, people: int
) -> tuple[Verdict, Sentence]:
    """Return the verdict of a test that may speak (see ``Bundle.abstention_reason``), and why.

    Args:
        p_value: the largest bound over the kinds of non-members.
        score: the fused score.
        alpha: the promised false-positive rate.
        members_low: the 5 % quantile of calibration members' scores.
        outside: what ``Range.outside`` said.
        people: of the smallest kind of non-members that the score was compared with; nothing below ``least_bound`` of so
            many can be promised.
    """
    if outside is not None:
        return Verdict.CANNOT_SAY, outside
    if p_value <= alpha:
        return Verdict.EVIDENCE, so_few(p_value)
    # Where nobody scores as high, nothing speaks against use.
    if p_value <= (least := least_bound(people)) * (1 + 1e-9):
        return Verdict.CANNOT_SAY, Sentence(
            "{people} people are too few to compare with: with so many, nothing below {share}% can be promised",
            people=people,
            share=f"{100 * least:.1f}",
        )
    if score < members_low:
        share = f"{100 * (1 - NO_SIGN_QUANTILE):.0f}"
        return Verdict.NO_SIGN, Sentence("{share}% of those known to be used score higher than this", share=share)
    return Verdict.INCONCLUSIVE, Sentence("used and unused alike score like this")


def so_few(p_value: float) -> Sentence:
    """Return why a p-value is evidence of use."""
    return Sentence(
        "at most {share}% of those not used score this high, at 90% confidence", share=f"{100 * p_value:.2f}"
    )


@dataclass(frozen=True, slots=True)
class WorstRate(KindRate):
    """A false-alarm rate, of the kind where it is highest.

    Attributes:
        high_of_any: the highest upper end of all kinds' intervals. It may be another's, of few people of whom nobody was
            accused: what is called "at most" has to hold for these as well.
    """

    high_of_any: float

    @classmethod
    def among(cls, rates: Iterable[Rate]) -> Rate:
        """Return the ``worst`` of the rates of several kinds; ``NOT_MEASURED`` if there is none."""
        measured = [rate for rate in rates if isinstance(rate, KindRate)]
        return cls(**asdict(worst(measured)), high_of_any=max(r.high for r in measured)) if measured else NOT_MEASURED


def worst(rates: Iterable[Rate]) -> Rate:
    """Return the largest measured rate, of equal ones that with the higher upper end; ``NOT_MEASURED`` if there is none.

    However few cases a kind has, it counts: a few photographic people are what a visitor may be.
    """
    return max((r for r in rates if r.n), key=lambda r: (r.value, r.high), default=NOT_MEASURED)


def at_most(rate: Rate) -> float:
    """Return how high a rate may be at 95 % confidence; of that of the worst kind, how high any kind's may be."""
    return rate.high_of_any if isinstance(rate, WorstRate) else rate.high


def chance_right(prior: float, tpr: Rate, fpr: Rate) -> float | None:
    """Return the chance that "evidence of use" is right (positive predictive value).

    Uses the upper end of the false-positive rate's interval, of the kind where it is highest, so that it never flatters.

    None where the answer is never "evidence of use" (no member was found, so that nothing could be right), or where that was
    not measured.

    Args:
        prior: the reader's belief before the test, in [0, 1].
        tpr: share of test members that get "evidence of use".
        fpr: the same for test non-members.
    """
    if not (tpr.n and fpr.n and tpr.value):
        return None
    hit, alarm = prior * tpr.value, (1 - prior) * at_most(fpr)
    return hit / (hit + alarm) if hit + alarm > 0 else None


def check_settings(alpha: object, prior: object) -> None:
    """Refuse what is no promised rate or no belief: out of range, NaN, a truth value, or words.

    Raises:
        BadSetting: which is a ValueError, too.
    """
    if not (is_between(alpha, 0, 1) and alpha not in (0, 1) and is_between(prior, 0, 1)):
        raise BadSetting(NOT_SETTINGS, alpha=shown(alpha), prior=shown(prior))


def check_alpha(alpha: object) -> None:
    """Refuse what is no promised rate. Raises BadSetting."""
    if not (is_between(alpha, 0, 1) and alpha not in (0, 1)):
        raise BadSetting(NOT_ALPHA, alpha=shown(alpha))


def is_between(given: Any, least: float, most: float) -> bool:
    """Return whether something is a number from one to another: NaN lies nowhere, and a truth value is no number."""
    return _is_number(given) and bool(least <= given <= most)


def shown(given: Any) -> str:
    """Return a setting as one short line names it."""
    try:
        return str(float(given)) if _is_number(given) else brief(Exception(repr(given)))
    except OverflowError:
        return "a number that is too large"


def _is_number(given: Any) -> bool:
    return not isinstance(given, bool) and isinstance(given, Real)
