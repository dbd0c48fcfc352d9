"""Calibrate and measure a bundle on its scores: the same for a store, for a twin, and for one that is scored again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mint.bundles.bundle import Bundle
from mint.evidence.fusion import Fusion
from mint.evidence.score_table import CALIBRATION, OUTSIDERS, PERSON, PHOTO, SIBLINGS, Tables
from mint.lab.evaluation.evaluate import evaluate_all
from mint.lab.training.scoring import RECALL, fuse_again, max_of_two, platt, ranges

KEPT = ("people", "recognition")  # of an evaluation: not measured on the scores


def combined(
    fusions: Mapping[str, Fusion], scores: Mapping[str, Tables]
) -> tuple[dict[str, Fusion], dict[str, Tables]]:
    """Fuse the scores; where recall was scored, the larger of two sums, one with it, answers for the photo.

    Args:
        fusions: of both questions.
        scores: of the splits ``calibration`` and ``test``.

    Returns:
        The fusions, and the scores with what they make of them. Recall is given the same share of false alarms as the
        face as it is cut out, among siblings; among outsiders, where there are none.
    """
    found = {**fusions, PHOTO: replace(fusions[PHOTO], otherwise=None)}
    calibration = scores[CALIBRATION]
    hardest = calibration.get(SIBLINGS) or calibration[OUTSIDERS]
    if RECALL in hardest:
        found[PHOTO] = max_of_two(found[PHOTO], hardest)
    return found, {split: fuse_again(tables, found) for split, tables in scores.items()}


def measured(bundle: Bundle, report: Callable[[str], None], figures: Mapping[str, Any] | None = None) -> Bundle:
    """Return a bundle with the probabilities, the range and the figures of its scores.

    Args:
        bundle: with scores.
        report: told a line.
        figures: more of its evaluation, see ``KEPT``; those that it has already stay.
    """
    calibration = bundle.scores[CALIBRATION]
    columns = (*bundle.panel.auditors, PHOTO, PERSON)
    bundle = replace(bundle, platt={c: platt(calibration, c) for c in columns}, ranges=ranges(calibration))
    report("evaluation")
    kept = {name: value for name, value in (bundle.evaluation or {}).items() if name in KEPT}
    return replace(bundle, evaluation={**kept, **evaluate_all(bundle), **(figures or {})})
