"""Centred: how closely a crop and its altered views keep to one class centre of the classification head.

A picture that was trained on lies nearer to its centre than small changes of it do; another picture of the same person lies
as near as its changes. So the views say how near this face would lie anyhow, whoever it shows and however alike that
person's pictures are. Needs the head, as the prototype does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import torch
from torch import Tensor

from mint.auditors import Spec
from mint.auditors.base import LogisticAuditor
from mint.auditors.features import AGREEMENT, CENTRED, LARGEST_COSINE
from mint.auditors.views import VIEWS
from mint.networks.base import FeatureShapes


class Centred(LogisticAuditor):
    """Score by logistic regression on the cosines to the centre, and on how far the views agree with the crop.

    It has as many features as ``feature_count`` says.
    """

    kind = "centred"
    layer = "head"

    @classmethod
    def specs(cls, taps: Sequence[str], head: bool) -> list[Spec]:
        return [Spec(cls.kind, cls.layer)] if head else []

    @classmethod
    def shaped(cls, spec: Spec, shapes: FeatureShapes) -> Self:
        return cls(feature_count(len(VIEWS), bool(shapes.taps)))

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({CENTRED, AGREEMENT})

    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        cosines = torch.atanh(features[CENTRED].clamp(-LARGEST_COSINE, LARGEST_COSINE))
        return [torch.cat([cosines, features[AGREEMENT]], dim=1)]


def feature_count(views: int, taps: bool = True) -> int:
    """Count the features of K views: a cosine of the crop and of each view, and what ``features.agreement`` returns."""
    return 1 + views + (2 + taps) * views + 1
