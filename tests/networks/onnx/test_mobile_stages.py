"""MobileFaceNet and MobileNet as torch builds them, by exporters that fold batch norms and by one that keeps them."""

from __future__ import annotations

import io
import warnings

import onnx
import pytest
import torch
from torch import Tensor, nn

from mint.networks.onnx.network import OnnxNetwork
from mint.networks.torch_network import tap


def block(inside: int, outside: int, side: int, stride: int, groups: int, last: nn.Module) -> nn.Sequential:
    """Convolution, batch norm, activation."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, side, stride, side // 2, groups=groups, bias=False), nn.BatchNorm2d(outside), last
    )


class Bottleneck(nn.Module):
    """Sandler et al. 2018, fig. 4: expand, depthwise, project without activation; plus the input where it fits."""

    def __init__(self, inside: int, outside: int, stride: int, activation: type[nn.Module]) -> None:
        super().__init__()
        wide = 2 * inside
        self.body = nn.Sequential(
            block(inside, wide, 1, 1, 1, activation()),
            block(wide, wide, 3, stride, wide, activation()),
            block(wide, outside, 1, 1, 1, nn.Identity()),
        )
        self.fits = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.fits else y


class MobileFaceNet(nn.Module):
    """Chen et al. 2018: PReLU, a depthwise block early, bottlenecks, a global depthwise convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = block(3, 4, 3, 2, 1, nn.PReLU())
        self.depthwise = block(4, 4, 3, 1, 4, nn.PReLU())
        self.stage2 = nn.Sequential(Bottleneck(4, 6, 2, nn.PReLU), Bottleneck(6, 6, 1, nn.PReLU))
        self.stage3 = nn.Sequential(Bottleneck(6, 8, 2, nn.PReLU), Bottleneck(8, 8, 1, nn.PReLU))
        self.stage4 = nn.Sequential(Bottleneck(8, 8, 2, nn.PReLU), Bottleneck(8, 8, 1, nn.PReLU))
        self.wide = block(8, 16, 1, 1, 1, nn.PReLU())
        self.whole = nn.Conv2d(16, 16, 2, groups=16)
        self.embed = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage4(self.stage3(self.stage2(self.depthwise(self.stem(x)))))
        out: Tensor = self.embed(self.whole(self.wide(x)).flatten(1))
        return out


class MobileNet(nn.Module):
    """MobileNetV2: ReLU6, which exporters write as Clip; stages whose last bottleneck changes the width have no sum."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = block(3, 4, 3, 2, 1, nn.ReLU6())
        self.stage2 = nn.Sequential(Bottleneck(4, 6, 2, nn.ReLU6), Bottleneck(6, 6, 1, nn.ReLU6))
        self.stage3 = nn.Sequential(Bottleneck(6, 8, 2, nn.ReLU6), Bottleneck(8, 10, 1, nn.ReLU6))
        self.stage4 = nn.Sequential(Bottleneck(10, 10, 2, nn.ReLU6), Bottleneck(10, 10, 1, nn.ReLU6))
        self.embed = nn.Linear(10, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage4(self.stage3(self.stage2(self.stem(x))))
        out: Tensor = self.embed(x.mean((2, 3)))
        return out


def exported(model: nn.Module, folded: bool) -> onnx.ModelProto:
    mode = torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            model, (torch.zeros(1, 3, 32, 32),), buffer, input_names=["input"], output_names=["output"],
            dynamic_axes={"input": {0: "N"}, "output": {0: "N"}}, training=mode, do_constant_folding=folded,
            dynamo=False,
        )  # fmt: skip
    return onnx.load_from_string(buffer.getvalue())


# The end of each stage is its last sum. Where there is none it is the last block of that size, which in these networks
# is the one that widens the maps for the next stage's stride.
ENDS = {
    MobileFaceNet: ["stage2.0.body.0", "stage2", "stage3", "stage4"],
    MobileNet: ["stage2.0.body.0", "stage2", "stage4.0.body.0", "stage4"],
}


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("kind", [MobileFaceNet, MobileNet])
def test_stages_are_what_torch_hooks_show(kind: type[nn.Module], folded: bool) -> None:
    torch.manual_seed(0)
    model = kind().train()
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(16, 3, 32, 32))  # statistics of their own for the norms
    model.eval()
    graph = exported(model, folded)
    norms = sum(node.op_type == "BatchNormalization" for node in graph.graph.node)
    assert (norms == 0) == folded
    network = OnnxNetwork("mobile", graph)
    batch = torch.randn(2, 3, 32, 32)
    with torch.no_grad(), tap(model, ENDS[kind]) as wanted:
        embedding = model(batch)
    found = network.forward(batch)
    torch.testing.assert_close(found.embedding, embedding, rtol=1e-4, atol=1e-4)
    assert list(found.taps) == ["stage1", "stage2", "stage3", "stage4"]
    for mine, end in zip(found.taps.values(), ENDS[kind], strict=True):
        torch.testing.assert_close(mine, wanted[end], rtol=1e-4, atol=1e-4)
