"""Train a recogniser alone, or together with its auditor as Active MINT does (DeAlcala et al., ICCV 2025, eq. 1).

A step has two paths. Trained photos, known and secret, go through the whole network and give the loss of recognition. Photos of
the auditor's list, the known ones of the step, ghosts and as many external ones, go through stage 1 into the auditor and give
its loss. Both losses change stage 1. The paper divides each by a scale that brings them into one range; here that is a running
mean of its size, without a gradient.

The second path takes the norms' running statistics, which only the first moves: with statistics of the batch, external photos would
leak into the network, and known ones could be told by whose statistics they were normed with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mint.lab.active.auditor import EntryAuditor, entry_maps
from mint.lab.active.groups import EXTERNAL, GHOST, KNOWN, SECRET, Groups
from mint.lab.twins.losses import COSFACE, margin_loss
from mint.lab.twins.training import TOLD
from mint.networks.modules.iresnet import IResNet

REMEMBERED = 0.95  # share of the running mean of a loss that a step keeps


@dataclass(frozen=True, slots=True)
class ActiveRecipe:
    """All settings of a training but the weight of the auditor's loss.

    ``weight_decay`` is the paper's μ, decoupled (AdamW). Optimiser, rate and margin are ours; photos are not altered, as in the
    paper's notebooks.
    """

    layers: tuple[int, int, int, int] = (2, 1, 1, 1)
    width: int = 8
    input_size: int = 32
    embedding_size: int = 128
    epochs: int = 40
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    margin: float = 0.4
    scale: float = 32.0
    seed: int = 1

    def network(self) -> IResNet:
        """Build a network of this shape with random weights."""
        return IResNet(self.layers, self.width, self.input_size, self.embedding_size)


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a training gives, in eval mode.

    Attributes:
        network: the recogniser.
        auditor: trained with it; None where there was none.
        accuracy: share of trained photos named right in the last epoch, by the nearest class centre.
        seconds: that it took.
    """

    network: IResNet
    auditor: EntryAuditor | None
    accuracy: float
    seconds: float


def train_together(
    ready: Tensor,
    groups: Groups,
    recipe: ActiveRecipe,
    ratio: float,
    told: dict[int, float],
    report: Callable[[str], None] = lambda line: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Trained:
    """Train a network, and its auditor beside it unless ``ratio`` is 0.

    Args:
        ready: (N, 3, S, S) what the network takes of every photo of the pool.
        groups: who is trained on and told of.
        recipe: all settings. The same seed gives the same first weights and the same batches whatever the ratio.
        ratio: weight of the auditor's loss over that of recognition, the paper's λ2/λ1; 0 for a network without an auditor.
        told: row number to 1 (used) or 0, for all photos of the auditor's list.
        report: told a line now and then.
        clock: returns seconds.
    """
    started = clock()
    trained = np.concatenate([groups.rows[KNOWN], groups.rows[SECRET]])
    labels = torch.from_numpy(np.unique(groups.people[trained], return_inverse=True)[1].astype(np.int64))
    known = torch.arange(len(trained)) < len(groups.rows[KNOWN])
    rows = torch.from_numpy(trained)
    accuracy = 0.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = recipe.network()
        head: Any = margin_loss(COSFACE, int(labels.max()) + 1, recipe.embedding_size, recipe.margin, recipe.scale)
        auditor = EntryAuditor([recipe.width] * 2) if ratio else None
        modules = [model, head, *([auditor] if auditor else [])]
        parameters = [p for module in modules for p in module.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW(parameters, recipe.learning_rate, weight_decay=recipe.weight_decay)
        sizes = [RunningMean(), RunningMean()]
        for epoch in range(1, recipe.epochs + 1):
            random = np.random.default_rng([recipe.seed, epoch])
            torch.manual_seed(recipe.seed * 100_003 + epoch)  # dropout draws from torch's own generator
            model.train()
            right = 0
            steps = max(1, len(rows) // recipe.batch)
            lists = _lists(groups, steps, random)
            for step, pick in enumerate(np.array_split(random.permutation(len(rows)), steps)):
                embedding = model(ready[rows[pick]])
                recognition = head(embedding, labels[pick])
                loss = recognition / sizes[0](recognition)
                if auditor:
                    listed = lists(step, rows[pick][known[pick]].numpy())
                    with running_statistics(model):
                        logits = auditor(entry_maps(model, ready[listed]))
                    target = torch.tensor([told[int(row)] for row in listed])
                    audit = nn.functional.binary_cross_entropy_with_logits(logits, target)
                    loss = loss + ratio * audit / sizes[1](audit)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                with torch.no_grad():
                    right += int((head.get_logits(embedding).argmax(1) == labels[pick]).sum())
            accuracy = right / len(rows)
            if epoch % TOLD == 0:
                report(
                    f"epoch {epoch}: {accuracy:.3f} of trained photos named right, {(clock() - started) / epoch:.1f} s an epoch"
                )
    return Trained(model.eval(), auditor.eval() if auditor else None, accuracy, clock() - started)


@contextmanager
def running_statistics(model: nn.Module) -> Iterator[None]:
    """Use the norms' running statistics within the block, without updating them."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d)]
    modes = [norm.training for norm in norms]
    try:
        for norm in norms:
            norm.eval()
        yield
    finally:
        for norm, mode in zip(norms, modes, strict=True):
            norm.train(mode)


class RunningMean:
    """The mean size of a loss so far, later steps more than earlier ones; it has no gradient."""

    def __init__(self) -> None:
        self.value, self.weight = 0.0, 0.0

    def __call__(self, loss: Tensor) -> float:
        """Take in a loss and return the mean; above 0."""
        self.value = REMEMBERED * self.value + (1 - REMEMBERED) * float(loss.detach())
        self.weight = REMEMBERED * self.weight + (1 - REMEMBERED)
        return max(self.value / self.weight, 1e-6)


def _lists(groups: Groups, steps: int, random: np.random.Generator) -> Callable[[int, np.ndarray], np.ndarray]:
    """Return what gives a step's part of the auditor's list: its known photos, ghosts, and as many external ones.

    An epoch shows each ghost and each external photo once.
    """
    ghosts = np.array_split(random.permutation(groups.rows[GHOST]), steps)
    external = random.permutation(groups.rows[EXTERNAL])
    taken = 0

    def of(step: int, known: np.ndarray) -> np.ndarray:
        nonlocal taken
        used = np.concatenate([known, ghosts[step]])
        others = external[taken : taken + len(used)]
        taken += len(used)
        return np.concatenate([used, others])

    return of
