"""One network under audit, and all that the attempts read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from mint.auditors.kinds.consistency import principal_axes
from mint.auditors.panel import readings
from mint.auditors.views import VIEWS
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.networks.architectures import load_network
from mint.networks.torch_network import TorchNetwork
from tests.benchmarks.strength.further_views import FURTHER_VIEWS
from tests.benchmarks.strength.people import TRAINING, People, fewer_siblings, reference, splits, strangers
from tests.benchmarks.strength.seeing import Seen, see

FEWER = 700  # siblings of a split, for the attempts whose views cost most


@dataclass(frozen=True, eq=False)
class Subject:
    """A network of the pool's.

    Attributes:
        network: under audit.
        pool: it was trained on.
        seed: of who is drawn.
        work: folder that keeps what networks showed.
    """

    network: TorchNetwork
    pool: Pool
    seed: int
    work: Path | None

    @cached_property
    def people(self) -> dict[str, People]:
        """Who is looked at, by split."""
        return splits(self.pool, self.network.name, self.seed)

    @cached_property
    def seen(self) -> dict[str, Seen]:
        """Split to what the network shows for the shipped views."""
        return {split: self._see(people.crops) for split, people in self.people.items()}

    @cached_property
    def mirrored(self) -> Seen:
        """The same of the training pictures, mirrored."""
        return self._see(self.people[TRAINING].crops[:, :, ::-1])

    @cached_property
    def training(self) -> Seen:
        """Of the training pictures alone, where no more of a network is asked."""
        return self._see(self.people[TRAINING].crops)

    @cached_property
    def fewer(self) -> dict[str, np.ndarray]:
        """Split to the rows that were seen through the further views as well."""
        return {split: fewer_siblings(people, FEWER) for split, people in self.people.items()}

    @cached_property
    def seen_further(self) -> dict[str, Seen]:
        """Split to what the network shows for all views, of fewer people's pictures."""
        return {
            split: self.seen[split][rows].with_more(
                see(self.network, self.people[split].crops[rows], FURTHER_VIEWS, self.work)
            )
            for split, rows in self.fewer.items()
        }

    @cached_property
    def reference(self) -> Tensor:
        """(R, E) embeddings of the auditor's reference, not normalised."""
        return self._embeddings(reference(self.pool, self.network.name, self.seed))

    @cached_property
    def strangers(self) -> Tensor:
        """(S, E) embeddings of every outsider among the training people, not normalised."""
        return self._embeddings(strangers(self.pool, self.network.name, self.seed))

    @cached_property
    def axes(self) -> Tensor:
        """(E, E) directions in which the reference varies, most first."""
        return principal_axes(self.reference)

    @cached_property
    def drift(self) -> Tensor:
        """(E, E) covariance of what views do to the direction of a non-member's embedding."""
        outside = self.people[TRAINING].group > 0
        unit = normalize(self.seen[TRAINING].embeddings[outside], dim=2)
        return torch.cov((unit[:, 1:] - unit[:, :1]).flatten(0, 1).T)

    def _see(self, crops: np.ndarray) -> Seen:
        return see(self.network, crops, VIEWS, self.work)

    def _embeddings(self, crops: np.ndarray) -> Tensor:
        return torch.cat([reading.plain.embedding for _, reading in readings(self.network, crops, views=False)])


def subjects(
    pool: Pool, twins: Path, epoch: int, seed: int, work: Path | None, names: tuple[str, ...]
) -> Mapping[str, Subject]:
    """Both twins at one epoch.

    Args:
        pool: as made by `mint lab pool`.
        twins: folder of `mint lab twins`, with ``TWIN/epoch-NNN.safetensors``.
        epoch: which.
        seed: as given to `mint lab train`.
        work: folder that keeps what networks showed; None keeps nothing.
        names: which twins.
    """
    shape = TwinRecipe().architecture()
    files = {name: twins / name / f"epoch-{epoch:03d}.safetensors" for name in names}
    return {name: Subject(load_network(file, shape, name), pool, seed, work) for name, file in files.items()}
