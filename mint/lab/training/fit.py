"""Fit auditors to features: seeded, with early stopping."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from mint.auditors import Spec
from mint.auditors.base import Auditor, LogisticAuditor
from mint.auditors.kinds import build
from mint.auditors.panel import Panel
from mint.evidence.metrics import auc
from mint.evidence.score_table import TRAINING, VALIDATION
from mint.networks.base import FeatureShapes

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Features = list[Tensor]
Labelled = tuple[Features, np.ndarray]  # of N samples, and (N,) bool: which are members
MIN_REFIT_NON_MEMBERS = 50  # non-members that a second fit needs


@dataclass(frozen=True, slots=True)
class Schedule:
    """The published schedule: Adam at 1e-3, balanced batches of 128, 20 epochs (CNN: 30)."""

    epochs: int = 30
    batch: int = 128
    learning_rate: float = 1e-3
    patience: int = 6
    strengths: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # 1 / L2, for logistic ones


def untrained_auditors(shapes: FeatureShapes, specs: Sequence[Spec], seed: int) -> dict[str, Auditor]:
    """Build untrained auditors, whose weights depend on seed and place alone."""
    fresh = {}
    for number, spec in enumerate(specs):
        torch.manual_seed(seed * 1009 + number)
        fresh[spec.column] = build(spec, shapes)
    return fresh


def fit_panel(
    fresh: dict[str, Auditor],
    labelled: Callable[[Auditor, str], Labelled],
    seed: int,
    schedule: Schedule | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Panel:
    """Fit auditors in place, one after the other: memory holds the features of one at a time.

    Args:
        fresh: untrained, by column name.
        labelled: returns what an auditor is fitted on in a split, ``training`` or ``validation``; no person is in both.
        seed: of the batches.
        schedule: see ``Schedule``.
        report: told a line after each auditor.
    """
    for column, auditor in fresh.items():
        torch.manual_seed(seed)
        training, validation = labelled(auditor, TRAINING), labelled(auditor, VALIDATION)
        found = train_auditor(auditor, *training, *validation, seed, schedule or Schedule())
        report(f"{column}: validation AUC {found:.3f}")
    return Panel(fresh)


def train_auditor(
    auditor: Auditor,
    features: Features,
    member: np.ndarray,
    validation: Features,
    validation_member: np.ndarray,
    seed: int,
    schedule: Schedule,
) -> float:
    """Fit an auditor in place.

    Returns:
        The AUC on the validation split, by which the stopping epoch (or the strength of L2) was
        chosen: optimistic, never to be reported as a result.
    """
    if isinstance(auditor, LogisticAuditor):
        return _fit_logistic(auditor, features, member, validation, validation_member, schedule)
    return _fit_gradient(auditor, features, member, validation, validation_member, seed, schedule)


def _fit_gradient(
    auditor: Auditor,
    features: Features,
    member: np.ndarray,
    validation: Features,
    validation_member: np.ndarray,
    seed: int,
    schedule: Schedule,
) -> float:
    random = np.random.default_rng(seed)
    optimiser = torch.optim.Adam(auditor.parameters(), schedule.learning_rate)
    inside, outside = np.flatnonzero(member), np.flatnonzero(~member)
    half = schedule.batch // 2
    steps = max(1, len(inside) // half)
    best, state, waited = -1.0, copy.deepcopy(auditor.state_dict()), 0
    target = torch.cat([torch.ones(half), torch.zeros(half)])
    for _ in range(schedule.epochs):
        auditor.train()
        for _ in range(steps):
            pick = np.concatenate([random.choice(inside, half), random.choice(outside, half)])
            loss = binary_cross_entropy_with_logits(auditor(*(f[pick] for f in features)), target) + auditor.penalty()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        found = _auc(auditor, validation, validation_member)
        waited += 1
        if found > best:
            best, state, waited = found, copy.deepcopy(auditor.state_dict()), 0
        if waited >= schedule.patience or best == 1.0:  # nothing is better than a perfect epoch
            break
    auditor.load_state_dict(state)
    auditor.eval()
    _round(auditor)
    return best


@torch.no_grad()
def _round(auditor: Auditor) -> None:
    """Round matrices and filters to float16, so that a bundle stores them in half the space and scores as it was measured."""
    for weight in auditor.parameters():
        if weight.ndim > 1:
            weight.copy_(weight.half().float())


def _fit_logistic(
    auditor: LogisticAuditor,
    features: Features,
    member: np.ndarray,
    validation: Features,
    validation_member: np.ndarray,
    schedule: Schedule,
) -> float:
    from sklearn.linear_model import LogisticRegression

    norm, linear = auditor.norm, auditor.linear
    x = features[0].double()
    with torch.no_grad():
        norm.running_mean.copy_(x.mean(0))  # type: ignore[union-attr]
        norm.running_var.copy_(x.var(0))  # type: ignore[union-attr]
    auditor.eval()
    with torch.inference_mode():
        scaled = norm(features[0]).numpy()
    best, kept = -1.0, None
    for strength in schedule.strengths:
        model = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000).fit(scaled, member)
        if auditor.refit:
            model = _refit(model, scaled, member)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(model.coef_))
            linear.bias.copy_(torch.from_numpy(model.intercept_))
        found = _auc(auditor, validation, validation_member)
        # Where validation is told apart without a fault, strengths tie, and the weakest penalty is the best guess:
        # the strongest levels the weights of features that matter and of features that do not.
        if found >= best:
            best, kept = found, copy.deepcopy(auditor.state_dict())
    assert kept is not None
    auditor.load_state_dict(kept)
    return best


def _refit(model: LogisticRegression, x: np.ndarray, member: np.ndarray) -> LogisticRegression:
    """Fit again without non-members that score below every member.

    They are told apart at any threshold, yet they are most of the non-members, and the slope would be
    theirs; the error rates that matter are those of the rest. Where few are left, the first fit stays.
    """
    from sklearn.base import clone

    scores = model.decision_function(x)
    kept = member | (scores >= scores[member].min())
    if (kept & ~member).sum() < MIN_REFIT_NON_MEMBERS:
        return model
    again: LogisticRegression = clone(model).fit(x[kept], member[kept])
    return again


@torch.inference_mode()
def scores_of(auditor: Auditor, features: Features) -> np.ndarray:
    """Return (N,) scores of an auditor over stored features."""
    auditor.eval()
    rows = len(features[0])
    return torch.cat([auditor(*(f[i : i + 256] for f in features)) for i in range(0, rows, 256)]).numpy()


def _auc(auditor: Auditor, features: Features, member: np.ndarray) -> float:
    scores = scores_of(auditor, features)
    return auc(scores[member], scores[~member])
