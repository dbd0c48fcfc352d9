"""The auditor of Active MINT at its *Entry* set-up (DeAlcala et al., ICCV 2025, 647–656), and its fit to a frozen network.

The paper gives one convolution of 3 × 3 with 256 filters for each of two maps, a global pool, two linear layers and dropout 0.4.
It gives neither the stride nor the kind of pool: a stride of 2 and the maximum are ours, and so are 128 units between the layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mint.networks.modules.iresnet import IResNet

FILTERS, HIDDEN, DROPOUT = 256, 128, 0.4
AT_A_TIME = 128  # photos
Floats = NDArray[np.float64]


class EntryAuditor(nn.Module):
    """Score maps of the first block, larger = more like a photo that was told to be used.

    Args:
        channels: of each map.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv2d(each, FILTERS, 3, 2, 1) for each in channels)
        self.layers = nn.Sequential(
            nn.Linear(FILTERS * len(channels), HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, 1),
            nn.Flatten(0),
        )

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Turn maps, each (N, C, H, W), into (N,) logits."""
        pooled = [torch.relu(c(m)).amax((2, 3)) for c, m in zip(self.convolutions, maps, strict=True)]
        out: Tensor = self.layers(torch.cat(pooled, 1))
        return out


def entry_maps(model: IResNet, batch: Tensor) -> list[Tensor]:
    """Return what the last two blocks of stage 1 put out for (N, 3, S, S); no later layer runs."""
    x = model.prelu(model.bn1(model.conv1(batch)))
    maps = []
    for block in model.layer1:
        x = block(x)
        maps.append(x)
    return maps[-2:]


@torch.no_grad()
def frozen_maps(model: IResNet, batch: Tensor) -> list[Tensor]:
    """Return ``entry_maps`` of all photos with the norms' running statistics, without gradients."""
    model.eval()
    parts = [entry_maps(model, part) for part in torch.split(batch, AT_A_TIME)]
    return [torch.cat(one) for one in zip(*parts, strict=True)]


def fit_auditor(
    maps: Sequence[Tensor], told: Tensor, epochs: int, batch: int, learning_rate: float, weight_decay: float, seed: int
) -> EntryAuditor:
    """Train an auditor on maps that stay as they are: of a network trained before, of an untrained one, or bare pixels.

    Args:
        maps: each (N, C, H, W).
        told: (N,) 1 where the auditor is told that the photo was used, else 0.
        epochs: over all photos.
        batch: photos a step.
        learning_rate: of AdamW, constant.
        weight_decay: of AdamW.
        seed: of weights, order and dropout.

    Returns:
        The auditor, in eval mode.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        auditor = EntryAuditor([one.shape[1] for one in maps])
        optimiser = torch.optim.AdamW(auditor.parameters(), learning_rate, weight_decay=weight_decay)
        for _ in range(epochs):
            for pick in torch.split(torch.randperm(len(told)), batch):
                optimiser.zero_grad()
                logits = auditor([one[pick] for one in maps])
                nn.functional.binary_cross_entropy_with_logits(logits, told[pick]).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
    return auditor.eval()


@torch.no_grad()
def scores_of(auditor: EntryAuditor, maps: Sequence[Tensor]) -> Floats:
    """Return (N,) logits of maps."""
    auditor.eval()
    parts = [auditor(part) for part in zip(*(torch.split(one, AT_A_TIME) for one in maps), strict=True)]
    return np.asarray(torch.cat(parts).numpy(), np.float64)
