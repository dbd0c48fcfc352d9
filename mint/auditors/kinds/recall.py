"""Recall: the prototype's score at the cut that the network remembers best.

A photo that was resized, mirrored or sent on is cut out a little differently than the one that was trained on; a search
over small moves finds the cut again. Non-members are searched as well before anything is calibrated on them: to search
a visitor's photo and not theirs would find members who are none.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from mint.auditors.features import EMBEDDING, RECALLED
from mint.auditors.kinds.prototype import Prototype, prototype_features


class Recall(Prototype):
    """Score the cosines at the best cut by the prototype's logistic regression.

    It is fitted on faces as they are cut out: there a member lies where it was trained on, and shows what one looks
    like once it is found.
    """

    kind = "recall"

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({RECALLED})

    @property
    def fitted_on(self) -> frozenset[str]:
        return frozenset({EMBEDDING})

    def inputs(self, features: Mapping[str, Tensor], head: Tensor | None) -> list[Tensor]:
        if head is None:
            raise ValueError("the recall auditor needs the classification head")
        return [prototype_features(features[RECALLED if RECALLED in features else EMBEDDING], head)]
