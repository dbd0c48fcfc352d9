"""Prototype: how close the embedding lies to a class centre of the classification head.

Training with a margin loss pulls every member to its identity's centre. Needs the head, which is
thrown away at deployment: an auditor with the training side's help has it, a visitor has not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mint.auditors import Spec
from mint.auditors.base import LogisticAuditor
from mint.auditors.features import EMBEDDING

FEATURES = ("largest cosine", "its lead over the second", "embedding norm")


class Prototype(LogisticAuditor):
    """Score the cosines to the class centres by logistic regression."""

    kind = "prototype"
    layer = "head"

    def __init__(self) -> None:
        super().__init__(len(FEATURES))

    @classmethod
    def specs(cls, taps: Sequence[str], head: bool) -> list[Spec]:
        return [Spec(cls.kind, cls.layer)] if head else []

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({EMBEDDING})

    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        if head is None:
            raise ValueError("the prototype auditor needs the classification head")
        return [prototype_features(features[EMBEDDING], head)]


def prototype_features(embedding: Tensor, head: Tensor) -> Tensor:
    """Return (N, 3) features of (N, E) embeddings and (C, E) unit centres: see ``FEATURES``."""
    norm = embedding.norm(dim=1, keepdim=True).clamp_min(1e-6)  # a dead embedding has no direction and no log
    best = (embedding / norm @ head.T).topk(min(2, len(head)), dim=1).values
    return torch.cat([best[:, :1], best[:, :1] - best[:, -1:], norm.log()], dim=1)
