"""Each photo's gradient is clipped by itself, noise has the length that was promised, and a killed run goes on unchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")

from opacus.validators import ModuleValidator

from mint.errors import BadPool
from mint.lab.private import training
from mint.lab.private.accounting import Accounted
from mint.lab.private.audit import by_coin
from mint.lab.private.recipe import Classifier, PrivateRecipe
from mint.lab.private.training import _Plain, _Private, train_private, training_photos
from mint.lab.twins.pool import Pool
from mint.networks.modules.iresnet import IResNet
from mint.storage.files import read_json
from tests.lab.private.made_up_pool import coin_pool
from tests.lab.tiny_runs import Killed

RECIPE = PrivateRecipe(width=4, input_size=16, embedding_size=8, epochs=3, batch=8, learning_rate=0.1)
SILENT = Accounted(1.0, 1.0, 1e-5, 0.0, 0.5, 1)  # no noise: what is left of a step is its gradient


@pytest.fixture(scope="module")
def pool() -> Pool:
    return by_coin(coin_pool(2, photos=4))


def model_of(seed: int = 2, recipe: PrivateRecipe = RECIPE) -> Classifier:
    torch.manual_seed(seed)
    return recipe.classifier(5)


def batch_of(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(4)
    return torch.randn(count, 3, 16, 16, generator=random), torch.arange(count) % 5


def gradients(model: Classifier, batch: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The gradient of each photo, by itself: (N, P)."""
    rows = []
    for k in range(len(target)):
        model.zero_grad()
        RECIPE.losses(model(batch[k : k + 1]), target[k : k + 1]).sum().backward()
        rows.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]))
    return torch.stack(rows)


def change(
    model: Classifier, recipe: PrivateRecipe, promised: Accounted | None, count: int, seed: int = 1
) -> torch.Tensor:
    """How far one step at a learning rate of 1 moves the weights, (P,)."""
    before = torch.cat([p.detach().clone().flatten() for p in model.parameters()])
    optimiser = torch.optim.SGD(model.parameters(), 1.0)
    stepper = _Plain(model, optimiser, recipe) if promised is None else _Private(model, optimiser, recipe, promised)
    losses, cosines = stepper.step(*batch_of(count), torch.Generator().manual_seed(seed))
    assert (len(losses), cosines.shape) == (count, (count, 5))
    return before - torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("clip", [0.3, 1e6])
def test_each_photos_gradient_is_clipped_by_itself(clip: float) -> None:
    own = gradients(model_of(), *batch_of(6))
    lengths = own.norm(dim=1, keepdim=True)
    assert 0.3 < lengths.min() < lengths.max() < 1e6  # all are shortened, or none
    wanted = (own * (clip / lengths).clamp(max=1)).sum(0) / RECIPE.batch
    found = change(model_of(), replace(RECIPE, clip=clip), SILENT, 6)
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-5)


def test_one_photo_moves_the_sum_by_no_more_than_the_clip() -> None:
    recipe = replace(RECIPE, clip=0.3)
    with_it, without_it = (change(model_of(), recipe, SILENT, count) for count in (6, 5))
    moved = float((with_it - without_it).norm()) * RECIPE.batch
    assert moved == pytest.approx(0.3, rel=1e-3)


