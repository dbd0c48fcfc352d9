"""Activation maps to a membership score, one idea a file. A new kind is one new file and one line in KINDS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mint.audited.base import AuditedNetwork
from mint.auditors.base import Auditor
from mint.auditors.cnn import Cnn
from mint.auditors.consistency import Consistency, feature_count
from mint.auditors.norm import Norm
from mint.auditors.prototype import Prototype
from mint.auditors.vanilla import Vanilla
from mint.auditors.views import VIEWS

PAPER_PRESET = "demo2025"  # the paper this project implements; its auditors run online


@dataclass(frozen=True, slots=True)
class Spec:
    """Which auditor, on which layer, in which published form."""

    kind: str
    layer: str
    preset: str = ""

    @property
    def auditor(self) -> str:
        """Name in reports: the kind, and the preset where it is not the paper's."""
        return self.kind if self.preset in ("", PAPER_PRESET) else f"{self.kind}-{self.preset}"

    @property
    def column(self) -> str:
        """Name in score tables, ``auditor/layer``."""
        return f"{self.auditor}/{self.layer}"

    @property
    def online(self) -> bool:
        """Whether page and shell run it; the others are measured only."""
        return self.preset in ("", PAPER_PRESET)


def _vanilla(spec: Spec, network: AuditedNetwork) -> Auditor:
    shapes = network.shapes()
    sizes = {name: channels for name, (channels, _) in shapes.items()}
    stages = [t.name for t in network.taps]
    size = sum(sizes[s] for s in stages) if spec.layer == "all" else sizes[spec.layer]
    return Vanilla(spec.layer, size, spec.preset, stages)


def _cnn(spec: Spec, network: AuditedNetwork) -> Auditor:
    shapes = network.shapes()
    layers = [t.name for t in network.taps] if spec.layer == "all" else [spec.layer]
    return Cnn(spec.layer, [shapes[name] for name in layers], spec.preset, layers)


def _consistency(spec: Spec, network: AuditedNetwork) -> Auditor:
    return Consistency(feature_count(len(VIEWS), bool(network.taps)), network.shapes()["embedding"][0])


def _norm(spec: Spec, network: AuditedNetwork) -> Auditor:
    return Norm()


def _prototype(spec: Spec, network: AuditedNetwork) -> Auditor:
    return Prototype()


KINDS: dict[str, Callable[[Spec, AuditedNetwork], Auditor]] = {
    "vanilla": _vanilla,
    "cnn": _cnn,
    "norm": _norm,
    "consistency": _consistency,
    "prototype": _prototype,
}


def build(spec: Spec, network: AuditedNetwork) -> Auditor:
    """A fresh, untrained auditor shaped for a network."""
    return KINDS[spec.kind](spec, network)


def specs(network: AuditedNetwork) -> list[Spec]:
    """Every auditor that can be trained for a network."""
    stages = [t.name for t in network.taps]
    found = []
    for preset in (PAPER_PRESET, "ieee2025"):
        found += [Spec("vanilla", layer, preset) for layer in (*stages, "embedding", "all")]
        found += [Spec("cnn", layer, preset) for layer in (*stages, "all")]
    found += [Spec("norm", "embedding"), Spec("consistency", "views")]
    if network.head is not None:
        found.append(Spec("prototype", "head"))
    return found
