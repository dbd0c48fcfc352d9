"""The settings that are compared: a base recipe, and one thing changed at a time (after the factors of the CVPRW 2024 paper)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mint.lab.twins.losses import ADAFACE, ARCFACE
from mint.lab.twins.recipe import TwinRecipe

BASE_PHOTOS = 4  # of a person, that the base is trained on
BASE = "base"


@dataclass(frozen=True, slots=True)
class Setting:
    """One network to train.

    Attributes:
        factor: what is changed, or ``BASE``.
        level: to what.
        changes: fields of the base recipe.
        photos: of a person.
    """

    factor: str
    level: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    photos: int = BASE_PHOTOS

    @property
    def name(self) -> str:
        """The name of its folder."""
        return re.sub(r"[^a-z0-9.]+", "-", f"{self.factor} {self.level}".lower()).strip("-")

    def recipe(self, base: TwinRecipe) -> TwinRecipe:
        """Return the base recipe with its changes."""
        return replace(base, **self.changes)

    @property
    def doses(self) -> tuple[int, ...]:
        """How often an epoch shows a photo, where photos of one network differ in that; else nothing."""
        return tuple(sorted(set(self.changes.get("exposures", ()))))


def base_recipe(size: int, epochs: int, precision: str) -> TwinRecipe:
    """Return the recipe that all others are changed from: the twins', in small. Smaller sets need smaller batches."""
    return TwinRecipe(input_size=size, batch=32, epochs=epochs, keep=(), precision=precision)


SETTINGS = (
    Setting(BASE, "as the twins"),
    Setting("alteration", "a quarter of each batch", {"edited": 0.25}),
    Setting("alteration", "half of each batch", {"edited": 0.5}),
    Setting("alteration", "all, strongly", {"augmented": True}),
    Setting("loss", "ArcFace", {"loss": ARCFACE}),
    Setting("loss", "AdaFace", {"loss": ADAFACE}),
    Setting("margin", "0.3", {"margin": 0.3}),
    Setting("margin", "0.9", {"margin": 0.9}),
    Setting("dropout", "0.4", {"dropout": 0.4}),
    Setting("batch", "16", {"batch": 16}),
    Setting("batch", "64", {"batch": 64}),
    Setting("photos a person", "2", photos=2),
    Setting("photos a person", "8", photos=8),
    # Of four photos of a person one is shown ten times an epoch, one three times and two once, all to one network.
    Setting("exposure", "1, 3 or 10 an epoch", {"exposures": (1, 1, 3, 10)}),
)


def chosen(factors: list[str]) -> tuple[Setting, ...]:
    """Return the base and the settings of these factors, all if none is named.

    Raises:
        ValueError: there is no such factor.
    """
    names = list(dict.fromkeys(setting.factor for setting in SETTINGS if setting.factor != BASE))
    if unknown := [name for name in factors if name not in names]:
        raise ValueError(f"a factor is one of {', '.join(names)}, not {unknown[0]}")
    return tuple(s for s in SETTINGS if s.factor in (BASE, *(factors or names)))
