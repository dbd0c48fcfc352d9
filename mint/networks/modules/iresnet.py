"""IResNet: InsightFace's residual network for faces, any depth, width and input size.

Topology and module names are those of InsightFace's ``arcface_torch/backbones/iresnet.py``
(pre-activation blocks of Han et al. 2017 as used by ArcFace), so that a state dict of its
IResNet-18 ... IResNet-100 loads into this class unchanged. Group norm (Wu and He 2018) in place of batch norm is of
this project: it reads nothing of other photos, which training with differential privacy forbids.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 14, 3), 100: (3, 13, 30, 3)}
GROUPED = 4  # channels that group norm takes together
Norm = Callable[[int], nn.Module]  # of maps with so many channels


def batch_norm(channels: int) -> nn.Module:
    """Return InsightFace's norm."""
    return nn.BatchNorm2d(channels, eps=1e-5)


def group_norm(channels: int) -> nn.Module:
    """Return a norm over ``GROUPED`` channels of one photo; over all where their number cannot be divided so."""
    return nn.GroupNorm(1 if channels % GROUPED else channels // GROUPED, channels)


class Block(nn.Module):
    """BN, conv, BN, PReLU, conv (stride), BN, plus the shortcut."""

    def __init__(self, inside: int, outside: int, stride: int, norm: Norm = batch_norm) -> None:
        super().__init__()
        self.bn1 = norm(inside)
        self.conv1 = nn.Conv2d(inside, outside, 3, 1, 1, bias=False)
        self.bn2 = norm(outside)
        self.prelu = nn.PReLU(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, stride, 1, bias=False)
        self.bn3 = norm(outside)
        self.downsample = None
        if stride != 1 or inside != outside:
            self.downsample = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), norm(outside))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        out: Tensor = self.bn3(self.conv2(y)) + shortcut
        return out


class IResNet(nn.Module):
    """A residual network that embeds faces.

    Args:
        layers: blocks in each of the four stages; ``DEPTHS[100]`` is the paper's network.
        width: channels of stage 1; the stages have width x (1, 2, 4, 8).
        input_size: side of the square input, a multiple of 16.
        embedding_size: length of the output.
        dropout: in front of the last linear layer.
        norm: of maps. With another than batch norm the embedding has no norm: one over a single photo's embedding would
            make all of them equally long.
    """

    def __init__(
        self,
        layers: tuple[int, int, int, int] = DEPTHS[100],
        width: int = 64,
        input_size: int = 112,
        embedding_size: int = 512,
        dropout: float = 0.0,
        norm: Norm = batch_norm,
    ) -> None:
        super().__init__()
        if input_size % 16:
            raise ValueError(f"input_size must be a multiple of 16, not {input_size}")
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = norm(width)
        self.prelu = nn.PReLU(width)
        self.layer1 = _stage(width, width, layers[0], norm)
        self.layer2 = _stage(width, 2 * width, layers[1], norm)
        self.layer3 = _stage(2 * width, 4 * width, layers[2], norm)
        self.layer4 = _stage(4 * width, 8 * width, layers[3], norm)
        self.bn2 = norm(8 * width)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(8 * width * (input_size // 16) ** 2, embedding_size)
        self.features: nn.Module = nn.Identity()
        if norm is batch_norm:
            self.features = nn.BatchNorm1d(embedding_size, eps=1e-5)
            self.features.weight.requires_grad = False
        for module in self.modules():
            # On the meta device there is nothing to fill, and torch would import its compiler, seconds of it, for that.
            if isinstance(module, nn.Conv2d) and not module.weight.is_meta:
                nn.init.normal_(module.weight, 0, 0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Embed (N, 3, S, S) float in [-1, 1] as (N, E), not normalised."""
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = torch.flatten(self.dropout(self.bn2(x)), 1)
        out: Tensor = self.features(self.fc(x))
        return out


def fuse(model: IResNet) -> IResNet:
    """Fold every batch norm that follows a convolution into it, for inference.

    The answer stays the same up to rounding; a third of the time goes. The norm in front of a
    convolution (``bn1`` of a block) stays: folded, it would be wrong at the padded border.
    """
    model.eval()
    pairs: list[tuple[nn.Module, str, str]] = [(model, "conv1", "bn1")]
    for block in model.modules():
        if isinstance(block, Block):
            pairs += [(block, "conv1", "bn2"), (block, "conv2", "bn3")]
            if block.downsample is not None:
                pairs.append((block.downsample, "0", "1"))
    for owner, conv, norm in pairs:
        setattr(owner, conv, fuse_conv_bn_eval(getattr(owner, conv), getattr(owner, norm)))
        setattr(owner, norm, nn.Identity())
    return model


def _stage(inside: int, outside: int, blocks: int, norm: Norm) -> nn.Sequential:
    return nn.Sequential(
        Block(inside, outside, 2, norm), *(Block(outside, outside, 1, norm) for _ in range(blocks - 1))
    )
