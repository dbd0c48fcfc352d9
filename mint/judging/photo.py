"""Was this photo used? One face's scores to the answer of one network. Pure: no network runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from mint.bundles.bundle import SOURCES, Bundle
from mint.evidence.conformal import FalseAlarmBound, largest_p_values
from mint.evidence.fusion import Confidence, confidence
from mint.evidence.metrics import KindRate, clustered_rate
from mint.evidence.score_table import IDENTITY, MEMBERS, PERSON, PHOTO, SIBLINGS, TEST
from mint.evidence.verdict import NO_SIGN_QUANTILE, WorstRate, chance_right, check_settings, decide, so_few
from mint.i18n.sentences import Sentence
from mint.judging.looks import check_shown
from mint.networks.match_faces import UNSEEN
from mint.types import (
    FULL,
    NOT_MEASURED,
    REFERENCE,
    Answer,
    Face,
    FaceAudit,
    LayerScore,
    Look,
    PhotoAudit,
    Rate,
    Verdict,
)
from mint.vision.faces import QUALITIES

DEFAULT_ALPHA, DEFAULT_PRIOR = 0.01, 0.5
NEAR_UNCALIBRATED = Sentence(
    "the network finds it most like a kind of people on whom this test could not be calibrated; people of that kind who were "
    "not used would be accused too often"
)
NOT_UPRIGHT = Sentence(
    "the face may lie on its side or upside down, and this test was calibrated on upright ones: turn the photo until it stands "
    "upright, or use another one"
)


def judge_photo(bundle: Bundle, look: Look, network: str, alpha: float, prior: float) -> PhotoAudit:
    """Return one network's answers for all faces of a photo.

    Args:
        bundle: of the network.
        look: at the photo.
        network: by which the look knows it.
        alpha: promised false-positive rate, in (0, 1).
        prior: the reader's belief before the test, in [0, 1].

    Raises:
        BadSetting: alpha or prior is no such number.
    """
    check_settings(alpha, prior)
    columns, seen = look.scores[network], look.seen_by(network)
    faces = tuple(
        unseen_face(bundle, face, alpha, prior)
        if (own := seen[i]) is None
        else judge_face(
            bundle,
            replace(own, box=face.box),
            {c: float(v[i]) for c, v in columns.items()},
            alpha,
            prior,
            near_uncalibrated(bundle, look, network, i),
        )
        for i, face in enumerate(look.faces)
    )
    return PhotoAudit(look.photo, network, bundle.name, bundle.sha256, faces, skipped=look.skipped)


def judge_photos(bundles: Mapping[str, Bundle], look: Look, alpha: float, prior: float) -> tuple[PhotoAudit, ...]:
    """Return the answers of the networks that have seen a photo. Raises as ``judge_photo``, and MintError if none has."""
    if not any(name in look.scores for name in bundles):
        check_shown(look, *bundles)
    return tuple(judge_photo(b, look, name, alpha, prior) for name, b in bundles.items() if name in look.scores)


def not_audited(bundles: Mapping[str, Bundle], photo: str, why: Sentence) -> tuple[PhotoAudit, ...]:
    """Return the audits of a photo that could not be looked at, one a network."""
    return tuple(PhotoAudit(photo, network, b.name, b.sha256, error=why) for network, b in bundles.items())


def judge_face(
    bundle: Bundle,
    face: Face,
    columns: Mapping[str, float],
    alpha: float,
    prior: float,
    near_uncalibrated: bool = False,
) -> FaceAudit:
    """Return one network's answers for the face that it was shown, layer by layer and fused.

    Args:
        bundle: of the network.
        face: that it was shown.
        columns: its scores and qualities.
        alpha: promised false-positive rate, in (0, 1).
        prior: the reader's belief before the test, in [0, 1].
        near_uncalibrated: see ``Bundle.near_uncalibrated``.
    """
    outside = unlike(bundle, face, columns)
    layers = []
    for column, layer, auditor in _online(bundle):
        score = columns[column]
        p, membership, verdict, _ = _judged(bundle, column, PHOTO, score, alpha, outside)
        interval = confidence_of(bundle, column).interval(score) if bundle.tier == FULL else (None, None)
        layers.append(LayerScore(layer, auditor, score, p, membership, verdict, *interval))
    photo = answer(bundle, PHOTO, columns, alpha, prior, outside)
    person = answer(bundle, PERSON, columns, alpha, prior, outside)
    if near_uncalibrated:
        p, verdict, reason = as_sure_as_photo(
            bundle, photo.p_value, photo.verdict is Verdict.EVIDENCE, person.p_value, person.verdict, person.reason
        )
        person = replace(person, p_value=p, verdict=verdict, reason=reason)
    return FaceAudit(face.box, face.sharpness, tuple(layers), photo, person, alpha, prior, bundle.tier)


def unlike(bundle: Bundle, face: Face | None, columns: Mapping[str, float]) -> Sentence | None:
    """Return why a bundle's test knows nothing like a face, whatever its scores; None if it does.

    Args:
        bundle: of the network.
        face: as the network was shown it; None where its own detector finds none.
        columns: its scores and qualities.
    """
    if face is None:
        return UNSEEN
    return bundle.ranges.outside({q: float(columns[q]) for q in QUALITIES}) if face.upright else NOT_UPRIGHT


def person_p_values(person: ArrayLike, photo: ArrayLike, near: ArrayLike) -> np.ndarray:
    """Return the p-values for people: near ``Bundle.uncalibrated_classes`` not below that for a photo of theirs.

    There a person's own score counts nobody of that kind, at no limit; and whose photo was used was used.
    """
    return np.where(near, np.maximum(person, photo), person)


def as_sure_as_photo(
    bundle: Bundle, photo_p: float, photo_used: bool, p: float, verdict: Verdict, reason: Sentence
) -> tuple[float, Verdict, Sentence]:
    """Return p-value, verdict and reason for a person near ``Bundle.uncalibrated_classes``, from those by their own score alone.

    Args:
        bundle: that judges.
        photo_p: the p-value for the photo, or for any of several.
        photo_used: whether that is evidence of use.
        p: the person's own.
        verdict: by it.
        reason: of that verdict.
    """
    surer = float(person_p_values(p, photo_p, True))
    if verdict is Verdict.EVIDENCE:
        return (surer, verdict, so_few(surer)) if photo_used else (surer, Verdict.CANNOT_SAY, NEAR_UNCALIBRATED)
    if bundle.tier == REFERENCE and reason == bundle.abstention_reason(PERSON, PERSON, p):  # which tells p
        reason = bundle.abstention_reason(PERSON, PERSON, surer) or reason
    return surer, verdict, reason


def any_photo_p_value(bundle: Bundle, photos: Sequence[Mapping[str, float]]) -> float:
    """Return the p-value for any of several photos by their columns: the lowest, times their number, as each is one more chance."""
    bounds = bounds_of(bundle, PHOTO, PHOTO)
    scores = [float(bundle.fusions[PHOTO].score(columns)) for columns in photos]
    return min(1.0, len(scores) * float(largest_p_values(scores, bounds).min())) if bounds else 1.0


def near_uncalibrated(bundle: Bundle, look: Look, network: str, face: int) -> bool:
    """Return whether a face of a look lies nearest to one of ``Bundle.uncalibrated_classes``."""
    return bool(bundle.uncalibrated_classes) and bundle.near_uncalibrated(look.embeddings[network][face])


def unseen_face(bundle: Bundle, face: Face, alpha: float, prior: float) -> FaceAudit:
    """Return the answer for a face that a network's own detector does not find: p = 1."""

    def nothing(question: str) -> Answer:
        rates = measured_rates(bundle, question, alpha)
        return Answer(
            float("nan"), 1.0, 0.5, Verdict.CANNOT_SAY, UNSEEN, *rates, chance_right(prior, rates[1], rates[0])
        )

    return FaceAudit(face.box, face.sharpness, (), nothing(PHOTO), nothing(PERSON), alpha, prior, bundle.tier)


