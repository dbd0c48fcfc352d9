"""The values passed from stage to stage. All are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from math import isnan
from typing import Any

import numpy as np

from mint.i18n.sentences import Sentence

FULL, REFERENCE = "full", "reference"  # tiers: with known members to check it with, and without
UNTOLD = Sentence("")
Pairs = tuple[tuple[str, str], ...]
Reasons = tuple[tuple[str, Sentence], ...]  # of photos, by name


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face of a photo.

    Attributes:
        box: x, y, width, height in pixels of the photo.
        confidence: the detector's, in [0, 1].
        crop: (112, 112, 3) uint8 RGB, aligned to the ArcFace template, read-only.
        sharpness: variance of the crop's Laplacian.
        upright: False where the crop may lie another way than calibration's: its landmarks were to be measured again
            (``mint.vision.aligner``) and could not be, or it looks more like a face when it is turned.
    """

    box: tuple[float, float, float, float]
    confidence: float
    crop: np.ndarray
    sharpness: float
    upright: bool = True


class Verdict(StrEnum):
    """The four answers."""

    EVIDENCE = "evidence of use"
    INCONCLUSIVE = "inconclusive"
    NO_SIGN = "no sign of use"
    CANNOT_SAY = "cannot say"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its exact 95 % interval and how many cases it was counted over.

    Where n is 0 nothing was measured: the interval reaches from 0 to 1, and the value means nothing.
    """

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, Any] | None:
        """Return the rate as JSON values; None where nothing was measured."""
        return asdict(self) if self.n else None


NOT_MEASURED = Rate(0.0, 0.0, 1.0, 0)


@dataclass(frozen=True, slots=True)
class PeopleRate(Rate):
    """A share of n pictures, with an interval that allows for several pictures a person."""

    people: int


@dataclass(frozen=True, slots=True)
class LayerScore:
    """One auditor's score for one face.

    Attributes:
        layer: ``stage1`` ... ``stage4``, ``embedding``, ``all``, ``views`` or ``head``.
        auditor: its kind.
        score: larger = more member; no unit.
        p_value: share of calibration non-members that score at least as high, in (0, 1].
        membership: calibrated probability at a prior of one half, in [0, 1].
        verdict: of this auditor alone; ``cannot say`` unless it beat its controls.
        membership_low: lower end of the probability's 95 % interval over calibration people; None where nobody computed it.
        membership_high: upper end.
    """

    layer: str
    auditor: str
    score: float
    p_value: float
    membership: float
    verdict: Verdict = Verdict.CANNOT_SAY
    membership_low: float | None = None
    membership_high: float | None = None

    @property
    def speaks(self) -> bool:
        """Return whether the auditor passed its gate and the face lies in its range."""
        return self.verdict is not Verdict.CANNOT_SAY


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question: was this photo used, or was this person used?

    Attributes:
        score: fused over the auditors, larger = more member; not a number (None in JSON) for a face that
            the network does not see.
        p_value: the largest over the calibration sources, in (0, 1].
        membership: calibrated probability at a prior of one half.
        verdict: in words.
        reason: why, in one sentence.
        false_positive_rate: measured on test non-members at this alpha, of the worst source.
        true_positive_rate: measured on test members at this alpha.
        right: chance that "evidence of use" is right at the chosen prior; None where nothing was measured above the threshold.
    """

    score: float
    p_value: float
    membership: float
    verdict: Verdict
    reason: Sentence
    false_positive_rate: Rate
    true_positive_rate: Rate
    right: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return {
            "score": None if isnan(self.score) else self.score,  # of a face that the network does not see
            "p_value": self.p_value,
            "membership": self.membership,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "false_positive_rate": self.false_positive_rate.to_dict(),
            "true_positive_rate": self.true_positive_rate.to_dict(),
            "right_at_prior": self.right,
        }


