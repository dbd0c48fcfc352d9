"""The aligner: from a frame of a face to the steps that its crop has to be moved by."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mint.networks.modules.export import exported
from mint.vision.aligner import FRAME_SIDE

STRIDES = (2, 2, 1, 2, 1)
STEPS = 4  # right, down, scale, turn
LAST_HIDDEN = 128


class AlignerNetwork(nn.Module):
    """Five convolutions and two linear layers, which see where in the frame a feature lies."""

    def __init__(self, width: int) -> None:
        super().__init__()
        channels = (1, width, 2 * width, 2 * width, 4 * width, 4 * width)
        layers: list[nn.Module] = []
        for depth, stride in enumerate(STRIDES):
            size = 3 if depth else 5
            convolution = nn.Conv2d(channels[depth], channels[depth + 1], size, stride, size // 2, bias=False)
            layers += [convolution, nn.BatchNorm2d(channels[depth + 1]), nn.ReLU()]
        side = FRAME_SIDE
        for stride in STRIDES:
            side = (side + stride - 1) // stride
        layers += [nn.Conv2d(channels[-1], width, 1), nn.ReLU(), nn.Flatten()]
        layers += [nn.Linear(width * side * side, LAST_HIDDEN), nn.ReLU(), nn.Linear(LAST_HIDDEN, STEPS)]
        self.layers = nn.Sequential(*layers)

    def forward(self, frames: Tensor) -> Tensor:
        """Return the (N, 4) steps of (N, 1, FRAME_SIDE, FRAME_SIDE) float frames in [0, 255]; see ``mint.vision.aligner.displacement``."""
        found: Tensor = self.layers(frames / 127.5 - 1)
        return found


def aligner_graph(network: AlignerNetwork) -> bytes:
    """Return the network as the ONNX graph that ``mint.vision.aligner`` runs, for any number of frames."""
    plain = network.eval().float().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    ends = ["frames"], ["steps"]
    return exported(plain, [torch.zeros(1, 1, FRAME_SIDE, FRAME_SIDE)], *ends, "the aligner", [*ends[0], *ends[1]])
