"""The paper's own topology at full size: IResNet-100 at 112 pixels, as glintr100 of antelopev2, with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from mint.networks.modules.iresnet import DEPTHS, IResNet, fuse
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from mint.networks.torch_network import tap
from tests.graphs import export

STAGES = ["layer1", "layer2", "layer3", "layer4"]
SHAPES = {"stage1": (64, 56, 56), "stage2": (128, 28, 28), "stage3": (256, 14, 14), "stage4": (512, 7, 7)}


def apart(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """The difference's size, of the values' own: a hundred layers add up the roundings of two libraries."""
    return float((found - wanted).norm() / wanted.norm())


@pytest.mark.full
@pytest.mark.parametrize("folded", [False, True])
def test_the_taps_of_a_full_size_iresnet_100(tmp_path: Path, folded: bool) -> None:
    torch.manual_seed(0)
    model = IResNet(DEPTHS[100], 64, 112, 512).eval()
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)  # values of the size that a trained network has
            elif isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
                # Statistics of their own, so that maps before and after a norm differ. The branches of the 49 blocks
                # are small beside their shortcuts, as in a trained network: their sum does not run away.
                module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
                module.running_var.uniform_(0.5, 2.0)  # type: ignore[union-attr]
                module.weight.uniform_(0.5, 1.5).mul_(0.2 if name.endswith("bn3") else 1.0)
                module.bias.normal_(0, 0.1)
    if folded:
        model = fuse(model)
    network = open_network(export(model, tmp_path / "iresnet100.onnx", 112))
    assert isinstance(network, OnnxNetwork)
    assert [(t.name, t.channels, t.stride) for t in network.taps] == [
        (name, shape[0], 112 // shape[1]) for name, shape in SHAPES.items()
    ]
    batch = network.preprocess(torch.rand(2, 3, 112, 112) * 255)
    with torch.no_grad(), tap(model, STAGES) as wanted:
        embedding = model(batch)
    found = network.forward(batch)
    assert found.embedding.shape == (2, 512)
    assert apart(found.embedding, embedding) < 1e-3
    for (name, shape), stage in zip(SHAPES.items(), STAGES, strict=True):
        assert found.taps[name].shape == (2, *shape)
        assert apart(found.taps[name], wanted[stage]) < 1e-3
