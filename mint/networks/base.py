"""What it takes to be audited: crops in, embedding and activation maps out; and the sizes of these."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.vision.detectors import YUNET, Finder

if TYPE_CHECKING:  # takes seconds to import, and an answer from a bundle's graph needs none of it
    from torch import Tensor

Values = float | tuple[float, ...]  # of the input's channels: one for all, or one each for red, green and blue
FIRST = ""  # the output of a graph that it declares first, whatever its shape


@dataclass(frozen=True, slots=True)
class Tap:
    """A named place in a network, known before anything runs.

    Attributes:
        name: what auditors call it, ``stage1`` ... ``stage4``.
        module: where the network keeps it.
        channels: of its maps.
        stride: pixels of the network's input per cell of the map.
    """

    name: str
    module: str
    channels: int
    stride: int


@dataclass(frozen=True, slots=True)
class GraphReading:
    """How a graph is read, as far as its user says so. What is None is found out.

    Attributes:
        scaling: mean and scale: what to subtract from RGB in [0, 255], and to multiply the difference with.
        bgr: whether it takes blue first.
        output: the tensor that is the embedding; ``FIRST`` for the first that the graph declares.
    """

    scaling: tuple[Values, Values] | None = None
    bgr: bool | None = None
    output: str | None = None

    def over(self, other: GraphReading) -> GraphReading:
        """Fill what is None here from another reading."""
        return GraphReading(
            other.scaling if self.scaling is None else self.scaling,
            other.bgr if self.bgr is None else self.bgr,
            other.output if self.output is None else self.output,
        )

    def given(self) -> dict[str, Any]:
        """Return what is not None, for JSON; ``parse`` reads it."""
        found: dict[str, Any] = {}
        if self.scaling is not None:
            found = {"mean": stored_values(self.scaling[0]), "scale": stored_values(self.scaling[1])}
        return found | {k: v for k, v in (("bgr", self.bgr), ("output", self.output)) if v is not None}

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> GraphReading:
        """Read what ``given`` returned.

        Raises:
            ValueError: it is something else.
        """
        try:
            scaling = (_values(stored["mean"]), _values(stored["scale"])) if {"mean", "scale"} & set(stored) else None
        except (KeyError, TypeError) as error:
            raise ValueError("it does not say how its graph's pictures are scaled") from error
        bgr, output = stored.get("bgr"), stored.get("output")
        if not isinstance(bgr, bool | None) or not isinstance(output, str | None):
            raise ValueError("it does not say how its graph is read")
        return cls(scaling, bgr, output)

    @classmethod
    def recorded(cls, about: Mapping[str, Any]) -> GraphReading:
        """Return the reading that ``AuditedNetwork.describe`` recorded, also before MINT knew other outputs."""
        scaling = (_values(about["mean"]), _values(about["scale"]))
        return cls(scaling, bool(about.get("bgr", False)), about.get("output", FIRST))


def _values(stored: float | Sequence[float]) -> Values:
    return float(stored) if isinstance(stored, int | float) else tuple(float(value) for value in stored)


def stored_values(values: Values) -> float | list[float]:
    """Return values as JSON keeps them."""
    return list(values) if isinstance(values, tuple) else values


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What a network shows for a batch (the papers' auxiliary auditable data).

    Attributes:
        embedding: (N, E) float32, not normalised.
        taps: name to (N, C, H, W) float32.
    """

    embedding: Tensor
    taps: Mapping[str, Tensor]

    def __getitem__(self, picked: slice) -> Maps:
        return Maps(self.embedding[picked], {name: value[picked] for name, value in self.taps.items()})

    def __len__(self) -> int:
        return len(self.embedding)


def resize(crops: Tensor, size: int) -> Tensor:
    """Resize (N, 3, H, W) to (N, 3, size, size), bilinear and antialiased.

    Returns the same tensor if it has that size already.
    """
    if crops.shape[-2:] == (size, size):
        return crops
    import torch

    return torch.nn.functional.interpolate(crops, (size, size), mode="bilinear", antialias=True)


