"""What a training step on a face tells of its use: only where that was measured to be more than simpler signs tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.errors import WeightsCorrupt, WeightsMissing, brief
from mint.evidence.conformal import FalseAlarmBound
from mint.gradients.training_step import EMBEDDING, LAYERS, GradientFeatures
from mint.i18n.figures import p_value
from mint.i18n.sentences import Sentence
from mint.storage.files import read_json

UNMEASURED = Sentence("gradients of these very weights were never measured against photos of which the truth is known")
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GradientAudit:
    """One network's step on one face.

    Attributes:
        lengths: layer to the length of its change; ``embedding`` to that of the gradient there. None where no gradient is.
        p_value: the share of known unused photos that score as high, at most; None where nothing may be said.
        said: what it means.
    """

    lengths: Mapping[str, float] | None
    p_value: float | None
    said: Sentence

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def read_figures(path: Path) -> dict[str, Figures]:
    """Read what ``mint lab gradients`` measured: fingerprint of a network to its figures.

    Raises:
        WeightsMissing: there is no such file. It ships with MINT: that nothing was measured is nothing it may stand for.
        WeightsCorrupt: the file is damaged.
    """
    if not path.is_file():
        raise WeightsMissing(f"{path} is missing. Restore weights/ from the repository.")
    try:
        return {one["fingerprint"]: one for one in read_json(path).values()}
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise WeightsCorrupt(f"{path} cannot be read: {brief(error)}. Restore it.") from error


def judge_gradients(features: GradientFeatures, figures: Figures | None) -> tuple[GradientAudit, ...]:
    """Judge faces of one photo.

    Args:
        features: of the faces, from ``GradientReader.read``.
        figures: measured on this network; None where none were.

    Returns:
        One a face.
    """
    lengths = [dict(zip((*LAYERS, EMBEDDING), map(float, row), strict=True)) for row in np.exp(features.norms)]
    if figures is None or not figures["speaks"]:
        said = _cannot_say(UNMEASURED) if figures is None else _no_more(figures["paired"]["beats"], figures["rows"])
        return tuple(GradientAudit(one, None, said) for one in lengths)
    auditor, unused = figures["auditor"], figures["unused"]
    together = np.concatenate([features.prototype, features.norms], axis=1).astype(np.float64)
    scores = together @ np.array(auditor["weights"]) + auditor["bias"]
    bounds = FalseAlarmBound.of(unused["scores"], unused["people"]).at(scores)
    return tuple(GradientAudit(one, float(p), _at_most(float(p))) for one, p in zip(lengths, bounds, strict=True))


def unreadable(reason: Sentence, faces: int) -> tuple[GradientAudit, ...]:
    """Return the answers of a network that gives no gradients."""
    return (GradientAudit(None, None, _cannot_say(reason)),) * faces


def without_answer(audit: GradientAudit, reason: Sentence) -> GradientAudit:
    """Return what stands in place of the answer on a face that nothing may be said of; the lengths are measured all the same."""
    return replace(audit, p_value=None, said=_cannot_say(reason))


def _cannot_say(reason: Sentence) -> Sentence:
    return Sentence("gradients: cannot say; {reason}", reason=reason)


def _no_more(beats: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> Sentence:
    return Sentence(
        "gradients: cannot say; where the truth is known they told no more than loss and class centres did (AUC {ours} against "
        "{theirs})",
        ours=f"{rows[beats['what']]['auc']:.3f}",
        theirs=f"{rows[beats['than']]['auc']:.3f}",
    )


def _at_most(p: float) -> Sentence:
    return Sentence(
        "gradients: with the class centres, at most {p} of unused photos of used people would change the network as little",
        p=p_value(p),
    )
