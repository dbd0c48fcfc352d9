"""Since which version was this photo used, and was it taken out? One look under all versions to one answer a face. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.bundles.bundle import Bundle
from mint.bundles.series import MEMBERS, OUT, STAYED, Series
from mint.errors import TooFew
from mint.evidence.conformal import largest_p_values
from mint.evidence.score_table import PHOTO
from mint.evidence.verdict import NO_SIGN_QUANTILE, check_alpha, decide, worst
from mint.i18n.sentences import Sentence
from mint.judging.looks import check_shown
from mint.judging.photo import NOT_UPRIGHT, evidence_from, unlike
from mint.networks.match_faces import UNSEEN
from mint.types import Face, Look, Rate, Verdict

NO_BETTER = Sentence("on people that it knows nothing of, the series tells members no better than chance")
NOBODY = Sentence("too few known photos to compare with")


@dataclass(frozen=True, slots=True)
class Removal:
    """Whether a photo that was used was taken out again.

    Attributes:
        p_value: share of photos that stayed which look at most as much like one that was taken out, as a bound, in (0, 1];
            1 of a photo that itself looks more like one that stayed.
        version: that most likely came without it; None where there is no evidence that one did.
        false_positive_rate: measured on test members that stayed, at this alpha.
        true_positive_rate: measured on test members that were taken out.
    """

    p_value: float
    version: str | None
    false_positive_rate: Rate
    true_positive_rate: Rate

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "p_value": self.p_value,
            "version": self.version,
            "false_positive_rate": self.false_positive_rate.to_dict(),
            "true_positive_rate": self.true_positive_rate.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class OverTime:
    """The answer on one face over a series of versions.

    Attributes:
        box: x, y, width, height in pixels of the photo.
        scores: of each version, larger = more member; None of one that does not see the face.
        thresholds: of each version, the score above which it alone would say "evidence of use" at this alpha; None where it
            cannot say so whatever the score.
        usual: of each version, the scores between which nine in ten photos lie that no version used.
        ratios: of each version, the log-likelihood ratio of "used from here on" to "never used"; empty without all scores.
        p_value: of "never used", the largest over the kinds of non-members, with the same maximum over versions; in (0, 1].
        verdict: whether any version used the photo.
        reason: why, in one sentence.
        first: the version that most likely used it first; None without evidence of use.
        versions: those of which it cannot be excluded; empty without evidence of use.
        removal: whether it was taken out again; None without evidence of use, or with nobody to compare with.
        alpha: promised false-positive rate.
        false_positive_rate: measured on test non-members at this alpha, of the worst kind.
        true_positive_rate: measured on test members.
    """

    box: tuple[float, float, float, float]
    scores: tuple[float | None, ...]
    thresholds: tuple[float | None, ...]
    usual: tuple[tuple[float, float], ...]
    ratios: tuple[float, ...]
    p_value: float
    verdict: Verdict
    reason: Sentence
    first: str | None
    versions: tuple[str, ...]
    removal: Removal | None
    alpha: float
    false_positive_rate: Rate
    true_positive_rate: Rate

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "box": list(self.box),
            "scores": list(self.scores),
            "thresholds": list(self.thresholds),
            "usual": [list(ends) for ends in self.usual],
            "ratios": list(self.ratios),
            "p_value": self.p_value,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "first": self.first,
            "versions": list(self.versions),
            "removal": None if self.removal is None else self.removal.to_dict(),
            "alpha": self.alpha,
            "false_positive_rate": self.false_positive_rate.to_dict(),
            "true_positive_rate": self.true_positive_rate.to_dict(),
        }


def judge_over_time(bundles: Mapping[str, Bundle], look: Look, series: Series, alpha: float) -> tuple[OverTime, ...]:
    """Judge every face of a look that all versions of a series have had.

    Args:
        bundles: by name; those of the series.
        look: at the photo.
        series: calibrated with these bundles.
        alpha: promised false-positive rate, in (0, 1).

    Raises:
        BundleMismatch: a bundle is not the series' own.
        BadSetting: alpha is no such number.
        MintError: a version was not shown the photo.
    """
    check_alpha(alpha)
    series.check(bundles)
    check_shown(look, *series.names)
    return tuple(
        _face({n: bundles[n] for n in series.names}, look, place, series, alpha) for place in range(len(look.faces))
    )


def _face(bundles: Mapping[str, Bundle], look: Look, place: int, series: Series, alpha: float) -> OverTime:
    columns = {name: {c: float(v[place]) for c, v in look.scores[name].items()} for name in bundles}
    scores = {name: float(bundle.fusions[PHOTO].score(columns[name])) for name, bundle in bundles.items()}
    alarms = worst(series.rate(kind, alpha) for kind in series.test.never)
    seen = {name: score if np.isfinite(score) else None for name, score in scores.items()}
    thresholds = tuple(_threshold(bundle, alpha) for bundle in bundles.values())
    usual = tuple((float(low), float(high)) for low, high in series.test.model.usual())

    def answer(
        verdict: Verdict, reason: Sentence, p: float = 1.0, ratios: tuple[float, ...] = (), first: str | None = None,
        versions: tuple[str, ...] = (), removal: Removal | None = None,
    ) -> OverTime:  # fmt: skip
        return OverTime(
            look.faces[place].box, tuple(seen.values()), thresholds, usual, ratios, p, verdict, reason, first, versions, removal, alpha, alarms,
            series.rate(MEMBERS, alpha),
        )  # fmt: skip

    if None in seen.values():
        return answer(Verdict.CANNOT_SAY, UNSEEN)
    row = np.array([[scores[name] for name in series.names]])
    ratios = tuple(map(float, series.test.model.ratios(row)[0]))
    try:
        bounds = series.test.bounds()
        p = float(largest_p_values([max(ratios)], bounds)[0])
    except TooFew:
        return answer(Verdict.CANNOT_SAY, NOBODY, ratios=ratios)
    faces = {name: look.seen_by(name)[place] for name in bundles}
    if (silence := _silence(bundles, faces, columns, series, p)) is not None:
        return answer(Verdict.CANNOT_SAY, silence, p, ratios)
    members = series.test.members.values
    low = float(np.quantile(members, NO_SIGN_QUANTILE)) if len(members) else -np.inf
    fewest = min(bound.people for bound in bounds.values())
    verdict, reason = decide(p, max(ratios), alpha, low, None, fewest)
    if verdict is not Verdict.EVIDENCE:
        return answer(verdict, reason, p, ratios)
    first = series.names[int(series.test.first_used(row)[0])]
    kept = tuple(name for name, inside in zip(series.names, series.test.sets(row)[0], strict=True) if inside)
    return answer(verdict, reason, p, ratios, first, kept, _removal(row, series, alpha))


def _threshold(bundle: Bundle, alpha: float) -> float | None:
    """Return the score from which a version speaks for itself; None of one that may not, or has too few to compare with."""
    return None if bundle.abstention_reason(PHOTO, PHOTO, 1.0) is not None else evidence_from(bundle, PHOTO, alpha)


def _silence(
    bundles: Mapping[str, Bundle],
    faces: Mapping[str, Face | None],
    columns: Mapping[str, Mapping[str, float]],
    series: Series,
    p: float,
) -> Sentence | None:
    """Return why nothing can be said, whatever the scores; None if something can."""
    for name, bundle in bundles.items():
        outside = unlike(bundle, faces[name], columns[name])
        if outside is not None:
            return (
                outside
                if outside == NOT_UPRIGHT
                else Sentence("under {version}, {reason}", version=name, reason=outside)
            )
    silent = [bundle.abstention_reason(PHOTO, PHOTO, p) for bundle in bundles.values()]
    if all(reason is not None for reason in silent):
        return silent[-1]
    return None if series.auc[1] > 0.5 else NO_BETTER


def _removal(row: np.ndarray, series: Series, alpha: float) -> Removal | None:
    try:
        p = float(series.test.removal_p_values(row)[0])
    except TooFew:
        return None
    version = series.names[int(series.test.taken_out(row)[0])] if p <= alpha else None
    return Removal(p, version, series.rate(STAYED, alpha), series.rate(OUT, alpha))