class AuditedNetwork(ABC):
    """A network under audit. Preprocessing belongs to the network, so nobody can mismatch it.

    Attributes:
        kind: ``torch`` or ``onnx``: what it takes to open it.
        name: as in the catalog.
        taps: the places whose maps ``forward`` returns.
        input_size: side of the square input.
        head: (K, E) unit class centres of the classification head, or None where it is not at hand.
        fingerprint: sha256 of the weights; auditors are bound to it.
        mean, scale: what it subtracts from RGB in [0, 255], and multiplies the difference with.
        bgr: whether blue comes first in its input.
        light: the canonical form of light that it brings crops to, empty for none; see ``modules.light_names``.
        reading: lines on how its pictures are made ready and its answers are read, for people.
        concerns: lines on what looks wrong with it, for people.
        finder: finds the faces in photos for it; whole pictures, if it knows something else than faces.
        device: where it runs, ``cpu`` or ``cuda``.
        source: what ``open.open_network`` opened it by, or "" if it was built in Python.
    """

    kind: str = "torch"
    name: str
    taps: tuple[Tap, ...]
    input_size: int
    head: Tensor | None
    fingerprint: str
    mean: Values = 127.5
    scale: Values = 1 / 127.5
    bgr: bool = False
    light: str = ""
    reading: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    finder: Finder = YUNET
    device: str = "cpu"
    source: str = ""

    @abstractmethod
    def preprocess(self, crops: Tensor) -> Tensor:
        """Turn (N, 3, S, S) float RGB in [0, 255], of any size, into what ``forward`` takes."""

    @abstractmethod
    def forward(self, batch: Tensor) -> Maps:
        """Run the network once."""

    def look(self, crops: Tensor) -> Maps:
        """Preprocess and run: (N, 3, S, S) float RGB in [0, 255] to maps."""
        return self.forward(self.preprocess(crops))

    def centres(self) -> np.ndarray | None:
        """Return ``head`` as (K, E) float32 numbers, or None."""
        found: np.ndarray | None = None if self.head is None else self.head.numpy()
        return found

    def describe(self) -> dict[str, Any]:
        """Return what a bundle records of a network that it does not hold.

        It is enough to open the network again and to refuse another.
        """
        return {
            "kind": self.kind,
            "name": self.name,
            "fingerprint": self.fingerprint,
            "taps": [asdict(tap) for tap in self.taps],
            "input_size": self.input_size,
            "mean": stored_values(self.mean),
            "scale": stored_values(self.scale),
            "finder": self.finder.name,
            **({"bgr": True} if self.bgr else {}),  # only then: the keys of what was made before stay
        }

    @property
    def key(self) -> str:
        """The sha256 of the canonical JSON of ``describe`` without the name, as files may be renamed."""
        about = {name: value for name, value in self.describe().items() if name != "name"}
        text = json.dumps(about, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def shapes(self) -> dict[str, tuple[int, int]]:
        """Return the shapes of all layers: name to (channels, side). Runs the network once.

        The embedding has side 1.
        """
        import torch

        maps = self.look(torch.zeros(1, 3, 112, 112))
        found = {name: (value.shape[1], value.shape[2]) for name, value in maps.taps.items()}
        return {**found, "embedding": (maps.embedding.shape[1], 1)}


@dataclass(frozen=True, slots=True)
class FeatureShapes:
    """The shapes of all that auditors can read of a network.

    Attributes:
        taps: their names, in the network's order.
        shapes: layer to (channels, side) of its maps; ``embedding`` has side 1.
        head: whether class centres are at hand.
    """

    taps: tuple[str, ...]
    shapes: Mapping[str, tuple[int, int]]
    head: bool

    @classmethod
    def of(cls, network: AuditedNetwork) -> FeatureShapes:
        """Measure a network: run it once, and keep the sizes."""
        return cls(tuple(tap.name for tap in network.taps), network.shapes(), network.head is not None)
