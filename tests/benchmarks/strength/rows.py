"""An attempt to a row of the card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mint.auditors import Spec
from mint.evidence.metrics import auc, roc
from mint.lab.training.store_splits import FITTED
from mint.lab.twin_bundles.gallery import show
from mint.lab.twin_bundles.ledger_splits import ledger_splits
from tests.benchmarks.strength.attempts import KEPT, MIRRORED, Attempt
from tests.benchmarks.strength.fits import Table
from tests.benchmarks.strength.people import HELD_OUT, MEMBER, SIBLING, TRAINING
from tests.benchmarks.strength.subject import Subject

CONSISTENCY = Spec("consistency", "views")
Row = dict[str, Any]


def row_of(attempt: Attempt, subject: Subject, others: Mapping[str, Subject], epoch: int) -> Row:
    """Fit an attempt and measure it.

    Args:
        attempt: to make.
        subject: network under audit.
        others: ``OTHER_TWIN`` and ``EARLIER``, for the attempts that are fitted on them as well.
        epoch: of the network.
    """
    table = _table(attempt, subject)
    group = {split: people.group for split, people in subject.people.items()}
    if attempt.further:
        group = {split: group[split][rows] for split, rows in subject.fewer.items()}
    for name in attempt.more:
        if name == MIRRORED:
            table = table.extended(attempt.read(subject, subject.mirrored), table.member[TRAINING])
        else:
            # Networks differ in how steady they are on the whole, so each is compared with itself.
            other = others[name]
            again = attempt.read(other, other.training)
            again = (again - again.mean(0)) / again.std(0).clamp_min(1e-6)
            table = table.standardised().extended(again, other.people[TRAINING].group == MEMBER)
    scorer = attempt.fit(table)
    scores = {split: (scorer(table.features[split]), group[split]) for split in HELD_OUT}
    note = attempt.note if isinstance(attempt.note, str) else attempt.note(subject)
    return _row(attempt.what, attempt.views, table.size, subject, epoch, scores, False, note)


def kept_row(subject: Subject, views: int, epoch: int) -> Row:
    """What ships, trained by `mint.lab.training.fit` and scored by its panel: none of this folder's features or fits."""
    fitting = ledger_splits(subject.pool.rows, subject.network.name, subject.seed).only(*FITTED)
    with show(subject.network, subject.pool, [CONSISTENCY], fitting) as shown:
        panel = shown.fit([CONSISTENCY], fitting, subject.seed)
    column = CONSISTENCY.column
    scores = {}
    for split in HELD_OUT:
        people = subject.people[split]
        scores[split] = panel.scores(subject.network, people.crops)[column], people.group
    size = panel.auditors[column].linear.in_features
    note = "as `mint lab train` makes it"
    return _row(f"{KEPT}, mirror images, refitted", views, size, subject, epoch, scores, True, note)


def _table(attempt: Attempt, subject: Subject) -> Table:
    seen = subject.seen_further if attempt.further else subject.seen
    groups = {split: people.group for split, people in subject.people.items()}
    if attempt.further:
        groups = {split: groups[split][rows] for split, rows in subject.fewer.items()}
    features = {split: attempt.read(subject, shown) for split, shown in seen.items()}
    return Table(features, {split: group == MEMBER for split, group in groups.items()})


def _row(
    what: str,
    views: int,
    features: int,
    subject: Subject,
    epoch: int,
    scores: Mapping[str, tuple[np.ndarray, np.ndarray]],
    kept: bool,
    note: str,
) -> Row:
    found: Row = {
        "what": what, "views": views, "features": features, "twin": subject.network.name, "epoch": epoch
    }  # fmt: skip
    for split, (values, group) in scores.items():
        members, siblings = values[group == MEMBER], values[group == SIBLING]
        found[f"auc_{split}"] = auc(members, siblings)
        found[f"tpr_{split}"] = _tpr(members, siblings)
        found[f"n_{split}"] = [len(members), len(siblings)]
    return {**found, "kept": kept, "note": note}


def _tpr(members: np.ndarray, siblings: np.ndarray) -> float:
    """TPR at 1 % FPR; ``tpr_at_fpr`` would refuse: too few siblings for a result, enough to choose by."""
    fpr, tpr, _ = roc(members, siblings)
    return float(tpr[fpr <= 0.01].max())
