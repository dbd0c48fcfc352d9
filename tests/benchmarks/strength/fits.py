"""From features to scores, by this project's own training wherever it can do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.svm import SVC
from torch import Tensor, nn

from mint.auditors.base import Auditor, LogisticAuditor
from mint.evidence.metrics import auc
from mint.lab.training.fit import Schedule, scores_of, train_auditor
from tests.benchmarks.strength.people import CHOOSING, TRAINING

SEED = 1
ENSEMBLE = 5
Scorer = Callable[[Tensor], np.ndarray]


@dataclass(frozen=True, eq=False)
class Table:
    """Features and labels by split; of ``TRAINING`` and ``CHOOSING``, fits may read the labels."""

    features: Mapping[str, Tensor]
    member: Mapping[str, np.ndarray]

    @property
    def size(self) -> int:
        """Features a row."""
        return self.features[TRAINING].shape[-1]

    def extended(self, features: Tensor, member: np.ndarray) -> Table:
        """With further training rows."""
        rows = torch.cat([self.features[TRAINING], features])
        labels = np.concatenate([self.member[TRAINING], member])
        return Table({**self.features, TRAINING: rows}, {**self.member, TRAINING: labels})

    def standardised(self) -> Table:
        """With mean 0 and deviation 1 over its own training rows."""
        mean, deviation = self.features[TRAINING].mean(0), self.features[TRAINING].std(0).clamp_min(1e-6)
        return Table({k: (x - mean) / deviation for k, x in self.features.items()}, self.member)


class Fitted(Auditor):
    """An auditor whose features come ready made."""

    kind = "attempt"
    layer = "views"
    needs = frozenset()  # type: ignore[assignment]

    def inputs(self, *_: object) -> list[Tensor]:
        raise NotImplementedError("an attempt reads its features elsewhere")


class Logistic(LogisticAuditor, Fitted):
    """As the consistency auditor, of any number of features."""

    def __init__(self, size: int, refit: bool) -> None:
        super().__init__(size)
        self.refit = refit


class Perceptron(Fitted):
    """One hidden layer."""

    def __init__(self, size: int, hidden: int = 32) -> None:
        super().__init__()
        norm = nn.BatchNorm1d(size, affine=False)
        self.layers = nn.Sequential(norm, nn.Linear(size, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, 1))

    def forward(self, *features: Tensor) -> Tensor:
        return self.layers(features[0]).squeeze(1)


class SetNetwork(Fitted):
    """Self-attention over the views of a crop, with a learned place for each view, then their mean."""

    def __init__(self, views: int, size: int, width: int = 32, heads: int = 4) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(size, affine=False)
        self.narrow = nn.Linear(size, width)
        self.place = nn.Parameter(torch.zeros(views, width))
        self.mixed = nn.TransformerEncoderLayer(width, heads, 2 * width, dropout=0.2, batch_first=True)
        self.out = nn.Linear(width, 1)

    def forward(self, *features: Tensor) -> Tensor:
        tokens = self.norm(features[0].transpose(1, 2)).transpose(1, 2)
        return self.out(self.mixed(self.narrow(tokens) + self.place).mean(1)).squeeze(1)


def logistic(table: Table) -> Scorer:
    """Logistic regression; its strength by the AUC on the choosing split."""
    return _trained(table, Logistic(table.size, refit=False))


def refitted(table: Table) -> Scorer:
    """The same, fitted again without the non-members that score below every member."""
    return _trained(table, Logistic(table.size, refit=True))


def perceptrons(table: Table) -> Scorer:
    """The mean logit of five small perceptrons."""
    scorers = []
    for seed in range(ENSEMBLE):
        torch.manual_seed(seed)
        scorers.append(_trained(table, Perceptron(table.size), seed))
    return lambda x: np.mean([scorer(x) for scorer in scorers], axis=0)


def set_networks(table: Table) -> Scorer:
    """The mean logit of five set networks."""
    scorers = []
    for seed in range(ENSEMBLE):
        torch.manual_seed(seed)
        network = SetNetwork(table.features[TRAINING].shape[1], table.size)
        scorers.append(_trained(table, network, seed))
    return lambda x: np.mean([scorer(x) for scorer in scorers], axis=0)


def support_vectors(table: Table) -> Scorer:
    """A support vector machine with a Gaussian kernel; width and cost by the AUC on the choosing split."""
    scaled = table.standardised()
    x, choosing = (scaled.features[split].clamp(-5, 5).numpy() for split in (TRAINING, CHOOSING))
    best, kept = -1.0, None
    for cost in (1, 10, 100):
        for width in (0.01, 0.03, 0.1, 0.3):
            model = SVC(C=cost, gamma=width / table.size, class_weight="balanced").fit(x, table.member[TRAINING])
            scores = model.decision_function(choosing)
            found = auc(scores[table.member[CHOOSING]], scores[~table.member[CHOOSING]])
            if found > best:
                best, kept = found, model
    assert kept is not None
    mean, deviation = table.features[TRAINING].mean(0), table.features[TRAINING].std(0).clamp_min(1e-6)
    return lambda rows: kept.decision_function(((rows - mean) / deviation).clamp(-5, 5).numpy())


def _trained(table: Table, auditor: Auditor, seed: int = SEED) -> Scorer:
    parts = [part for s in (TRAINING, CHOOSING) for part in ([table.features[s]], table.member[s])]
    train_auditor(auditor, *parts, seed, Schedule())
    return lambda rows: scores_of(auditor, [rows])
