"""The aligner: from a frame of a face to the steps that its crop has to be moved by."""

from __future__ import annotations

import io
import warnings

import torch
from torch import Tensor, nn

from mint.vision.aligner import FRAME_SIDE

ALIGNER_OPSET = 17
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
    """Return the network as the ONNX graph that ``mint.vision.aligner`` runs, normalisation folded into convolutions."""
    buffer, free = io.BytesIO(), {0: "pictures"}
    example = torch.zeros(1, 1, FRAME_SIDE, FRAME_SIDE)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter is old
        torch.onnx.export(
            network.eval().float().to(memory_format=torch.contiguous_format), (example,), buffer, input_names=["frames"],  # type: ignore[call-overload, arg-type]
            output_names=["steps"], dynamic_axes={"frames": free, "steps": free}, opset_version=ALIGNER_OPSET, dynamo=False,
        )  # fmt: skip
    return buffer.getvalue()
