"""How many photos of a folder were used, and which? Many looks to one answer of one network. Pure: no network runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mint.bundles.bundle import SOURCES, Bundle
from mint.errors import MintError
from mint.evidence.conformal import largest_p_values, people_p_values
from mint.evidence.score_table import CALIBRATION, IDENTITY, MEMBERS, PHOTO, TEST
from mint.evidence.usage_share import PeopleRates, UsageShare, discoveries, expected_error, usage_share
from mint.evidence.verdict import check_alpha, is_between
from mint.i18n.sentences import Sentence
from mint.judging.looks import check_shown, other_faces
from mint.judging.photo import DEFAULT_ALPHA, NEAR_UNCALIBRATED, bounds_of, near_uncalibrated, unlike
from mint.types import Look, Pairs
from mint.vision.faces import fingerprint

DEFAULT_DISCOVERY_RATE = 0.1
LIMITS = (DEFAULT_ALPHA, 0.02, 0.05, 0.1)  # that a share can be counted at
PEOPLE_TO_NAME = 20  # of a kind of non-members, for it to count in the list: with fewer, nothing could ever be named


@dataclass(frozen=True, slots=True)
class FolderAudit:
    """One network's answer on the photos of a folder.

    Attributes:
        folder: what to call it.
        network: under audit, the name of its bundle as well.
        bundle_sha256: of the bundle.
        alpha: false-positive rate at which a photo counts as positive, in (0, 1).
        discovery_rate: share of the named photos that may be wrong on average, in (0, 1).
        given: how many photos were brought.
        judged: the photos that count.
        copies: photo and the one it repeats exactly; they count once, or not at all where that one is left out.
        left_out: photo and why this test knows nothing like it, or whom its face lies nearest to: near ``Bundle.uncalibrated_classes``
            nothing that was measured of other people holds, neither a share nor a list.
        errors: photo and what went wrong.
        share: of the judged photos that was used; None where that cannot be said.
        named: photos that were used, at the false-discovery rate; the surest first.
        shortest: how many photos a list names at least, if any: p is never below 1 / (1 + people to compare with).
        kinds_left_out: kinds of known non-members with too few people to count in the list.
        reason: why nothing can be said; None if something can.
        other_faces: photo and how many faces of it were not asked about, as the largest alone is.
    """

    folder: str
    network: str
    bundle_sha256: str
    alpha: float
    discovery_rate: float
    given: int
    judged: tuple[str, ...]
    copies: Pairs
    left_out: Pairs
    errors: Pairs
    share: UsageShare | None = None
    named: tuple[str, ...] = ()
    shortest: int | None = None
    kinds_left_out: tuple[str, ...] = ()
    reason: Sentence | None = None
    other_faces: tuple[tuple[str, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def judge_folder(
    bundle: Bundle,
    folder: str,
    looks: Sequence[Look],
    people: Mapping[str, str] | None = None,
    errors: Pairs = (),
    alpha: float | None = None,
    discovery_rate: float = DEFAULT_DISCOVERY_RATE,
) -> FolderAudit:
    """Judge the largest face of every photo, and all of them together.

    Args:
        bundle: that judges.
        folder: what to call the set of photos.
        looks: one a photo.
        people: photo to who is on it; all photos show one person where it is None, which is the careful choice: errors
            come in people.
        errors: photos that could not be looked at, and why.
        alpha: false-positive rate at which a photo counts as positive, in (0, 1). Its errors are corrected for, so that
            any will do; None takes the one of ``LIMITS`` that tells a share best of calibration people.
        discovery_rate: of the list, in (0, 1).

    Raises:
        BadSetting: alpha is no such number.
        MintError: a photo was not shown to the network, or ``people`` does not say who is on it.
        ValueError: the rate of the list lies outside its range.
    """
    if alpha is not None:
        check_alpha(alpha)
    if not (is_between(discovery_rate, 0, 1) and 0 < discovery_rate < 1):
        raise ValueError(f"the false-discovery rate must lie between 0 and 1; got {discovery_rate}")
    for look in looks:
        check_shown(look, bundle.name)
        if people is not None and look.photo not in people:
            raise MintError(
                f"people does not say who is on {look.photo}: name somebody for every photo, or give no people."
            )
    kept, copies, left_out = _sorted_out(bundle, looks)
    if alpha is None:
        alpha = _best_limit(bundle, len(kept))
    audit = FolderAudit(
        folder, bundle.name, bundle.sha256, alpha, discovery_rate, len(looks) + len(errors),
        tuple(look.photo for look in kept), copies, left_out, errors, other_faces=other_faces(looks),
    )  # fmt: skip
    silence = bundle.abstention_reason(PHOTO, PHOTO, 1.0)
    if silence is not None:
        return replace(audit, reason=silence)
    if not looks:
        return replace(audit, reason=Sentence("none of the photos could be looked at"))
    if not kept:
        return replace(
            audit, reason=Sentence("none of the photos can be compared with those that this test was calibrated on")
        )
    tested = (_compared(bundle, TEST, kind) for kind in (MEMBERS, *bundle.sources(PHOTO)))
    known = {one.kind: one for one in tested if len(one.scores)}
    if MEMBERS not in known or len(known) < 2:
        return replace(audit, reason=Sentence("no known member or non-member was left to measure the test with"))
    bounds = bounds_of(bundle, PHOTO, PHOTO)
    scores = np.concatenate([bundle.fusions[PHOTO].score(look.scores[bundle.name])[:1] for look in kept])
    rates = {
        kind: PeopleRates.of(largest_p_values(one.scores, bounds) <= alpha, one.people) for kind, one in known.items()
    }
    members = rates.pop(MEMBERS)
    if members.mean <= max(rate.mean for rate in rates.values()):
        return replace(audit, reason=Sentence("at this limit the test finds no more members than non-members"))
    who = [folder if people is None else people[look.photo] for look in kept]
    share = usage_share(largest_p_values(scores, bounds) <= alpha, who, members, rates)
    compared = [_compared(bundle, CALIBRATION, kind) for kind in bundle.sources(PHOTO)]
    many = [one for one in compared if one.number >= PEOPLE_TO_NAME]
    found, shortest = np.array([], np.int64), None
    if many:
        p = np.max([people_p_values(scores, one.scores, one.people) for one in many], axis=0)
        found = discoveries(p, discovery_rate)
        shortest = math.ceil(len(kept) / (1 + min(one.number for one in many)) / discovery_rate)
    counted = {one.kind for one in many}
    there = (kind for kind in SOURCES[PHOTO] if bundle.scores.rows(CALIBRATION, kind) or bundle.scores.rows(TEST, kind))
    return replace(
        audit,
        share=share,
        named=tuple(kept[i].photo for i in found),
        shortest=shortest,
        kinds_left_out=tuple(kind for kind in there if kind not in counted),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Scores of known photos of one kind that a folder's photos are compared with, and who is on them."""

    kind: str
    scores: np.ndarray
    people: np.ndarray

    @property
    def number(self) -> int:
        """How many people they show."""
        return len(np.unique(self.people))


