"""Norm: the length of the embedding before it is normalised.

Training with a margin loss pushes the embeddings of members outwards, along their class centre. One
forward pass shows it, without head, label or view. Recognisers throw the length away, so it is a
signal that costs nothing; picture quality moves it as well (Meng et al., MagFace, arXiv 2103.06627),
and the controls say how much is left.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from mint.auditors.base import LogisticAuditor
from mint.auditors.features import EMBEDDING


class Norm(LogisticAuditor):
    """Score the logarithm of the embedding's length by logistic regression."""

    kind = "norm"
    layer = "embedding"

    def __init__(self) -> None:
        super().__init__(1)

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({EMBEDDING})

    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        length = torch.linalg.vector_norm(features[EMBEDDING], dim=1, keepdim=True)
        return [length.clamp_min(1e-6).log()]  # a dead embedding has no logarithm
