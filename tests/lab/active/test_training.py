"""Two paths, one network: who moves the norms, what an epoch shows, and that a planted leak is found and noise is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from mint.evidence.metrics import auc, auc_interval
from mint.lab.active.auditor import FILTERS, EntryAuditor, entry_maps, fit_auditor, frozen_maps, scores_of
from mint.lab.active.groups import EXTERNAL, GHOST, KNOWN, SECRET, Groups, Sizes, draw_groups
from mint.lab.active.training import ActiveRecipe, RunningMean, Trained, _lists, running_statistics, train_together
from tests.ledgers import people

ROWS = people(40, 4)
RECIPE = ActiveRecipe(width=4, input_size=16, embedding_size=8, epochs=2, batch=16)


@pytest.fixture(scope="module")
def groups() -> Groups:
    return draw_groups(ROWS, Sizes(known=10, secret=6, ghost=2, outsiders=6, photos=2, siblings=2), 1)


def noise(seed: int) -> torch.Tensor:
    return torch.randn(len(ROWS), 3, 16, 16, generator=torch.Generator().manual_seed(seed))


def trained(groups: Groups, ready: torch.Tensor, ratio: float, **changed: object) -> Trained:
    rows, told = groups.told()
    return train_together(
        ready, groups, replace(RECIPE, **changed), ratio, dict(zip(rows.tolist(), told.tolist(), strict=True))
    )


def statistics(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in network.state_dict().items() if "running" in name}


# ---- who moves what


def test_norms_take_their_statistics_from_trained_photos_alone(groups: Groups) -> None:
    """Without steps of the weights, what the auditor is shown changes nothing; what is trained on does."""
    ready = noise(1)
    glaring = ready.clone()
    glaring[np.concatenate([groups.rows[EXTERNAL], groups.rows[GHOST]])] = 1000.0
    plain = statistics(trained(groups, ready, 0.0, learning_rate=0.0).network)
    for shown in (ready, glaring):
        found = statistics(trained(groups, shown, 100.0, learning_rate=0.0).network)
        assert all(torch.equal(found[name], plain[name]) for name in plain)
    secret = ready.clone()
    secret[groups.rows[SECRET]] = 1000.0
    moved = statistics(trained(groups, secret, 100.0, learning_rate=0.0).network)
    assert not torch.equal(moved["bn1.running_mean"], plain["bn1.running_mean"])


def test_norms_are_trained_on_again_after_the_auditor_s_path() -> None:
    model = RECIPE.network().train()
    model.layer1.eval()
    before = {name: module.training for name, module in model.named_modules()}
    with running_statistics(model):
        assert not any(m.training for m in model.modules() if isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d))
    assert {name: module.training for name, module in model.named_modules()} == before


def test_the_auditor_s_loss_changes_stage_1_and_an_audit_alone_changes_nothing_later(groups: Groups) -> None:
    model, auditor = RECIPE.network(), EntryAuditor([4, 4])
    with running_statistics(model):
        auditor(entry_maps(model, noise(1)[:4])).sum().backward()
    reached = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None}
    assert reached == {"conv1", "bn1", "prelu", "layer1"}
    one, other = (trained(groups, noise(1), ratio, epochs=1).network for ratio in (0.0, 100.0))
    assert not torch.equal(one.layer1[0].conv1.weight, other.layer1[0].conv1.weight)


def test_both_losses_come_into_one_range_without_a_gradient() -> None:
    for size in (0.01, 30.0):
        mean, loss = RunningMean(), torch.tensor(size, requires_grad=True)
        first = loss / mean(loss)
        assert float(first.detach()) == pytest.approx(1.0)
        first.backward()  # of a quotient by itself it would be 0
        assert loss.grad is not None
        assert float(loss.grad) == pytest.approx(1 / size)
    mean = RunningMean()
    values = [mean(torch.tensor(v)) for v in (1.0, 1.0, 3.0)]
    assert values[:2] == pytest.approx([1.0, 1.0])
    assert 1.0 < values[2] < 2.0


def test_an_epoch_shows_the_whole_list_once_as_many_used_as_not(groups: Groups) -> None:
    random = np.random.default_rng(1)
    of = _lists(groups, 3, random)
    parts = np.array_split(random.permutation(groups.rows[KNOWN]), 3)
    shown = [of(step, known) for step, known in enumerate(parts)]
    listed = groups.told()[0]
    assert sorted(np.concatenate(shown).tolist()) == sorted(listed.tolist())
    for step in shown:
        assert np.isin(step, groups.rows[EXTERNAL]).mean() == 0.5


def test_the_same_seed_trains_the_same(groups: Groups) -> None:
    one, again = (trained(groups, noise(1), 10.0) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.network.parameters(), again.network.parameters(), strict=True))
    assert one.auditor
    assert again.auditor
    assert torch.equal(one.auditor.layers[0].weight, again.auditor.layers[0].weight)
    assert trained(groups, noise(1), 0.0).auditor is None


# ---- the auditor


def test_it_is_the_published_one() -> None:
    auditor = EntryAuditor([4, 4])
    assert (
        [(c.out_channels, c.kernel_size) for c in auditor.convolutions]
        == [(FILTERS, (3, 3))] * 2
        == [(256, (3, 3))] * 2
    )
    assert sum(isinstance(m, nn.Linear) for m in auditor.modules()) == 2
    assert [m.p for m in auditor.modules() if isinstance(m, nn.Dropout)] == [0.4]
    model = RECIPE.network()
    maps = frozen_maps(model, noise(2)[:3])
    assert [m.shape for m in maps] == [(3, 4, 8, 8)] * 2
    after = model.layer1(model.prelu(model.bn1(model.conv1(noise(2)[:3]))))
    assert torch.allclose(maps[1], after, atol=1e-6)


def maps_of(told: np.ndarray, lift: float, seed: int) -> list[torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [
        torch.randn(len(told), 4, 8, 8, generator=random) + lift * torch.from_numpy(told)[:, None, None, None]
        for _ in range(2)
    ]


def test_a_planted_leak_is_found_in_photos_that_it_was_not_told_of_and_noise_is_not() -> None:
    """What a network does to the photos that it was trained on shows on secret ones as well; a memory of a list does not."""
    told, secret = (np.repeat(np.array([1, 0], np.float32), n) for n in (40, 60))
    for lift, leaks in ((0.5, True), (0.0, False)):
        fit, shown = maps_of(told, lift, 1), maps_of(secret, lift, 2)
        auditor = fit_auditor(fit, torch.from_numpy(told), 12, 16, 1e-3, 1e-4, 1)
        remembered, found = scores_of(auditor, fit), scores_of(auditor, shown)
        assert auc(remembered[told == 1], remembered[told == 0]) > 0.9, "it knows its list, leak or not"
        sides = found[secret == 1], found[secret == 0]
        low, high = auc_interval(*sides, np.arange(60), np.arange(60, 120))
        assert (low > 0.8) if leaks else (low < 0.5 < high), (lift, low, high)
