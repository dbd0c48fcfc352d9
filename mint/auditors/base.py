"""The interface of an auditor: readings in, one membership score a face out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from mint.auditors import Spec
from mint.auditors.views import VIEWS, look_at
from mint.networks.base import AuditedNetwork, FeatureShapes, Maps, resize


@dataclass(frozen=True, eq=False)
class Reading:
    """What a network shows for N crops, and, if asked for, for K altered views of each.

    Attributes:
        everything: maps of N * (1 + K) inputs: each crop, then its views, where one that the network's form of light undoes
            has the crop's maps. K = 0 without views.
        views: K.
        head: (C, E) unit class centres, or None.
        plain: maps of the N crops without their views.
    """

    everything: Maps
    views: int
    head: Tensor | None
    plain: Maps = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", self.everything[:: 1 + self.views])


def read(network: AuditedNetwork, crops: np.ndarray, views: bool) -> Reading:
    """Run the network once over crops, and over their views in the same batch.

    Args:
        network: under audit.
        crops: (N, 112, 112, 3) uint8 RGB.
        views: whether any auditor needs the altered views.
    """
    batch = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)
    with torch.inference_mode():
        return reading_of(network, batch, views, network.head)


def reading_of(network: AuditedNetwork, batch: Tensor, views: bool, head: Tensor | None) -> Reading:
    """Run the network once, as ``read`` does, over (N, 3, 112, 112) float32 RGB in [0, 255]; ``head`` stands for its own."""
    # Views are made of what the network sees, at its own size: cheaper, and no finer than it matters.
    shrunk = resize(batch, min(network.input_size, batch.shape[-1]))
    return Reading(look_at(network, shrunk, views), len(VIEWS) if views else 0, head)


class Auditor(nn.Module, ABC):
    """One MINT model T. A new kind is one new file with these methods, and one line in ``__init__.py``.

    Attributes:
        kind: the file's name.
        layer: which layer it reads; what the report shows.
        mirrored: whether mirror images of the training pictures are samples as well.
    """

    kind: str
    layer: str
    mirrored: bool = False

    @classmethod
    def specs(cls, taps: Sequence[str], head: bool) -> list[Spec]:
        """List the layers and presets that it can be trained on for a network.

        Its one layer, unless the auditor says otherwise.

        Args:
            taps: of the network, in its order.
            head: whether class centres are at hand.
        """
        return [Spec(cls.kind, cls.layer)]

    @classmethod
    def shaped(cls, spec: Spec, shapes: FeatureShapes) -> Self:
        """Build an untrained auditor of the size that a network needs.

        Args:
            spec: one of ``specs``.
            shapes: the sizes of what the network shows.
        """
        return cls()

    def prepare(self, reference: Tensor) -> None:
        """Learn what needs no label from (N, E) embeddings of non-members, before training.

        Nothing, unless the auditor says so.
        """

    @property
    @abstractmethod
    def needs(self) -> frozenset[str]:
        """The names of the features that ``inputs`` reads."""

    @property
    def fitted_on(self) -> frozenset[str]:
        """The names of the features that it is trained on: those that it reads, unless the auditor says otherwise."""
        return self.needs

    @abstractmethod
    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        """Return what this auditor is trained on: float tensors of N rows each.

        Args:
            features: of N crops, as ``mint.auditors.features`` makes them; those that it needs.
            head: (C, E) unit class centres of the network, or None.
        """

    @abstractmethod
    def forward(self, *features: Tensor) -> Tensor:
        """Return (N,) scores, larger = more member; trained as the logit of membership."""

    def penalty(self) -> Tensor:
        """Return what training adds to the loss; nothing by default."""
        return torch.zeros(())


class LogisticAuditor(Auditor):
    """A logistic regression over features of one size: fitted exactly, not by gradient.

    Args:
        size: number of features.

    Attributes:
        refit: whether it is fitted again without the non-members below every member.
    """

    refit: bool = False

    def __init__(self, size: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(size, affine=False, momentum=None)
        self.linear = nn.Linear(size, 1)

    def forward(self, *features: Tensor) -> Tensor:
        out: Tensor = self.linear(self.norm(features[0]))
        return out.squeeze(1)
