"""Judge several photos of one person together: was this person used?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.bundles.bundle import TRAINED_ON, Bundle
from mint.errors import TooFew
from mint.evidence.near_duplicates import COPY, likeness, thumbnails
from mint.evidence.person import CONSISTENCY, MAX_PHOTOS, Photos
from mint.evidence.score_table import PERSON, PHOTO
from mint.evidence.verdict import chance_right, check_settings, decide
from mint.i18n.sentences import Sentence
from mint.judging.looks import check_shown, other_faces
from mint.judging.one_person import one_person
from mint.judging.photo import NOT_UPRIGHT, any_photo_p_value, as_sure_as_photo, unlike
from mint.networks.match_faces import UNSEEN
from mint.types import FULL, NOT_MEASURED, REFERENCE, UNTOLD, Face, Look, Pairs, Rate, Reasons, Verdict


@dataclass(frozen=True, slots=True, eq=False)
class PersonLook:
    """Photos of one person that were looked at. Adding photos gives a new value.

    Attributes:
        looks: of the usable photos, the largest face of each; at most ``MAX_PHOTOS``. They say how many others it has.
        copies: photo and the one it repeats: the same picture again, mirrored, or of the same burst.
        errors: photo and what went wrong.
        skipped: photos that were not read, by name: no more are judged together.
    """

    looks: tuple[Look, ...] = ()
    copies: Pairs = ()
    errors: Reasons = ()
    skipped: tuple[str, ...] = ()

    @property
    def given(self) -> int:
        """The number of photos given."""
        return len(self.looks) + len(self.copies) + len(self.errors) + len(self.skipped)

    @property
    def full(self) -> bool:
        """Return whether more photos would change nothing."""
        return len(self.looks) >= MAX_PHOTOS

    @property
    def other_faces(self) -> tuple[tuple[str, int], ...]:
        """Photo and how many faces of it are not asked about; of a photo that repeats another the other one's are meant."""
        return other_faces(self.looks)

    def without(self, photo: str) -> PersonLook:
        """Return a copy without one photo and without its repeats; an unknown name changes nothing."""
        return replace(
            self,
            looks=tuple(look for look in self.looks if look.photo != photo),
            copies=tuple(pair for pair in self.copies if photo not in pair),
            errors=tuple(pair for pair in self.errors if pair[0] != photo),
            skipped=tuple(name for name in self.skipped if name != photo),
        )

    def first(self, n: int) -> PersonLook:
        """Return a copy with only the first ``n`` usable photos."""
        return PersonLook(self.looks[:n])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all photos that were given, each once."""
        read = (*(look.photo for look in self.looks), *(photo for photo, _ in (*self.copies, *self.errors)))
        return (*read, *self.skipped)

    def renamed(self, names: Mapping[str, str]) -> PersonLook:
        """Return a copy with photos renamed; those missing in ``names`` keep their names."""
        return replace(
            self,
            looks=tuple(replace(look, photo=names.get(look.photo, look.photo)) for look in self.looks),
            copies=tuple((names.get(photo, photo), names.get(of, of)) for photo, of in self.copies),
            errors=tuple((names.get(photo, photo), why) for photo, why in self.errors),
            skipped=tuple(names.get(photo, photo) for photo in self.skipped),
        )

    def copied(self, face: Face) -> str | None:
        """Return the photo that a face repeats, or None."""
        if not self.looks:
            return None
        alike = likeness(thumbnails(face.crop[None]), thumbnails(np.stack([k.faces[0].crop for k in self.looks])))[0]
        return self.looks[int(alike.argmax())].photo if alike.max() >= COPY else None


@dataclass(frozen=True, slots=True)
class PersonAudit:
    """One network's answer on the photos of one person.

    Attributes:
        person: what to call them.
        network, bundle, bundle_sha256: who says it.
        given, judged: how many photos were brought, and those that were judged together.
        copies, errors, other_faces, left_out: see ``PersonLook``; photo and why this test knows nothing like it.
        skipped: the photos that were not judged, by name: too few people with that many photos are known.
        score: larger = more likely used; None where nothing was judged, and so below.
        p_value: share of people who were not used that score as high, in (0, 1].
        verdict, reason: in words.
        warning: which photo seems to show somebody else; None if all go together.
        doubtful: the photos that the warning names.
        doubted_wrongly: with a warning, the share of sets of one person that are warned of, of the worst kind of people.
        one_person: without one, what that does not say: how seldom somebody else is noticed, or that nobody looked.
        false_positive_rate, true_positive_rate: see ``PersonTest.rates``.
        right, tier: the chance that "evidence of use" is right at the prior; ``reference`` without known members.
        error: why nothing could be judged at all.
    """

    person: str
    network: str
    bundle: str
    bundle_sha256: str
    alpha: float
    prior: float
    given: int = 0
    judged: tuple[str, ...] = ()
    copies: Pairs = ()
    left_out: Reasons = ()
    errors: Reasons = ()
    skipped: tuple[str, ...] = ()
    other_faces: tuple[tuple[str, int], ...] = ()
    score: float | None = None
    p_value: float | None = None
    verdict: Verdict = Verdict.CANNOT_SAY
    reason: Sentence = UNTOLD
    warning: Sentence | None = None
    doubtful: tuple[str, ...] = ()
    doubted_wrongly: Rate | None = None
    one_person: Sentence | None = None
    false_positive_rate: Rate | None = None
    true_positive_rate: Rate | None = None
    right: float | None = None
    error: Sentence | None = None
    tier: str = FULL

    def to_dict(self) -> dict[str, Any]:
        """Return what ``mint audit --person DIR --json`` prints."""

        def said(rate: Rate | None) -> dict[str, Any] | None:
            return None if rate is None else rate.to_dict()

        return {
            "person": self.person,
            "network": self.network,
            "bundle": self.bundle,
            "bundle_sha256": self.bundle_sha256,
            "tier": self.tier,
            "photos": {
                "given": self.given,
                "judged": list(self.judged),
                "copies": [{"photo": photo, "of": of} for photo, of in self.copies],
                "left_out": [{"photo": photo, "reason": why} for photo, why in self.left_out],
                "errors": [{"photo": photo, "error": why} for photo, why in self.errors],
                "not_needed": len(self.skipped),
                "not_judged": list(self.skipped),
                "other_faces": [{"photo": photo, "faces": number} for photo, number in self.other_faces],
            },
            "score": self.score,
            "p_value": self.p_value,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "warning": self.warning,
            "doubted_wrongly": said(self.doubted_wrongly),
            "one_person": self.one_person,
            "alpha": self.alpha,
            "prior": self.prior,
            "false_positive_rate": said(self.false_positive_rate),
            "true_positive_rate": said(self.true_positive_rate),
            "right_at_prior": self.right,
            "error": self.error,
        }


def judge_person(bundle: Bundle, person: str, look: PersonLook, alpha: float, prior: float) -> PersonAudit:
    """Judge the photos under one network. Pure and cheap: no forward pass.

    Raises:
        BadSetting: alpha or prior is no such number.
        MintError: the network was not shown one of the photos.
    """
    check_settings(alpha, prior)
    for one in look.looks:
        check_shown(one, bundle.name)
    columns = [look_at.scores[bundle.name] for look_at in look.looks]
    seen = [look_at.seen_by(bundle.name)[0] for look_at in look.looks]
    outside = [
        unlike(bundle, face, {name: values[0] for name, values in c.items()})
        for c, face in zip(columns, seen, strict=True)
    ]
    known = [i for i, why in enumerate(outside) if why is None]
    most = len(known) if bundle.people is None else bundle.people.most()
    kept = known[:most]
    audit = PersonAudit(
        person,
        bundle.name,
        bundle.name,
        bundle.sha256,
        alpha,
        prior,
        given=look.given,
        judged=tuple(look.looks[i].photo for i in kept),
        copies=look.copies,
        left_out=tuple((look.looks[i].photo, why) for i, why in enumerate(outside) if why is not None),
        errors=look.errors,
        skipped=(*(look.looks[i].photo for i in known[most:]), *look.skipped),
        other_faces=look.other_faces,
        tier=bundle.tier,
    )
    if bundle.people is None:
        return replace(
            audit,
            error=Sentence(
                "The bundle {name} cannot judge several photos of one person: its store has too few people with two photos. "
                "Extract more of them and train anew: mint lab train STORE says how many are needed."
                if TRAINED_ON in bundle.facts
                else "The bundle {name} cannot judge several photos of one person: it was made without strangers to compare "
                "with. Make it anew: mint lab train --strangers POOL.",
                name=bundle.name,
            ),
        )
    if not look.looks:
        return replace(audit, error=Sentence("None of the {n} photos could be used.", n=look.given))
    if not kept:
        if not any(seen):
            return replace(audit, reason=Sentence("in no photo: {why}", why=UNSEEN))
        alone = NOT_UPRIGHT if {*outside} == {NOT_UPRIGHT} else None
        unlike_all = Sentence("every photo is unlike nearly all the photos this test was calibrated on")
        return replace(audit, reason=alone or unlike_all)
    test, photos = bundle.people, _photos(bundle, [look.looks[i] for i in kept])
    score = test.score(photos, bundle.network.centres())
    try:
        p = test.p_value(score, len(kept))
        false_alarms, hits = test.rates(len(kept), alpha)
    except TooFew as error:
        return replace(audit, score=score, reason=error.sentence)
    silence = bundle.abstention_reason(PERSON, PERSON, p)
    if silence is None:
        verdict, reason = decide(
            p, score, alpha, test.no_sign_below(len(kept)), test.outside(photos), test.fewest(len(kept))
        )
    else:
        verdict, reason = Verdict.CANNOT_SAY, (bundle.tier == REFERENCE and test.outside(photos)) or silence
    if bundle.near_uncalibrated(photos.unit.mean(0)):
        photo_p = any_photo_p_value(bundle, [{c: float(v[0]) for c, v in columns[i].items()} for i in kept])
        photo_used = photo_p <= alpha and bundle.abstention_reason(PHOTO, PHOTO, photo_p) is None
        if verdict is Verdict.EVIDENCE:  # which the set's own p no longer decides, as it did where rates were measured
            false_alarms = hits = NOT_MEASURED
        p, verdict, reason = as_sure_as_photo(bundle, photo_p, photo_used, p, verdict, reason)
    together = one_person(bundle, audit.judged, photos)
    return replace(
        audit,
        score=score,
        p_value=p,
        verdict=verdict,
        reason=reason,
        warning=together.warning,
        doubtful=together.doubtful,
        doubted_wrongly=together.wrongly,
        one_person=together.untold,
        false_positive_rate=false_alarms,
        true_positive_rate=hits,
        right=chance_right(prior, hits, false_alarms),
    )


def needed_columns(bundle: Bundle) -> tuple[str, ...]:
    """Return the columns that a set of photos is judged by, and each of them as a photo."""
    wanted = {CONSISTENCY, *bundle.fusions[PERSON].columns, *bundle.fusions[PHOTO].columns}
    return tuple(column for column in bundle.panel.auditors if column in wanted)


def _photos(bundle: Bundle, looks: list[Look]) -> Photos:
    thumbs = thumbnails(np.stack([face.crop for look in looks if (face := look.seen_by(bundle.name)[0])]))
    columns: Mapping[str, np.ndarray] = {
        name: np.array([look.scores[bundle.name][name][0] for look in looks]) for name in needed_columns(bundle)
    }
    return Photos(
        person=bundle.fusions[PERSON].score(columns),
        consistency=np.asarray(columns[CONSISTENCY], np.float64),
        unit=np.stack([look.embeddings[bundle.name][0] for look in looks]),
        alike=likeness(thumbs, thumbs),
    )
