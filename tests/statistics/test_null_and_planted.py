"""Noise gives chance, a planted leak is found, and larger always means more member.

The first half fits every auditor to features made up for it. The second half audits whole networks
from crops to scores: one that has memorised its members, and one that has not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from mint.auditors import AUDITOR_KINDS, Spec
from mint.auditors.base import Auditor
from mint.auditors.kinds.centred import Centred
from mint.auditors.kinds.cnn import Cnn
from mint.auditors.kinds.consistency import Consistency
from mint.auditors.kinds.norm import Norm
from mint.auditors.kinds.prototype import Prototype
from mint.auditors.kinds.recall import Recall
from mint.auditors.kinds.vanilla import Vanilla
from mint.evidence.metrics import auc, auc_draws
from mint.lab.training.fit import Schedule, train_auditor
from mint.networks.base import AuditedNetwork
from mint.networks.torch_network import TorchNetwork
from tests.fitting import Samples
from tests.fitting import fitted as fitted_through_a_store
from tests.remembering import Memory, pictures

pytestmark = pytest.mark.filterwarnings("error")
QUICK = Schedule(epochs=8, patience=8)
LONG = Schedule(epochs=40, patience=40)  # a few hundred faces are few steps an epoch

# Each auditor, and the shape of what it reads of one face.
AUDITORS: dict[str, tuple[Callable[[], Auditor], tuple[int, ...]]] = {
    "vanilla demo2025": (lambda: Vanilla("stage1", 12), (12,)),
    "vanilla ieee2025": (lambda: Vanilla("stage1", 12, "ieee2025"), (12,)),
    "cnn demo2025": (lambda: Cnn("stage1", [(6, 5)]), (6, 5, 5)),
    "cnn ieee2025": (lambda: Cnn("stage1", [(6, 5)], "ieee2025"), (6, 5, 5)),
    "consistency": (lambda: Consistency(20, 4), (20,)),
    "norm": (lambda: Norm(), (1,)),
    "prototype": (lambda: Prototype(), (3,)),
    "recall": (lambda: Recall(), (3,)),
    "centred": (lambda: Centred(20), (20,)),
}


def test_every_kind_is_tested():
    assert {name.split()[0] for name in AUDITORS} == set(AUDITOR_KINDS)


def features(shape: tuple[int, ...], member: np.ndarray, shift: float, seed: int) -> list[torch.Tensor]:
    """Noise, with the first feature (or channel) of members moved by ``shift`` deviations."""
    values = np.random.default_rng(seed).normal(size=(len(member), *shape)).astype(np.float32)
    values[member, 0] += shift
    return [torch.from_numpy(values)]


def fitted(name: str, shift: float, seed: int, schedule: Schedule) -> tuple[np.ndarray, np.ndarray]:
    """Scores of 300 test members and 300 test non-members, by an auditor fitted on others."""
    make, shape = AUDITORS[name]
    torch.manual_seed(seed)
    auditor = make()
    train, validation, test = (np.arange(n) % 2 == 0 for n in (400, 200, 600))
    made = [features(shape, m, shift, 10 * seed + k) for k, m in enumerate((train, validation, test))]
    train_auditor(auditor, made[0], train, made[1], validation, seed, schedule)
    assert not auditor.training
    with torch.inference_mode():
        scores = auditor(*made[2]).numpy()
    return scores[test], scores[~test]


@pytest.mark.parametrize("name", AUDITORS)
def test_noise_gives_chance(name):
    members, non_members = fitted(name, 0.0, 1, QUICK)
    drawn = auc_draws(members, non_members, np.arange(300), np.arange(300) + 300, draws=400)
    low, high = np.quantile(drawn, [0.0005, 0.9995])  # seven auditors: all cover in 99.3 % of the cases
    assert low < 0.5 < high
    assert high - low < 0.2


@pytest.mark.parametrize("name", AUDITORS)
@pytest.mark.parametrize("shift", [2.0, -2.0])
def test_a_planted_leak_is_found_and_larger_is_more_member(name, shift):
    # Members differ upwards or downwards; the score must go up for them either way.
    members, non_members = fitted(name, shift, 2, LONG)
    assert auc(members, non_members) > 0.85
    assert np.median(members) > 0 > np.median(non_members)  # trained as the logit of membership


# ---- whole networks


SIZES = {"training": 60, "validation": 30, "test": 100}


@pytest.fixture(scope="module")
def samples() -> dict[str, Samples]:
    """Members and non-members, made the same way: the first half of each split are members."""
    return {
        split: Samples(pictures(n, seed), np.arange(n) < n // 2) for seed, (split, n) in enumerate(SIZES.items(), 100)
    }


def scores_of(
    network: AuditedNetwork, samples: dict[str, Samples], specs: list[Spec], schedule: Schedule = QUICK
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        panel = fitted_through_a_store(network, specs, samples, 1, Path(folder), schedule)
    test = samples["test"]
    found = panel.scores(network, test.crops)
    return {s.column: auc(found[s.column][test.member], found[s.column][~test.member]) for s in specs}


def test_a_network_that_memorised_is_found_out(samples):
    stored = np.concatenate([s.crops[s.member] for s in samples.values()])
    found = scores_of(Memory(stored), samples, [Spec("consistency", "views"), Spec("prototype", "head")])
    assert found["consistency/views"] > 0.9
    assert found["prototype/head"] > 0.9


def test_a_network_that_never_saw_anybody_is_not_accused(samples):
    places = [("consistency", "views"), ("vanilla", "stage1"), ("cnn", "stage2"), ("vanilla", "embedding")]
    found = scores_of(Memory(None), samples, [Spec(kind, layer) for kind, layer in places])
    # 50 against 50 at chance: the standard error of the AUC is 0.058.
    assert all(abs(value - 0.5) < 3.3 * 0.058 for value in found.values()), found


def test_a_difference_between_the_pictures_is_taken_for_membership(samples, network: TorchNetwork):
    # Why members and non-members must be made the same way: a mark alone looks like a leak, in any network.
    marked = {}
    for split, s in samples.items():
        crops = s.crops.copy()
        crops[s.member, :40, :40] = 255
        marked[split] = Samples(crops, s.member)
    found = scores_of(network, marked, [Spec("vanilla", "stage1"), Spec("cnn", "stage2")], LONG)
    assert min(found.values()) > 0.85, found