@dataclass(frozen=True, slots=True)
class FaceAudit:
    """One network's answers on one face: its box as the first network's detector found it, its sharpness as this one saw it.

    ``tier`` is ``reference`` where no known member could check the test; see ``mint.bundles.bundle.Bundle``.
    """

    box: tuple[float, float, float, float]
    sharpness: float
    layers: tuple[LayerScore, ...]
    photo: Answer
    person: Answer
    alpha: float
    prior: float
    tier: str = "full"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of the data contract."""
        photo = self.photo.to_dict()
        return {
            "tier": self.tier,
            "box": list(self.box),
            "sharpness": self.sharpness,
            "layers": [asdict(layer) for layer in self.layers],
            "combined": {key: photo[key] for key in ("score", "p_value", "membership")},
            "verdict": photo["verdict"],
            "reason": photo["reason"],
            "person": self.person.to_dict(),
            "alpha": self.alpha,
            "prior": self.prior,
            "false_positive_rate": photo["false_positive_rate"],
            "true_positive_rate": photo["true_positive_rate"],
            "right_at_prior": photo["right_at_prior"],
        }


@dataclass(frozen=True, slots=True)
class PhotoAudit:
    """One network's answers on one photo, faces largest first; ``skipped`` smaller ones were not looked at."""

    photo: str
    network: str
    bundle: str
    bundle_sha256: str
    faces: tuple[FaceAudit, ...] = ()
    error: Sentence | None = None
    skipped: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of the data contract."""
        return {
            "photo": self.photo,
            "network": self.network,
            "bundle": self.bundle,
            "bundle_sha256": self.bundle_sha256,
            "faces": [face.to_dict() for face in self.faces],
            "skipped": self.skipped,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The faces of a photo and every auditor's scores: all that needs a forward pass.

    Attributes:
        photo: what to call it; a name, never a path.
        faces: largest first.
        scores: network name to column name to (F,) scores, one a face.
        skipped: faces beyond the limit, which were not looked at.
        embeddings: network name to (F, E) embeddings of length 1.
        own: network name to its own faces, one for each of ``faces``, where its detector is another than
            the one that found those; None where it finds none there, and its scores are not numbers.
        saliency: network name to tap to (F, H, W) in [0, 1], where in each face the network is active; empty unless
            it was asked for.
    """

    photo: str
    faces: tuple[Face, ...]
    scores: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    skipped: int = 0
    embeddings: Mapping[str, np.ndarray] = field(default_factory=dict)
    own: Mapping[str, tuple[Face | None, ...]] = field(default_factory=dict)
    saliency: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)

    def seen_by(self, network: str) -> tuple[Face | None, ...]:
        """Return the faces as a network was shown them; None where its own detector finds none."""
        return self.own.get(network, self.faces)

    def shown_to(self, network: str) -> tuple[Face, ...]:
        """Return the faces as ``seen_by`` does, with the face that the first detector found in place of None."""
        return tuple(own or face for own, face in zip(self.seen_by(network), self.faces, strict=True))

    def beside(self, other: Look) -> Look:
        """Return one look at the faces of both, seen by the same networks in the same photo; those of ``other`` come last."""
        own = {name: (*faces, *other.own[name]) for name, faces in self.own.items()}

        def every(one: Any, two: Any) -> Any:
            if not isinstance(one, Mapping):
                return np.concatenate([one, two])
            return {name: every(part, two[name]) for name, part in one.items()}

        return replace(
            self,
            faces=(*self.faces, *other.faces),
            scores=every(self.scores, other.scores),
            skipped=self.skipped + other.skipped,
            embeddings=every(self.embeddings, other.embeddings),
            own=own,
            saliency=every(self.saliency, other.saliency),
        )

    def joined(self, other: Look) -> Look:
        """Return the look with what further networks saw in the same faces."""
        return replace(
            self,
            scores={**self.scores, **other.scores},
            embeddings={**self.embeddings, **other.embeddings},
            saliency={**self.saliency, **other.saliency},
        )
