"""CNN MINT: the presets by their published description, and maps of every size."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mint.auditors.base import read
from mint.auditors.features import read_features
from mint.auditors.kinds.cnn import Cnn

STAGES = ("stage1", "stage2", "stage3", "stage4")


def parts(net: nn.Module, kind: type) -> list[nn.Module]:
    return [m for m in net.modules() if isinstance(m, kind)]


def test_demo2025_as_published():
    auditor = Cnn("stage3", [(16, 14)])
    convolutions = parts(auditor, nn.Conv2d)
    assert [(c.in_channels, c.out_channels, c.kernel_size) for c in convolutions] == [
        (16, 64, (3, 3)),
        (64, 128, (3, 3)),
    ]
    assert [(m.in_features, m.out_features) for m in parts(auditor, nn.Linear)] == [(128, 128), (128, 1)]


@pytest.mark.parametrize("side", [56, 28, 14, 7, 4, 2])
def test_ieee2025_as_published(side):
    auditor = Cnn("stage3", [(24, side)], "ieee2025")
    (convolution,) = parts(auditor, nn.Conv2d)
    assert (convolution.in_channels, convolution.out_channels, convolution.kernel_size) == (24, 64, (5, 5))
    first, last = parts(auditor, nn.Linear)
    assert (first.in_features, first.out_features) == (64 * (side // 2) ** 2, 24)
    assert (last.in_features, last.out_features) == (24, 1)
    assert [m.p for m in parts(auditor, nn.Dropout)] == [0.5]
    assert auditor.eval()(torch.randn(3, 24, side, side)).shape == (3,)


@pytest.mark.parametrize("preset", ["demo2025", "ieee2025"])
@pytest.mark.parametrize("side", [1, 2, 3, 7, 8])
def test_maps_of_any_size(preset, side):
    auditor = Cnn("stage4", [(6, side)], preset).eval()
    assert auditor(torch.randn(5, 6, side, side)).shape == (5,)


def test_it_reads_whole_maps(network, crops):
    reading = read(network, crops, views=True)
    look = read_features(reading, maps=True)
    (one,) = Cnn("stage2", [(8, 8)]).inputs(look, None)
    assert one is not None
    torch.testing.assert_close(one, reading.plain.taps["stage2"])
    every = Cnn("all", [(4, 16), (8, 8), (16, 4), (32, 2)], taps=STAGES).inputs(look, None)
    assert [tuple(m.shape) for m in every] == [(6, 4, 16, 16), (6, 8, 8, 8), (6, 16, 4, 4), (6, 32, 2, 2)]


@pytest.mark.parametrize("preset", ["demo2025", "ieee2025"])
def test_all_joins_what_each_tower_finds(network, crops, preset):
    torch.manual_seed(0)
    auditor = Cnn("all", [(4, 16), (8, 8), (16, 4), (32, 2)], preset, STAGES).eval()
    features = auditor.inputs(read_features(read(network, crops, views=False), maps=True), None)
    scores = auditor(*features)
    assert scores.shape == (6,)
    for number in range(4):  # every stage has a say
        changed = [f + 3 * torch.randn(f.shape) if k == number else f for k, f in enumerate(features)]
        assert not torch.allclose(auditor(*changed), scores)


@pytest.mark.parametrize("preset", ["demo2025", "ieee2025"])
def test_scores_do_not_depend_on_the_batch(preset):
    torch.manual_seed(0)
    auditor = Cnn("stage2", [(8, 6)], preset).eval()
    maps = torch.randn(5, 8, 6, 6)
    torch.testing.assert_close(torch.cat([auditor(m[None]) for m in maps]), auditor(maps), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(auditor(maps.half()), auditor(maps), rtol=2e-2, atol=2e-2)


def test_the_scale_of_a_map_does_not_matter_once_trained():
    auditor = Cnn("stage2", [(8, 6)])
    x = torch.randn(64, 8, 6, 6) * 1000 + 500
    auditor.train()
    for _ in range(60):
        auditor(x)
    norm = auditor.eval().towers[0][0]
    assert norm(x).abs().mean() < 2