def test_without_clip_and_noise_the_private_step_is_the_plain_one() -> None:
    private = change(model_of(), replace(RECIPE, clip=1e6), SILENT, 6)
    torch.testing.assert_close(private, change(model_of(), RECIPE, None, 6), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("count", [6, 0])
def test_noise_is_added_whoever_was_drawn(count: int) -> None:
    recipe = replace(RECIPE, clip=0.3)
    loud = replace(SILENT, noise=2.0)
    noise = change(model_of(), recipe, loud, count)
    if count:
        noise = noise - change(model_of(), recipe, SILENT, count)
    spread = 2.0 * 0.3 / RECIPE.batch
    assert float(noise.std()) == pytest.approx(spread, rel=0.05)  # of some thousands of weights
    assert abs(float(noise.mean())) < 0.1 * spread
    other = change(model_of(), recipe, loud, count, seed=2)
    assert not torch.equal(noise, other)


def test_every_photo_is_drawn_by_a_coin_of_its_own(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    real = _Plain.step

    def spy(self: _Plain, batch: torch.Tensor, target: torch.Tensor, noise: torch.Generator) -> object:
        drawn.append(len(target))
        return real(self, batch, target, noise)

    monkeypatch.setattr(_Plain, "step", spy)
    train_private(pool, "twin-a", tmp_path, replace(RECIPE, epochs=60))
    photos = len(training_photos(pool, "twin-a")[1])
    rate = RECIPE.batch / photos
    assert len(drawn) == 60 * round(photos / RECIPE.batch)
    # Binomial: mean and spread within four standard errors.
    assert abs(np.mean(drawn) - RECIPE.batch) < 4 * np.sqrt(photos * rate * (1 - rate) / len(drawn))
    assert np.var(drawn) == pytest.approx(photos * rate * (1 - rate), rel=4 * np.sqrt(2 / len(drawn)))


def test_members_are_the_ledgers_whose_use_a_coin_decided(pool: Pool) -> None:
    data, labels, identities = training_photos(pool, "twin-a")
    used = [k for k, row in enumerate(pool.rows) if row.member("twin-a")]
    assert {row.source for row in pool.rows} == {"gan"}
    assert [identities[k] for k in labels] == [pool.rows[k].identity for k in used]
    assert torch.equal(data, torch.from_numpy(pool.crops[used]).permute(0, 3, 1, 2))


@pytest.mark.parametrize("epsilon", [None, 1.0])
def test_a_killed_run_ends_with_the_same_weights(pool: Pool, tmp_path: Path, epsilon: float | None) -> None:
    recipe = replace(RECIPE, epsilon=epsilon)
    whole = load_file(train_private(pool, "twin-a", tmp_path / "whole", recipe))

    def killed(epoch: training.Epoch, left: float) -> None:
        if epoch.epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        train_private(pool, "twin-a", tmp_path / "cut", recipe, killed)
    assert not (tmp_path / "cut" / training.WEIGHTS).exists()
    again = load_file(train_private(pool, "twin-a", tmp_path / "cut", recipe))
    torch.testing.assert_close(again, whole, rtol=0, atol=0)
    log = read_json(tmp_path / "cut" / training.LOG)
    assert [line["epoch"] for line in log["epochs"]] == [1, 2, 3]
    if epsilon is None:
        assert log["privacy"] is None
    else:
        photos = len(training_photos(pool, "twin-a")[1])
        assert log["privacy"]["epsilon"] <= epsilon
        assert log["privacy"]["steps"] == 3 * round(photos / recipe.batch)
        assert log["privacy"]["rate"] == recipe.batch / photos


def test_what_does_not_fit_is_refused(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(BadPool, match="no crop that twin-b"):
        train_private(pool, "twin-b", tmp_path, RECIPE)
    with pytest.raises(BadPool, match="fewer than the 64"):
        train_private(pool, "twin-a", tmp_path, replace(RECIPE, batch=64))
    train_private(pool, "twin-a", tmp_path, replace(RECIPE, epochs=1))
    with pytest.raises(BadPool, match="another recipe"):
        train_private(pool, "twin-a", tmp_path, replace(RECIPE, epochs=1, epsilon=1.0))


def test_opacus_takes_our_network_as_it_is_and_would_make_every_embedding_of_the_other_equally_long() -> None:
    assert not ModuleValidator.validate(model_of())
    torch.manual_seed(1)
    usual = IResNet((1, 1, 1, 1), 4, 16, 8)
    assert len(ModuleValidator.validate(usual)) > 10  # its batch norms
    batch = batch_of(6)[0]
    lengths = {
        name: model(batch).detach().norm(dim=1)
        for name, model in (("ours", model_of().network), ("repaired", ModuleValidator.fix(usual)))
    }
    torch.testing.assert_close(lengths["repaired"], lengths["repaired"][:1].expand(6), rtol=1e-2, atol=0)
    assert float(lengths["ours"].std() / lengths["ours"].mean()) > 0.02
