"""Auditors of every layer, and the two scores that need no auditor: fit, score, choose the best layer, tell its figures.

The best layer is the one with the largest AUC on validation, whose pictures no figure is of: what would be best on test is
found out only by looking there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.auditors import PAPER_PRESET, Spec
from mint.auditors.features import MAXIMA
from mint.auditors.panel import Panel
from mint.evidence.bootstrap import DRAWS, identity_weights, weighted_auc
from mint.evidence.estimates import TAILS
from mint.evidence.metrics import auc, best_threshold
from mint.evidence.score_table import CALIBRATION, IDENTITY, OUTSIDERS, SIBLINGS, TEST, VALIDATION
from mint.lab.evaluation.metric_row import metric_row
from mint.lab.inputs.splits import GROUPS
from mint.lab.objects.halves import Halves
from mint.lab.store.reader import MEMBERS
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import StoreSplits
from mint.networks.modules.object_cnn import OUTPUT

SPLITS = (VALIDATION, CALIBRATION, TEST)
LOSS, CONFIDENCE = "loss/output", "confidence/output"  # Yeom et al. 2018; Salem et al. 2019
PROTOTYPE = "prototype/head"
KINDS = ("vanilla", "cnn")  # the auditors of layers
Columns = Mapping[str, np.ndarray]
Scores = Mapping[str, Columns]  # split to columns: one a score, and ``picture``, ``identity`` and ``member``
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """The scores of a network's pictures.

    Attributes:
        scores: by split.
        columns: what scores there are, layers first.
    """

    scores: Scores
    columns: tuple[str, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """The columns of auditors of layers, ``auditor/layer``."""
        return tuple(c for c in self.columns if c.partition("/")[0] in KINDS)

    def validation(self, column: str) -> float:
        """Return the AUC on validation, by which layers are chosen."""
        return auc(*_sides(self.scores[VALIDATION], column))

    def best(self) -> str:
        """Return the column of the best layer, by validation alone; of two alike the earlier one."""
        return max(self.layers, key=self.validation)

    def row(self, column: str) -> dict[str, Any]:
        """Return a score's figures on test: AUC and balanced accuracy with intervals, and ``validation``.

        The accuracy's threshold is that of calibration. Intervals are over pictures, or over people where these are classes.
        """
        members, others = halves_of(self.scores[TEST])
        threshold = best_threshold(*_sides(self.scores[CALIBRATION], column))
        auditor, _, layer = column.partition("/")
        return {
            "auditor": auditor,
            "layer": layer,
            "validation": self.validation(column),
            **metric_row(members, others, column, DRAWS, threshold),
        }

    def flipped(self, other: Audit) -> Audit:
        """Return the scores that another network gives the same pictures, under this network's labels.

        Each half has what the other was trained on, so that scores that tell membership fall under 0.5.
        """
        found = {}
        for split, columns in other.scores.items():
            mine = dict(zip(self.scores[split]["picture"], self.scores[split]["member"], strict=True))
            kept = np.array([picture in mine for picture in columns["picture"]])
            there = {name: values[kept] for name, values in columns.items()}
            found[split] = {**there, "member": np.array([mine[picture] for picture in there["picture"]])}
        return replace(self, scores=found)


def layer_specs(taps: Sequence[str]) -> list[Spec]:
    """Return the published auditors of every layer, as MINT-Demo has them, and the prototype."""
    return [Spec(kind, tap, PAPER_PRESET) for tap in taps for kind in KINDS] + [Spec(*PROTOTYPE.split("/"))]


def audited(shown: StoreFeatures, deal: StoreSplits, halves: Halves, labels: NDArray[np.int64], panel: Panel) -> Audit:
    """Score validation, calibration and test of a store.

    Args:
        shown: features of the network, or of a control; with the logits.
        deal: who is where, and who is a member.
        halves: the pictures that the store was made of.
        labels: (N,) of all pictures: the class that the network was taught, for the loss.
        panel: fitted auditors.
    """
    columns = tuple(panel.auditors)
    found: dict[str, dict[str, np.ndarray]] = {}
    for split in SPLITS:
        rows, member, _ = deal.samples(split)
        picture = halves.numbers(shown.store.rows.id[rows])
        likely = torch.log_softmax(shown.tensors([MAXIMA + OUTPUT], rows)[MAXIMA + OUTPUT].double(), 1).numpy()
        found[split] = {
            **shown.scores(panel, rows),
            LOSS: likely[np.arange(len(rows)), labels[picture]],
            CONFIDENCE: likely.max(1),
            "picture": picture,
            IDENTITY: np.unique(np.array(halves.pictures.units), return_inverse=True)[1][picture],
            "member": member,
        }
    return Audit(found, (*columns, CONFIDENCE, LOSS))


def fitted(
    shown: StoreFeatures, deal: StoreSplits, seed: int, report: Callable[[str], None] = lambda line: None
) -> Panel:
    """Fit the auditors of every layer, and the prototype where there is a head."""
    wanted = [spec for spec in layer_specs(shown.shapes.taps) if spec.column != PROTOTYPE or shown.head is not None]
    return shown.fit(wanted, deal, seed, report=report)


def shuffled(deal: StoreSplits, identity: NDArray[np.object_], by_class: bool, seed: int) -> StoreSplits:
    """Return the same split with members and non-members drawn anew: as many in each split, or of each person.

    Args:
        deal: of the store.
        identity: (N,) of the store's rows.
        by_class: shuffle within each person.
        seed: of the draw.
    """
    found = {}
    for number, split in enumerate(deal.rows):
        random = np.random.default_rng([seed, 11, number])
        rows, member, _ = deal.samples(split)
        drawn = member.copy()
        people = identity[rows].astype(str) if by_class else np.full(len(rows), "")
        for person in np.unique(people):
            here = np.flatnonzero(people == person)
            drawn[here] = random.permutation(member[here])
        others = SIBLINGS if by_class else OUTSIDERS
        nobody = np.zeros(0, np.int64)
        found[split] = {
            **dict.fromkeys(GROUPS, nobody),
            MEMBERS: np.sort(rows[drawn]),
            others: np.sort(rows[~drawn]),
        }
    return replace(deal, rows=found)


def gain(ours: Audit, theirs: Audit, column: str) -> dict[str, float]:
    """Return how much larger our AUC on test is than theirs on the same pictures, with an interval over the same draws.

    Raises:
        ValueError: other pictures or members.
    """
    sides = []
    for audit in (ours, theirs):
        test = audit.scores[TEST]
        order = np.argsort(test["picture"], kind="stable")
        sides.append(halves_of({name: values[order] for name, values in test.items()}))
    for mine, other in zip(*sides, strict=True):
        if not np.array_equal(mine["picture"], other["picture"]):
            raise ValueError("the two networks were not scored on the same pictures")
    (m, n), (p, q) = ([side[column].astype(np.float64) for side in both] for both in sides)
    drawn: list[Floats] = []
    for weights in identity_weights(sides[0][0][IDENTITY], sides[0][1][IDENTITY], DRAWS, 0):
        drawn.append(weighted_auc(m, n, *weights) - weighted_auc(p, q, *weights))
    low, high = np.quantile(np.concatenate(drawn), TAILS)
    return {"gain": auc(m, n) - auc(p, q), "gain_low": float(low), "gain_high": float(high)}


def halves_of(columns: Columns) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the columns of members, and those of non-members."""
    member = columns["member"]
    return (
        {name: values[member] for name, values in columns.items()},
        {name: values[~member] for name, values in columns.items()},
    )


def _sides(columns: Columns, column: str) -> tuple[Floats, Floats]:
    values = columns[column].astype(np.float64)
    return values[columns["member"]], values[~columns["member"]]