def _compared(bundle: Bundle, split: str, kind: str) -> _Known:
    """Return the known photos of a kind as a folder's own are taken: without those near ``Bundle.uncalibrated_classes``."""
    far = ~bundle.rows_near_uncalibrated(split, kind)
    scores, people = (bundle.scores.column(split, kind, column) for column in (PHOTO, IDENTITY))
    return _Known(kind, scores[far], people[far]) if len(scores) else _Known(kind, scores, people)


def _best_limit(bundle: Bundle, photos: int) -> float:
    """Return the limit of ``LIMITS`` with the least expected error of the share of so many photos; the lowest of equal ones."""
    bounds = bounds_of(bundle, PHOTO, PHOTO)
    known = (_compared(bundle, CALIBRATION, kind) for kind in (MEMBERS, *bundle.sources(PHOTO)))
    p = {one.kind: largest_p_values(one.scores, bounds) for one in known if bounds and len(one.scores)}
    if not photos or MEMBERS not in p or len(p) < 2:
        return DEFAULT_ALPHA

    def error(limit: float) -> float:
        rates = {kind: float((values <= limit).mean()) for kind, values in p.items()}
        return expected_error(rates.pop(MEMBERS), rates.values(), photos)

    return min(LIMITS, key=error)


def _sorted_out(bundle: Bundle, looks: Sequence[Look]) -> tuple[list[Look], Pairs, Pairs]:
    """Return the looks that count, the exact copies, and what this test knows nothing like."""
    kept: list[Look] = []
    first: dict[str, str] = {}
    copies, left_out = [], []
    for look in looks:
        crop = fingerprint(look.faces[0].crop)
        if crop in first:
            copies.append((look.photo, first[crop]))
            continue
        first[crop] = look.photo
        columns = {name: values[0] for name, values in look.scores[bundle.name].items()}
        why = unlike(bundle, look.seen_by(bundle.name)[0], columns)
        if why is None and near_uncalibrated(bundle, look, bundle.name, 0):
            why = NEAR_UNCALIBRATED
        if why is None:
            kept.append(look)
        else:
            left_out.append((look.photo, why))
    return kept, tuple(copies), tuple(left_out)
