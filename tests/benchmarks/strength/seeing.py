"""The one pass over crops that every attempt reads from; kept in a folder, as most of the time goes there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from mint.networks.base import resize
from mint.networks.torch_network import TorchNetwork

BATCH = 16
View = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network shows for N crops and K views of each.

    Attributes:
        embeddings: (N, 1 + K, E) float32, of each crop and its views; not normalised.
        cosines: (N, K, T) float32, between the crop and each view, at each of the taps.
        maps: (N, 2, C, H, W) float16, the last tap for the crop and for the first view.
        statistics: (N, 2 T) float32: for each tap the distance of the crop's channel means, then of its
            channel variances, to those of the batch norm behind the tap.
    """

    embeddings: Tensor
    cosines: Tensor
    maps: Tensor
    statistics: Tensor

    def __getitem__(self, rows: np.ndarray) -> Seen:
        return Seen(*(getattr(self, f.name)[rows] for f in fields(self)))

    def __len__(self) -> int:
        return len(self.embeddings)

    def with_more(self, other: Seen) -> Seen:
        """The same crops with further views."""
        embeddings = torch.cat([self.embeddings, other.embeddings[:, 1:]], dim=1)
        return Seen(embeddings, torch.cat([self.cosines, other.cosines], dim=1), self.maps, self.statistics)


def see(network: TorchNetwork, crops: np.ndarray, views: Mapping[str, View], folder: Path | None = None) -> Seen:
    """Run the network over crops and views, or read what an earlier run left.

    Args:
        network: under audit.
        crops: (N, 112, 112, 3) uint8 RGB.
        views: name to (N, 3, S, S) in, the same out; made at the network's own input size.
        folder: where results stay, under a name made of network, crops and views; None keeps none.
    """
    if folder is None:
        return _see(network, crops, views)
    key = hashlib.sha256("\n".join([network.fingerprint, *views]).encode() + np.ascontiguousarray(crops).tobytes())
    path = folder / f"{network.name}-{key.hexdigest()[:16]}.safetensors"
    if not path.is_file():
        seen = _see(network, crops, views)
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        save_file({f.name: getattr(seen, f.name).contiguous() for f in fields(seen)}, part)
        part.replace(path)
    return Seen(**load_file(path))


@torch.inference_mode()
def _see(network: TorchNetwork, crops: np.ndarray, views: Mapping[str, View]) -> Seen:
    norms = norms_behind(network)
    parts = []
    for start in range(0, len(crops), BATCH):
        batch = torch.from_numpy(crops[start : start + BATCH].astype(np.float32)).permute(0, 3, 1, 2)
        shrunk = resize(batch, min(network.input_size, batch.shape[-1]))
        stacked = torch.stack([shrunk, *(view(shrunk) for view in views.values())], dim=1)
        looked = network.look(stacked.flatten(0, 1))
        taps = [tap.unflatten(0, stacked.shape[:2]) for tap in looked.taps.values()]
        distances = [d for tap, norm in zip(taps, norms, strict=True) for d in _distances(tap[:, 0], norm)]
        parts.append(
            (
                looked.embedding.unflatten(0, stacked.shape[:2]),
                torch.stack([_cosines(tap.flatten(2)) for tap in taps], dim=2),
                taps[-1][:, :2].half(),
                torch.stack(distances, dim=1),
            )
        )
    return Seen(*(torch.cat(column) for column in zip(*parts, strict=True)))


def norms_behind(network: TorchNetwork) -> list[nn.Module]:
    """The batch norm that each tap of an IResNet runs into: of the next stage's first block, or of the output."""
    stages = [getattr(network.model, tap.module) for tap in network.taps]
    return [*(stage[0].bn1 for stage in stages[1:]), network.model.bn2]


def _cosines(values: Tensor) -> Tensor:
    """(N, 1 + K, D) to (N, K): of each crop and its views."""
    lengths = torch.linalg.vector_norm(values, dim=2)
    dot = (values @ values[:, :1].transpose(1, 2)).squeeze(2)
    return dot[:, 1:] / (lengths[:, 1:] * lengths[:, :1]).clamp_min(1e-12)


def _distances(tap: Tensor, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """(N, C, H, W) to two times (N,): how far its channel means and variances are from the training set's."""
    cells = tap.flatten(2)
    means = ((cells.mean(2) - norm.running_mean) ** 2 / norm.running_var).mean(1)
    spreads = (cells.var(2).clamp_min(1e-6).log() - norm.running_var.log()).abs().mean(1)
    return means.clamp_min(1e-9).log(), spreads.clamp_min(1e-9).log()
