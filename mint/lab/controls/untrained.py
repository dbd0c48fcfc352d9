"""Untrained networks: the shape of the network under audit with weights that know nothing."""

from __future__ import annotations

import copy
import hashlib

import numpy as np
import torch
from torch import Tensor, nn

from mint.errors import MintError
from mint.lab.controls.names import UNTRAINED
from mint.networks.base import AuditedNetwork
from mint.networks.onnx.file import read_onnx
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.onnx.random_weights import PRELU, untrained
from mint.networks.torch_network import TorchNetwork

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
STEADY_NORMS = (
    nn.GroupNorm,
    nn.LayerNorm,
)  # without statistics of photos; their scale and shift are trained all the same


def untrained_copy(network: AuditedNetwork, crops: np.ndarray, seed: int) -> AuditedNetwork:
    """Return the same network with random weights.

    Weights are drawn as He et al. 2015 do, biases are zero, batch norms take the statistics of the
    crops on the way through the new weights, without labels, so that the maps have a sensible scale.

    Args:
        network: a torch module, or a graph that was read from a file.
        crops: (N, 112, 112, 3) uint8, none of them a member.
        seed: of the weights.

    Raises:
        MintError: a network of another kind.
    """
    pixels = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)
    name = f"{UNTRAINED} {network.fingerprint} {seed} {hashlib.sha256(crops.tobytes()).hexdigest()}"
    if isinstance(network, OnnxNetwork) and network.file is not None:
        model, _ = read_onnx(network.file)
        fresh = untrained(model, network.preprocess(pixels).numpy(), seed)
        return OnnxNetwork(
            UNTRAINED, fresh, network.taps, name, network.mean, network.scale, network.threads, network.device,
            network.bgr, network.output,
        )  # fmt: skip
    if isinstance(network, TorchNetwork):
        return _untrained_torch(network, network.preprocess(pixels), name, seed)
    raise MintError(f"{network.name} has no untrained twin: leave the controls out with --no-controls.")


def _untrained_torch(network: TorchNetwork, batch: Tensor, name: str, seed: int) -> TorchNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = copy.deepcopy(network.model).float().cpu()
        for module in model.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.PReLU):
                nn.init.constant_(module.weight, PRELU)
            elif isinstance(module, STEADY_NORMS):
                module.reset_parameters()
            elif isinstance(module, NORMS):
                module.reset_parameters()
                module.momentum = None  # average over all batches
                module.train()
        head = None if network.head is None else torch.randn_like(network.head)
    with torch.no_grad():
        model(batch.cpu())
    return TorchNetwork(
        UNTRAINED, model, network.taps, network.input_size, head, name, network.mean, network.scale, network.device,
        network.light,
    )  # fmt: skip
