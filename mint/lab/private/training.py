"""Train a face network with differential privacy (DP-SGD, Abadi et al. 2016), or the same network plainly.

A step draws each photo by a coin of its own, shortens each photo's gradient to one length, and adds noise to their sum.
opacus does the last two; the coins are tossed here. A run killed at any moment goes on from its last epoch with the coins and the
noise that it would have had: nothing is drawn twice, so that going on costs no privacy.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from opacus.grad_sample import GradSampleModule
from opacus.optimizers import DPOptimizer
from torch import Tensor

from mint.errors import BadPool
from mint.lab.private.accounting import Accounted, noise_for
from mint.lab.private.recipe import Classifier, PrivateRecipe
from mint.lab.twins.pool import Pool
from mint.lab.twins.training import (
    Epoch,
    RunningState,
    another_run,
    photos_trained_on,
    prepared,
    save_weights,
    set_rate,
)
from mint.storage.files import read_json, write_json

LOG, RUNNING, WEIGHTS = "log.json", "running.safetensors", "network.safetensors"


def train_private(
    pool: Pool,
    network: str,
    out: Path,
    recipe: PrivateRecipe,
    report: Callable[[Epoch, float], None] = lambda epoch, left: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Path:
    """Train one network, or resume a run that was cut off.

    The promise is for the weights. The log's loss and accuracy are of the members and no part of it.

    Args:
        pool: crops and ledger.
        network: whose members to train on, such as ``twin-a``; each photo once, whatever its exposure.
        out: a folder; gets ``log.json``, ``running.safetensors``, ``network.safetensors``.
        recipe: all settings.
        report: called after each epoch with its figures and the seconds left.
        clock: returns seconds.

    Returns:
        The file of the weights (float16 network and head).

    Raises:
        BadPool: the ledger has no members for this network, or fewer than a step expects; or ``out`` holds a run with
            another recipe or other members.
    """
    out.mkdir(parents=True, exist_ok=True)
    data, labels, identities = training_photos(pool, network)
    if len(labels) < recipe.batch:
        raise BadPool(
            f"{network} has {len(labels)} training photos, fewer than the {recipe.batch} that a step expects."
        )
    rate, steps = recipe.batch / len(labels), round(len(labels) / recipe.batch)
    promised = _promise(recipe, rate, steps * recipe.epochs)
    about = {
        "network": network,
        "members": len(labels),
        "identities": identities,
        "recipe": {**asdict(recipe), "layers": list(recipe.layers)},
        "privacy": None if promised is None else asdict(promised),
    }
    torch.manual_seed(recipe.seed)
    model = recipe.classifier(len(identities))
    optimiser = torch.optim.SGD(model.parameters(), recipe.learning_rate, recipe.momentum)
    state = RunningState(out / RUNNING, model.network, model.head, optimiser)
    log: list[Epoch] = []
    if state.path.is_file() and (out / LOG).is_file():
        found = read_json(out / LOG)
        if {key: found.get(key) for key in about} != about:
            raise another_run(out)
        log = [Epoch(**line) for line in found["epochs"]][: state.restore()]
    stepper = _Plain(model, optimiser, recipe) if promised is None else _Private(model, optimiser, recipe, promised)
    ready = prepared(data, recipe.prepare)
    for epoch in range(len(log) + 1, recipe.epochs + 1):
        started = clock()
        coins, noise = (torch.Generator().manual_seed((recipe.seed * 100_003 + epoch) * 2 + k) for k in (0, 1))
        model.train()
        total_loss, right, seen = 0.0, 0, 0
        for step in range(steps):
            set_rate(
                optimiser, recipe.learning_rate, recipe.epochs, ((epoch - 1) * steps + step) / (recipe.epochs * steps)
            )
            pick = torch.nonzero(torch.rand(len(labels), generator=coins) < rate).squeeze(1)
            batch, target = ready[pick], labels[pick]
            if recipe.flip:
                flips = torch.rand(len(pick), generator=coins) < 0.5
                batch = torch.where(flips[:, None, None, None], batch.flip(3), batch)
            losses, cosines = stepper.step(batch, target, noise)
            total_loss += float(losses.sum())
            right += int((cosines.argmax(1) == target).sum())
            seen += len(pick)
        log.append(Epoch(epoch, total_loss / max(1, seen), right / max(1, seen), clock() - started))
        if epoch == recipe.epochs:
            save_weights(out / WEIGHTS, model.network, model.head.weight.detach())
        # The log first: a run killed between the two finds an epoch too many there, and drops it.
        write_json(out / LOG, {**about, "epochs": [asdict(e) for e in log]})
        state.save(epoch)
        report(log[-1], (recipe.epochs - epoch) * log[-1].seconds)
    return out / WEIGHTS


def training_photos(pool: Pool, network: str) -> tuple[Tensor, Tensor, list[str]]:
    """Return a network's training set, each photo once: see ``photos_trained_on``."""
    return photos_trained_on(pool.crops, pool.rows, network, repeated=False)


def _promise(recipe: PrivateRecipe, rate: float, steps: int) -> Accounted | None:
    return None if recipe.epsilon is None else noise_for(recipe.epsilon, recipe.delta, rate, steps)


class _Plain:
    """A step of stochastic gradient descent: nothing is shortened, nothing added."""

    def __init__(self, model: Classifier, optimiser: torch.optim.Optimizer, recipe: PrivateRecipe) -> None:
        self.model, self.optimiser, self.recipe = model, optimiser, recipe

    def step(self, batch: Tensor, target: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
        """Change the weights; return the losses (N,) and cosines (N, K) from before."""
        if not len(target):
            return _nothing(self.model)
        self.optimiser.zero_grad()
        cosines = self.model(batch)
        losses = self.recipe.losses(cosines, target)
        (losses.sum() / self.recipe.batch).backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return losses.detach(), cosines.detach()


class _Private:
    """A step of DP-SGD, over all parameters together."""

    def __init__(
        self, model: Classifier, optimiser: torch.optim.Optimizer, recipe: PrivateRecipe, promised: Accounted
    ) -> None:
        self.plain, self.recipe = model, recipe
        self.model = GradSampleModule(model, loss_reduction="sum")
        self.optimiser = DPOptimizer(
            optimiser, noise_multiplier=promised.noise, max_grad_norm=recipe.clip, expected_batch_size=recipe.batch
        )

    def step(self, batch: Tensor, target: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
        """Change the weights; return the losses (N,) and cosines (N, K) from before."""
        self.optimiser.generator = noise
        self.optimiser.zero_grad()
        if not len(target):  # the coins drew nobody: that must not show, so the noise is added all the same
            for parameter in self.optimiser.params:
                parameter.grad_sample = parameter.new_zeros(0, *parameter.shape)
            self.optimiser.step()
            return _nothing(self.plain)
        cosines = self.model(batch)
        losses = self.recipe.losses(cosines, target)
        with warnings.catch_warnings():
            # Photos need no gradient, and opacus asks the first layer for one of its outputs alone, which is right here.
            warnings.filterwarnings("ignore", "Full backward hook is firing")
            losses.sum().backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return losses.detach(), cosines.detach()


def _nothing(model: Classifier) -> tuple[Tensor, Tensor]:
    return torch.zeros(0), torch.zeros(0, model.head.weight.shape[1])
