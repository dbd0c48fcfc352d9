"""Was this photo used? One face's scores to the answer of one network. Pure: no network runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from mint.auditors.panel import QUALITIES
from mint.bundles.bundle import PERSON, PHOTO, Bundle
from mint.evidence.confidence import Confidence, confidence
from mint.evidence.conformal import evidence_rate, largest_p_values
from mint.evidence.verdict import NO_SIGN_QUANTILE, chance_right, decide
from mint.networks.match_faces import UNSEEN
from mint.types import FULL, NOT_MEASURED, REFERENCE, Answer, Face, FaceAudit, LayerScore, Rate, Verdict

DEFAULT_ALPHA, DEFAULT_PRIOR = 0.01, 0.5
SIBLINGS = "siblings"


def check_settings(alpha: float, prior: float) -> None:
    """Refuse what is no rate and no belief. Raises ValueError."""
    if not 0 < alpha < 1 or not 0 <= prior <= 1:
        raise ValueError(f"alpha must lie between 0 and 1, prior from 0 to 1; got {alpha} and {prior}")


def judge_face(bundle: Bundle, face: Face, columns: Mapping[str, float], alpha: float, prior: float) -> FaceAudit:
    """One network's answers for one face, layer by layer and fused."""
    outside = bundle.ranges.outside({name: columns[name] for name in QUALITIES})
    layers = []
    for spec in bundle.specs:
        if spec.online:
            score = columns[spec.column]
            p = compare(bundle, spec.column, PHOTO, score)
            verdict, _ = _words(bundle, spec.column, PHOTO, score, p, alpha, outside)
            membership = float(bundle.platt[spec.column].probability(score))
            interval = confidence_of(bundle, spec.column).interval(score) if bundle.tier == FULL else (None, None)
            layers.append(LayerScore(spec.layer, spec.auditor, score, p, membership, verdict, *interval))
    photo = answer(bundle, PHOTO, columns, alpha, prior, outside)
    person = answer(bundle, PERSON, columns, alpha, prior, outside)
    return FaceAudit(face.box, face.sharpness, tuple(layers), photo, person, alpha, prior, bundle.tier)


def compare(bundle: Bundle, column: str, question: str, score: float) -> float:
    """Return the largest p-value over the kinds of non-members; 1 where there are none."""
    known = bundle.non_members(column, question)
    return float(largest_p_values([score], known)[0]) if known else 1.0


def unseen_face(bundle: Bundle, face: Face, alpha: float, prior: float) -> FaceAudit:
    """Return the answer for a face that a network's own detector does not find: p = 1."""

    def nothing(question: str) -> Answer:
        rates = measured_rates(bundle, question, alpha)
        return Answer(
            float("nan"), 1.0, 0.5, Verdict.CANNOT_SAY, UNSEEN, *rates, chance_right(prior, rates[1], rates[0])
        )

    return FaceAudit(face.box, face.sharpness, (), nothing(PHOTO), nothing(PERSON), alpha, prior, bundle.tier)


def answer(
    bundle: Bundle, question: str, columns: Mapping[str, float], alpha: float, prior: float, outside: str | None
) -> Answer:
    """Answer ``photo`` or ``person`` for one face's columns."""
    score = float(bundle.fusions[question].score(columns))
    p = compare(bundle, question, question, score)
    fpr, tpr = measured_rates(bundle, question, alpha)
    verdict, reason = _words(bundle, question, question, score, p, alpha, outside)
    membership = float(bundle.platt[question].probability(score))
    return Answer(score, p, membership, verdict, reason, fpr, tpr, chance_right(prior, tpr, fpr))


def _words(
    bundle: Bundle, column: str, question: str, score: float, p: float, alpha: float, outside: str | None
) -> tuple[Verdict, str]:
    """Return a column's verdict on a question and the reason, subject to its gate."""
    silence = bundle.abstention_reason(column, question, p)
    if silence is not None:
        return Verdict.CANNOT_SAY, outside if outside and bundle.tier == REFERENCE else silence
    members = np.concatenate([bundle.calibration[s][column] for s in bundle.members(question)])
    low = float(np.quantile(members, NO_SIGN_QUANTILE))
    verdict, reason = decide(p, score, alpha, low, outside, bundle.passed_gate(column))
    if verdict is Verdict.EVIDENCE and question == PHOTO and SIBLINGS not in bundle.sources(PHOTO):
        reason += "; none of these shows a person who was trained on, so it may be the person and not this very photo"
    return verdict, reason


@lru_cache(maxsize=256)
def confidence_of(bundle: Bundle, column: str) -> Confidence:
    """Return a column's probability map with its uncertainty over calibration people."""
    known, members, others = bundle.calibration, bundle.members(PHOTO), bundle.sources(PHOTO)
    return confidence(
        bundle.platt[column],
        *([known[s][column] for s in side] for side in (members, others)),
        *([known[s]["identity"] for s in side] for side in (members, others)),
    )


@lru_cache(maxsize=128)
def measured_rates(bundle: Bundle, question: str, alpha: float) -> tuple[Rate, Rate]:
    """Return the shares of the test split that get "evidence of use" at this alpha.

    Returns:
        The false-positive rate of the kind of non-members where it is highest, and the true-positive rate
        of members; either is ``NOT_MEASURED`` where nobody was left for the test.
    """
    calibration = bundle.non_members(question, question)

    def share(source: str) -> Rate:
        return evidence_rate(bundle.test[source][question], calibration, alpha)

    def there(source: str) -> int:
        return len(bundle.test[source][question]) if calibration and source in bundle.test else 0

    # The worst kind is the worst kind, however few people it has: a few photographic people are what a visitor may be.
    return (
        max(
            (share(s) for s in bundle.sources(question) if there(s)),
            key=lambda r: (r.value, r.high),
            default=NOT_MEASURED,
        ),
        share("members") if there("members") else NOT_MEASURED,
    )
