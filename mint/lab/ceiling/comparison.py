"""Compare auditors without references with attacks that have them, on the same photos, with intervals over people."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.errors import TooFew
from mint.evidence.bootstrap import DRAWS, identity_weights, weighted_tprs
from mint.evidence.estimates import TAILS
from mint.evidence.metrics import CHANCE, LOW_FPR, auc, auc_draws, tpr_at_fpr
from mint.evidence.score_table import IDENTITY, Columns
from mint.lab.evaluation.metric_row import metric_row

Scores = Mapping[str, NDArray[np.float64]]  # of the photos of one kind: attack to a score a photo
WANTED = 0.9  # of the ceiling's AUC above chance, to be reached without references
Side = tuple[Scores, NDArray[np.int32]]  # and the person of each photo
Found = tuple[dict[str, float], dict[str, NDArray[np.float64]]]  # figures of a score, and (draws,) of resampled people


def rows_of(members: Side, others: Side, against: str, attacks: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the figures of every attack: AUC and TPR at low FPR, see ``metric_row``.

    Args:
        members: scores of the used photos, and their people.
        others: of those not used.
        against: what they are called.
        attacks: name to what its knowledge is called.
    """
    ours, theirs = (_columns(side) for side in (members, others))
    return [
        {"attack": attack, "knows": knows, "against": against, **metric_row(ours, theirs, attack, DRAWS)}
        for attack, knows in attacks.items()
    ]


def compared(found: Mapping[str, Found], ours: str, ceiling: str) -> dict[str, Any]:
    """Return how much less one score finds than another, paired by photo and by draw of people.

    Args:
        found: each score's figures, see ``found_by``.
        ours: name of one score.
        ceiling: name of the other.

    Returns:
        ``difference`` of the AUCs (ours - ceiling), ``share``, (ours - 0.5) / (ceiling - 0.5), and ``tpr_difference`` at 1 % FPR,
        with ``_low`` and ``_high``. A share of a ceiling that may be chance is None, and so is a rate of too few non-members.
    """
    (value, drawn), (most, most_drawn) = found[ours], found[ceiling]
    figures: dict[str, Any] = {"difference": ("auc", np.subtract), "tpr_difference": ("tpr", np.subtract)}
    told: dict[str, Any] = {"ours": ours, "ceiling": ceiling, "share": None, "tpr_difference": None}
    if "tpr" not in drawn:
        del figures["tpr_difference"]
    if most_drawn["above chance"].min() > 0:
        figures["share"] = ("above chance", np.divide)
    for name, (measure, figure) in figures.items():
        low, high = np.quantile(figure(drawn[measure], most_drawn[measure]), TAILS)
        told |= {
            name: float(figure(value[measure], most[measure])),
            f"{name}_low": float(low),
            f"{name}_high": float(high),
        }
    return told


def found_by(name: str, members: Side, others: Side) -> Found:
    """Return the figures of a score, and those of resampled people: the same draws for every score of the same photos."""
    (m, n), people = (side[0][name] for side in (members, others)), (members[1], others[1])
    values, drawn = {"auc": auc(m, n)}, {"auc": auc_draws(m, n, *people, DRAWS)}
    with suppress(TooFew):
        values["tpr"] = tpr_at_fpr(m, n, LOW_FPR)
        blocks = [weighted_tprs(m, n, *weights, (LOW_FPR,))[0] for weights in identity_weights(*people, DRAWS, 0)]
        drawn["tpr"] = np.concatenate(blocks)
    values["above chance"], drawn["above chance"] = values["auc"] - CHANCE, drawn["auc"] - CHANCE
    return values, drawn


def _columns(side: Side) -> Columns:
    return {**side[0], IDENTITY: side[1]}


def shuffled(members: Side, others: Side, seed: int) -> tuple[Side, Side]:
    """Return both sides with their labels dealt anew, as many on either side."""
    people = np.concatenate([members[1], others[1]])
    order = np.random.default_rng([seed, 5]).permutation(len(people))
    first, second = np.split(order, [len(members[1])])
    both = {name: np.concatenate([members[0][name], others[0][name]]) for name in members[0]}
    dealt = [({name: values[side] for name, values in both.items()}, people[side]) for side in (first, second)]
    return dealt[0], dealt[1]
