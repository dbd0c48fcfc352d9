"""Vanilla MINT: the features by numpy, the presets by their published description."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from mint.auditors.base import read
from mint.auditors.features import read_features
from mint.auditors.kinds.vanilla import Vanilla


def kinds(net: nn.Sequential) -> list[str]:
    return [type(m).__name__ for m in net]


def test_features_are_channel_maxima(network, crops):
    reading = read(network, crops, views=False)
    (found,) = Vanilla("stage2", 8).inputs(read_features(reading, maps=False), None)
    maps = reading.plain.taps["stage2"].numpy()
    np.testing.assert_array_equal(found.numpy(), [[channel.max() for channel in face] for face in maps])


def test_views_do_not_change_what_it_reads(network, crops):
    looks = [read_features(read(network, crops, views=v), maps=False) for v in (False, True)]
    (plain,), (every,) = (Vanilla("stage2", 8).inputs(found, None) for found in looks)
    torch.testing.assert_close(plain, every, rtol=1e-4, atol=1e-5)


def test_all_is_every_stage_in_order(network, crops):
    names = ("stage1", "stage2", "stage3", "stage4")
    look = read_features(read(network, crops, views=False), maps=False)
    shuffled = {name: look[name] for name in sorted(look, reverse=True)}  # a store keeps no order
    (found,) = Vanilla("all", 60, taps=names).inputs(shuffled, None)
    parts = [Vanilla(name, 1).inputs(look, None)[0] for name in names]
    torch.testing.assert_close(found, torch.cat(parts, dim=1))
    assert found.shape == (6, 4 + 8 + 16 + 32)


def test_the_embedding_is_read_as_it_is(network, crops):
    reading = read(network, crops, views=False)
    (found,) = Vanilla("embedding", 16).inputs(read_features(reading, maps=False), None)
    torch.testing.assert_close(found, reading.plain.embedding)


def test_demo2025_as_published():
    net = Vanilla("stage1", 20).net
    assert kinds(net) == ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    assert [(m.in_features, m.out_features) for m in net if isinstance(m, nn.Linear)] == [(20, 20), (20, 64), (64, 1)]
    assert {m.p for m in net if isinstance(m, nn.Dropout)} == {0.3}


def test_ieee2025_as_published():
    net = Vanilla("stage1", 20, "ieee2025").net
    assert kinds(net) == ["BatchNorm1d", "Linear", "ReLU", "BatchNorm1d", "Dropout", "Linear"]
    assert [(m.in_features, m.out_features) for m in net if isinstance(m, nn.Linear)] == [(20, 128), (128, 1)]
    assert {m.p for m in net if isinstance(m, nn.Dropout)} == {0.5}


@pytest.mark.parametrize(("preset", "layers"), [("demo2025", (0, 3)), ("ieee2025", (1,))])
def test_penalty_is_a_tenth_of_the_mean_absolute_weights(preset, layers):
    auditor = Vanilla("stage1", 20, preset)
    wanted = 0.1 * sum(np.abs(auditor.net[k].weight.detach().numpy()).mean() for k in layers)
    assert float(auditor.penalty().detach()) == pytest.approx(wanted, rel=1e-5)
    auditor.penalty().backward()
    assert auditor.net[layers[0]].weight.grad is not None


@pytest.mark.parametrize("preset", ["demo2025", "ieee2025"])
def test_scores_are_one_a_face_and_repeatable(preset):
    torch.manual_seed(0)
    auditor = Vanilla("stage1", 20, preset).eval()
    features = torch.randn(7, 20)
    scores = auditor(features)
    assert scores.shape == (7,)
    torch.testing.assert_close(auditor(features), scores)
    torch.testing.assert_close(auditor(features.half()), auditor(features.half().float()))
    torch.testing.assert_close(torch.cat([auditor(f[None]) for f in features]), scores)


def test_demo2025_by_hand():
    auditor = Vanilla("stage1", 5).eval()
    x = np.random.default_rng(0).normal(size=(4, 5))
    y = x
    layers = [m for m in auditor.net if isinstance(m, nn.Linear)]
    for number, layer in enumerate(layers):
        y = y @ layer.weight.detach().double().numpy().T + layer.bias.detach().double().numpy()
        if number < 2:
            y = np.maximum(y, 0)
    np.testing.assert_allclose(auditor(torch.from_numpy(x)).detach().numpy(), y[:, 0], atol=1e-5)