def answer(
    bundle: Bundle, question: str, columns: Mapping[str, float], alpha: float, prior: float, outside: Sentence | None
) -> Answer:
    """Answer ``photo`` or ``person`` for one face's columns."""
    score = float(bundle.fusions[question].score(columns))
    p, membership, verdict, reason = _judged(bundle, question, question, score, alpha, outside)
    fpr, tpr = measured_rates(bundle, question, alpha)
    return Answer(score, p, membership, verdict, reason, fpr, tpr, chance_right(prior, tpr, fpr))


def prepare(bundle: Bundle) -> None:
    """Gather what judging with a bundle needs whatever the face; it is kept as long as the caches have room."""
    for column, _, _ in _online(bundle):
        _reference(bundle, column, PHOTO)
        if bundle.tier == FULL:
            confidence_of(bundle, column)
    for question in (PHOTO, PERSON):
        _reference(bundle, question, question)
        measured_rates(bundle, question, DEFAULT_ALPHA)


def _judged(
    bundle: Bundle, column: str, question: str, score: float, alpha: float, outside: Sentence | None
) -> tuple[float, float, Verdict, Sentence]:
    """Return a column's p-value, its membership, its verdict on a question subject to its gate, and the reason.

    The p-value is the largest bound over the kinds of non-members; 1 where there are none.
    """
    known = _reference(bundle, column, question)
    p = float(largest_p_values([score], known.bounds)[0]) if known.bounds else 1.0
    membership = float(bundle.platt[column].probability(score))
    silence = known.silence
    if bundle.tier == REFERENCE:
        silence = outside or bundle.abstention_reason(column, question, p)
    if silence is not None:
        return p, membership, Verdict.CANNOT_SAY, silence
    verdict, reason = decide(p, score, alpha, known.members_low, outside, known.fewest)
    if verdict is Verdict.EVIDENCE and question == PHOTO and SIBLINGS not in known.bounds:
        reason = Sentence(
            "{reason}; none of these shows a person who was trained on, so it may be the person and not this very photo",
            reason=reason,
        )
    return p, membership, verdict, reason


