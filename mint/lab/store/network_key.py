"""What tells the network that a store is extracted from apart from others."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from mint.networks.base import AuditedNetwork

COLOURS = torch.tensor([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], dtype=torch.float32)


def network_key(network: AuditedNetwork) -> dict[str, Any]:
    """Return what a network's numbers depend on: weights, taps and preprocessing.

    The preprocessing is told by what comes of four plain pictures: black, red, green and blue.
    """
    plain = COLOURS[:, :, None, None].expand(-1, -1, network.input_size, network.input_size)
    seen = network.preprocess(plain).float().mean((2, 3))
    about = network.describe()
    return {
        "network": network.fingerprint,
        "taps": [asdict(tap) for tap in network.taps],
        "finder": network.finder.name,
        "preprocessing": {"size": network.input_size, "colours": np.round(seen.numpy().astype(float), 4).tolist()},
        # Of a graph whose embedding is not its first output, or that must be shown pictures one by one:
        **{name: about[name] for name in ("output", "batch") if name in about},
    }
