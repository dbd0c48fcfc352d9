"""Score pictures into tables: the same for a twin, a checkpoint and every control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mint.bundles.bundle import MEMBER_KINDS, SOURCES
from mint.errors import BadInput
from mint.evidence.fusion import Fusion, Platt
from mint.evidence.score_table import OPENPEOPLE, PERSON, PHOTO, Columns, Tables
from mint.evidence.verdict import Range
from mint.lab.persons.fusion_fit import fit_fusion
from mint.vision.faces import FLATNESS, QUALITIES

FUSED = ("consistency/views", "prototype/head", "centred/head")  # the auditors that beat their controls
RECALL = "recall/head"
FALSE_ALARM_SHARE = (
    0.005  # of the siblings: the share of false alarms that a face as it is cut out and the search are each given
)
COMMON = 0.1  # of the members: a score that nine in ten of them reach is as sure as a score can be
RANGE_QUANTILE = 0.001
FLAT_PHOTO = 0.2  # flatness that edited photos reach (99 % of 86 photos under each of 29 edits) and drawings begin at


def fused(columns: dict[str, np.ndarray], fusions: Mapping[str, Fusion]) -> dict[str, np.ndarray]:
    """Return the columns with one more for each question."""
    return {**columns, **{question: fusion.score(columns).astype(np.float32) for question, fusion in fusions.items()}}


def fuse(columns: Columns, member: np.ndarray, known: np.ndarray) -> dict[str, Fusion]:
    """Fit non-negative logistic weights on the validation split, for each question.

    Args:
        columns: scores of the N validation photos.
        member: (N,) bool: trained on.
        known: (N,) bool: of people of whom some photo was trained on.
    """
    there = {c: columns[c] for c in FUSED if c in columns}
    # Hardly any penalty: the auditors nearly separate the two, and a penalty would level their weights.
    photo = replace(fit_fusion(there, member, strength=1e3), caps=caps(there, member))
    # Where every non-member shows a trained person, there is nobody to fit the person's question on; nor, later, to compare
    # with, so that it is answered "cannot say".
    return {PHOTO: photo, PERSON: photo if known.all() else fit_fusion(there, known, strength=1e3)}


def caps(columns: Columns, member: np.ndarray) -> dict[str, float]:
    """Return the score of each column beyond which more is no more evidence: no non-member lies above it, nine in ten members do.

    Otherwise one auditor that is surer of a photo than of any member outvotes the others, which see no member in it. On a
    network of generated people *consistency* is so sure of photographs.

    Args:
        columns: scores of the N validation photos.
        member: (N,) bool: trained on.
    """
    return {
        name: float(max(np.quantile(scores[member], COMMON), scores[~member].max())) for name, scores in columns.items()
    }


def max_of_two(fusion: Fusion, siblings: Columns) -> Fusion:
    """Combine two fusions: as the face is cut out, or at its best cut less a handicap.

    A search raises the scores of non-members, too. With the handicap, both ways call the same share of siblings members.

    Args:
        fusion: of a face as it is cut out.
        siblings: columns of the calibration people's, who are the hardest non-members; of outsiders, where there are none.
    """
    plain, best = (np.quantile(values, 1 - FALSE_ALARM_SHARE) for values in (fusion.score(siblings), siblings[RECALL]))
    return replace(fusion, otherwise=Fusion({RECALL: 1.0}, float(plain - best)))


def fuse_again(tables: Tables, fusions: Mapping[str, Fusion]) -> Tables:
    """Return the sources with fused columns of other fusions."""
    return {source: fused(dict(columns), fusions) for source, columns in tables.items()}


def drop_columns(tables: Tables) -> Tables:
    """Return only the columns that a control's figures need."""
    left_out = (*QUALITIES, PERSON)
    return {s: {k: v for k, v in c.items() if k not in left_out} for s, c in tables.items() if s != OPENPEOPLE}


def platt(tables: Tables, column: str) -> Platt:
    """Fit score to probability, with equal weight for both sides and for each source."""
    from sklearn.linear_model import LogisticRegression

    question = PERSON if column == PERSON else PHOTO
    sides = ((MEMBER_KINDS[question], True), (SOURCES[question], False))
    parts = [(tables[s][column], m) for side, m in sides for s in side if s in tables and len(tables[s][column])]
    share = {member: sum(m is member for _, m in parts) for member in (True, False)}
    if not all(share.values()):
        return Platt(0.0, 0.0)  # nobody on one side: the probability stays 1/2
    x = np.concatenate([values for values, _ in parts]).astype(np.float64)
    y = np.concatenate([np.full(len(values), member) for values, member in parts])
    weight = np.concatenate([np.full(len(v), 1 / (len(v) * share[m])) for v, m in parts]) * len(x)
    scale = x.std() or 1.0
    model = LogisticRegression(C=1e3, max_iter=5000).fit(x[:, None] / scale, y, sample_weight=weight)
    slope, bias = float(model.coef_[0, 0] / scale), float(model.intercept_[0])
    # A score that falls with membership on calibration data says nothing: the probability stays 1/2.
    return Platt(slope, bias) if slope > 0 else Platt(0.0, 0.0)


def ranges(tables: Tables) -> Range:
    """Return the widest bounds of any calibration source, without its extreme 0.1 %.

    Flatness has an upper bound alone, ``FLAT_PHOTO`` or more: with less of it a photo is only noisier. A quality that was
    measured of no photo of a source, as in scores of earlier versions, gets no bounds.

    Raises:
        BadInput: a quality is no number for some photos of a source, and for others it is one.
    """
    bounds = {}
    for quality in QUALITIES:
        values = [t[quality] for t in tables.values() if len(t.get(quality, ()))]
        if not values or any(np.isnan(v).all() for v in values):
            continue
        if wrong := sum(int((~np.isfinite(v)).sum()) for v in values):
            raise BadInput(
                f"The {quality} of {wrong} of {sum(map(len, values))} calibration photos is no number: without it nobody "
                "knows which photos the test was checked on. Extract all photos again, with a network that puts out numbers."
            )
        ends = [np.quantile(v, [RANGE_QUANTILE, 1 - RANGE_QUANTILE]) for v in values]
        low, high = float(min(e[0] for e in ends)), float(max(e[1] for e in ends))
        bounds[quality] = (0.0, max(high, FLAT_PHOTO)) if quality == FLATNESS else (low, high)
    return Range(bounds)