@dataclass(frozen=True, slots=True, eq=False)
class _Reference:
    """What a column's scores are compared with, and whether it may speak: the same for every face.

    Attributes:
        bounds: kind of non-members to how often they reach a score at most.
        fewest: people of the smallest of these kinds.
        members_low: the score that 95 % of calibration members exceed; infinitely low where none is known.
        silence: why the column must abstain, or None if it may speak; the reference tier's reason tells the p-value, and is
            made anew for each face.
    """

    bounds: Mapping[str, FalseAlarmBound]
    fewest: int
    members_low: float
    silence: Sentence | None


@lru_cache(maxsize=256)
def _reference(bundle: Bundle, column: str, question: str) -> _Reference:
    members = [bundle.calibration[s][column] for s in bundle.members(question)]
    low = float(np.quantile(np.concatenate(members), NO_SIGN_QUANTILE)) if members else -np.inf
    bounds = bundle.bounds(column, question)
    fewest = min((bound.people for bound in bounds.values()), default=0)
    return _Reference(bounds, fewest, low, bundle.abstention_reason(column, question, 1.0))


def bounds_of(bundle: Bundle, column: str, question: str) -> Mapping[str, FalseAlarmBound]:
    """Return ``Bundle.bounds``, kept as long as the cache has room: sorting the scores of all people takes its time."""
    return _reference(bundle, column, question).bounds


@lru_cache(maxsize=128)
def evidence_from(bundle: Bundle, question: str, alpha: float) -> float | None:
    """Return the score above which a face has a p-value of at most ``alpha``; None where no score has."""
    bounds = bounds_of(bundle, question, question)
    if not bounds:
        return None
    steps = np.unique(np.concatenate([bound.highest for bound in bounds.values()]))  # between them p does not change
    low_enough = steps[largest_p_values(np.nextafter(steps, np.inf), bounds) <= alpha]
    return float(low_enough[0]) if len(low_enough) else None


@lru_cache(maxsize=16)
def _online(bundle: Bundle) -> tuple[tuple[str, str, str], ...]:
    """Return column, layer and name of the auditors that page and shell run."""
    return tuple((spec.column, spec.layer, spec.auditor) for spec in bundle.specs if spec.online)


@lru_cache(maxsize=256)
def confidence_of(bundle: Bundle, column: str) -> Confidence:
    """Return a column's probability map with its uncertainty over calibration people."""
    known, members, others = bundle.calibration, bundle.members(PHOTO), bundle.sources(PHOTO)
    return confidence(
        bundle.platt[column],
        *([known[s][column] for s in side] for side in (members, others)),
        *([known[s][IDENTITY] for s in side] for side in (members, others)),
    )


@lru_cache(maxsize=128)
def false_alarms(bundle: Bundle, question: str, source: str, alpha: float) -> Rate:
    """Return the share of one kind of test non-members that gets "evidence of use" at this alpha.

    Args:
        bundle: with test scores.
        question: ``photo`` or ``person``.
        source: the kind, such as ``real``.
        alpha: the limit, in (0, 1).

    Returns:
        ``NOT_MEASURED`` where there are none of this kind, or nothing to compare with.
    """
    rate = _evidence(bundle, question, source, alpha) if source in SOURCES[question] else NOT_MEASURED
    return KindRate.of(source, rate) if rate.n else rate


def false_alarms_by_kind(bundle: Bundle, question: str, alpha: float) -> dict[str, Rate]:
    """Return ``false_alarms`` of every kind of test non-members, however few there are of it; kinds without any are left out."""
    found = {source: false_alarms(bundle, question, source, alpha) for source in SOURCES[question]}
    return {source: rate for source, rate in found.items() if rate.n}


def _evidence(bundle: Bundle, question: str, source: str, alpha: float) -> Rate:
    p = verdict_p_values(bundle, question, source)
    if not len(p):
        return NOT_MEASURED
    return clustered_rate(p <= alpha, bundle.scores.column(TEST, source, IDENTITY))  # photos of one person agree


def verdict_p_values(bundle: Bundle, question: str, source: str) -> np.ndarray:
    """Return the p-values that verdicts on the test pictures of a kind rest on; none where there is nothing to compare with.

    On the person see ``person_p_values``.
    """
    bounds, scores = bounds_of(bundle, question, question), bundle.scores.column(TEST, source, question)
    if not bounds or not len(scores):
        return np.zeros(0)
    p = largest_p_values(scores, bounds)
    near = bundle.rows_near_uncalibrated(TEST, source)
    if question == PERSON and near.any():
        return person_p_values(p, verdict_p_values(bundle, PHOTO, source), near)
    return p


@lru_cache(maxsize=128)
def measured_rates(bundle: Bundle, question: str, alpha: float) -> tuple[Rate, Rate]:
    """Return the shares of the test split that get "evidence of use" at this alpha.

    Returns:
        The false-positive rate of the kind of non-members where it is highest, and the true-positive rate
        of members; either is ``NOT_MEASURED`` where nobody was left for the test.
    """
    alarms = WorstRate.among(false_alarms_by_kind(bundle, question, alpha).values())
    return alarms, _evidence(bundle, question, MEMBERS, alpha)
