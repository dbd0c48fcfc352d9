"""Plot a bundle's test scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.bundles.bundle import SOURCES, Bundle
from mint.bundles.evaluation import NEW_PEOPLE, NON_MEMBERS
from mint.evidence.bootstrap import DRAWS
from mint.evidence.conformal import largest_p_values
from mint.evidence.estimates import BINS, Estimate, balanced_weights, estimates
from mint.evidence.metrics import bins_of, clopper_pearson
from mint.evidence.score_table import (
    IDENTITY,
    MEMBERS,
    OPENPEOPLE,
    OUTSIDERS,
    PHOTO,
    REAL,
    SIBLINGS,
    Columns,
    Tables,
    sides,
)
from mint.judging.photo import DEFAULT_ALPHA
from mint.lab.controls.names import OTHER_TWIN, PIXELS, SHUFFLED, SHUFFLED_PEOPLE, UNTRAINED
from mint.lab.evaluation.plots import Bin, Curve, Group, histograms, reliability, roc_loglog

AUDITORS = {
    PHOTO: "combined",
    "prototype/head": "prototype",
    "centred/head": "centred",
    "recall/head": "recall",
    "consistency/views": "consistency",
    "vanilla/all": "published (vanilla), all stages",
    "cnn/all": "published (CNN), all stages",
}
CONTROLS = {
    PIXELS: "pixels",
    UNTRAINED: "untrained network",
    OTHER_TWIN: "the other twin",
    SHUFFLED: "shuffled labels",
}
CALLED = {
    MEMBERS: "members",
    SIBLINGS: "siblings",
    OUTSIDERS: "outsiders",
    OPENPEOPLE: "photographic\noutsiders",
    REAL: "real faces",
}
Floats = NDArray[np.float64]


def plot_bundle(bundle: Bundle, folder: Path, suffix: str = ".svg", draws: int = DRAWS) -> list[Path]:
    """Draw a bundle's ROC at both levels, its scores, and the reliability of its probability.

    Args:
        bundle: with its test scores.
        folder: gets ``roc-sample``, ``roc-identity``, ``scores`` and ``reliability``.
        suffix: ``.svg`` or ``.png``.
        draws: of people, for the interval of the calibration error.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}{suffix}" for name in ("roc-sample", "roc-identity", "scores", "reliability")]
    for level, path in zip(NON_MEMBERS, paths, strict=False):
        others = f"{NON_MEMBERS[level]} of {_people(bundle.test[NON_MEMBERS[level]])} people"
        roc_loglog(curves(bundle, level), path, f"{bundle.name}: members against {NON_MEMBERS[level]}", others)
    groups = [Group(CALLED[s], t[PHOTO], t[IDENTITY]) for s, t in _by_kind(bundle.test).items()]
    threshold = evidence_threshold(bundle)
    histograms(
        groups,
        paths[2],
        f"{bundle.name}: combined score of test people",
        threshold,
        f"evidence of use from here on (α = {DEFAULT_ALPHA:g})",
    )
    bins, error = reliability_bins(bundle, draws)
    words = f"calibration error {error.value:.3f} (95 % interval {error.low:.3f} to {error.high:.3f})"
    reliability(bins, paths[3], f"{bundle.name}: was the photo used?", words)
    return paths


def curves(bundle: Bundle, level: str) -> list[Curve]:
    """Return ROC curves of the auditors and of the controls, which cannot know membership."""
    members, others = sides(bundle.test, NON_MEMBERS[level])
    found = [Curve(label, members[c], others[c]) for c, label in AUDITORS.items() if c in members]
    for name, label in CONTROLS.items():
        # At identity level labels shuffled within people would still be right; people are shuffled instead.
        split = SHUFFLED_PEOPLE if (name, level) == (SHUFFLED, NEW_PEOPLE) else name
        if split in bundle.scores:
            members, others = sides(bundle.scores[split], NON_MEMBERS[level])
            found.append(Curve(f"control: {label}", members[PHOTO], others[PHOTO], control=True))
    return found


def evidence_threshold(bundle: Bundle, alpha: float = DEFAULT_ALPHA) -> float | None:
    """Return the lowest score with a p-value of at most ``alpha``, or None.

    It is exact to a ten-thousandth of the scores' range.
    """
    every = np.concatenate([t[PHOTO] for tables in (bundle.calibration, bundle.test) for t in tables.values()])
    grid = np.linspace(every.min(), every.max(), 10_001)
    p = largest_p_values(grid, bundle.bounds(PHOTO, PHOTO))  # never rising with the score
    return float(grid[np.argmax(p <= alpha)]) if p[-1] <= alpha else None


def reliability_bins(bundle: Bundle, draws: int = DRAWS) -> tuple[list[Bin], Estimate]:
    """Return predictions for the test people's photos and what was so, in bins.

    Either class is half of the weight, and the kinds of non-members weigh alike, as where the map
    to a probability was fitted. A bin's interval is Clopper-Pearson's for as many cases as it has
    people, or for Kish's effective number of its weights where that is smaller.

    Args:
        bundle: with its test scores.
        draws: of people, for the interval of the calibration error.

    Returns:
        The bins that hold a picture, and the calibration error.
    """
    members, kinds = bundle.test[MEMBERS], [s for s in SOURCES[PHOTO] if len(bundle.test[s][PHOTO])]
    others = np.concatenate([bundle.test[s][PHOTO] for s in kinds])
    source = np.repeat(np.arange(len(kinds)), [len(bundle.test[s][PHOTO]) for s in kinds])
    # Real people are numbered from 0 like the fictional ones.
    name = [np.char.add("r" if s == REAL else "f", bundle.test[s][IDENTITY].astype(str)) for s in (MEMBERS, *kinds)]
    probability = bundle.platt[PHOTO].probability
    error = estimates(
        members[PHOTO], others, name[0], np.concatenate(name[1:]),
        probability=probability, sources=source, fprs=(), draws=draws,
    ).calibration_error  # fmt: skip
    assert error is not None
    p, who = probability(np.r_[members[PHOTO], others]), np.concatenate(name)
    weights, is_member = (
        balanced_weights(len(members[PHOTO]), len(others), source),
        np.arange(len(p)) < len(members[PHOTO]),
    )
    place = bins_of(p, BINS)
    return [
        _bin(p[place == b], is_member[place == b], weights[place == b], who[place == b]) for b in np.unique(place)
    ], error


def _bin(p: Floats, is_member: NDArray[np.bool_], weights: Floats, who: NDArray[np.str_]) -> Bin:
    share = float(np.average(is_member, weights=weights))
    people = len(np.unique(who))
    cases = min(float(people), float(weights.sum() ** 2 / (weights**2).sum()))
    return Bin(float(np.average(p, weights=weights)), share, *clopper_pearson(share * cases, cases), len(p), people)


def _by_kind(tables: Tables) -> dict[str, Columns]:
    return {s: tables[s] for s in CALLED if s in tables and len(tables[s][PHOTO])}


def _people(columns: Columns) -> int:
    return len(np.unique(columns[IDENTITY]))
