"""Many crops to verdicts on the photo: the same sums as ``mint.membership``, by the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.bundles.bundle import Bundle
from mint.errors import NoFace
from mint.evidence.conformal import largest_p_values
from mint.evidence.metrics import clustered_rate
from mint.evidence.score_table import PHOTO
from mint.vision.faces import QUALITIES
from tests.benchmarks.attacks.edits import Edit
from tests.benchmarks.attacks.photos import Photo

ALPHAS = (0.01, 0.05)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What N photos were told.

    Attributes:
        p: (N,) p-values; 1 where nothing may be said, or where no face was found.
        silent: (N,) bool, ``cannot say``.
        faceless: (N,) bool, refused because no face was found.
    """

    p: np.ndarray
    silent: np.ndarray
    faceless: np.ndarray


def said_of(bundle: Bundle, crops: Sequence[np.ndarray | None]) -> Said:
    """Judge crops; None where there is no face."""
    faceless = np.array([crop is None for crop in crops])
    p, silent = np.ones(len(crops)), np.zeros(len(crops), bool)
    if not faceless.all():
        score, outside = scores(bundle, np.stack([crop for crop in crops if crop is not None]))
        found = largest_p_values(score, bundle.bounds(PHOTO, PHOTO))
        p[~faceless], silent[~faceless] = np.where(outside, 1.0, found), outside
    return Said(p, silent, faceless)


def scores(bundle: Bundle, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) scores of the photo question, and (N,) bool: outside the range of the calibration set."""
    fusion = bundle.fusions[PHOTO]
    panel = replace(bundle.panel, auditors={c: bundle.panel.auditors[c] for c in fusion.columns})
    columns = panel.scores(bundle.network, crops)
    qualities = [{q: float(columns[q][i]) for q in QUALITIES} for i in range(len(crops))]
    return fusion.score(columns), np.array([bundle.ranges.outside(q) is not None for q in qualities])


def crop_of(bundle: Bundle, rgb: np.ndarray) -> np.ndarray | None:
    """The largest face, found and aligned as for this network, or None."""
    try:
        return bundle.network.finder(rgb)[0].crop
    except NoFace:
        return None


def edited(bundle: Bundle, photos: Sequence[Photo], edit: Edit) -> Said:
    """Edit whole photos, find the faces again, judge."""
    return said_of(bundle, [crop_of(bundle, edit(photo.rgb)) for photo in photos])


def row(said: Said, photos: Sequence[Photo], of_all: bool = False) -> dict[str, Any]:
    """The figures of one line of a table.

    Args:
        said: of the photos.
        photos: whose.
        of_all: count a photo without a face as one without evidence; else only those with a face are counted.
    """
    counted = np.ones(len(photos), bool) if of_all else ~said.faceless
    people = np.array([photo.person for photo in photos])[counted]
    found: dict[str, Any] = {
        "shown": len(photos),
        "no face": int(said.faceless.sum()),
        "cannot say": int(said.silent.sum()),
    }
    for alpha in ALPHAS:
        hits = said.p[counted] <= alpha
        found[f"{alpha}"] = clustered_rate(hits, people).to_dict() if len(hits) else None
    return found
