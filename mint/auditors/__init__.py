"""Activation maps to a membership score, one idea a file. A new kind is one new file and one line in KINDS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mint.audited.base import AuditedNetwork
from mint.audited.outline import Outline
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


def _vanilla(spec: Spec, outline: Outline) -> Auditor:
    sizes = {name: channels for name, (channels, _) in outline.shapes.items()}
    size = sum(sizes[tap] for tap in outline.taps) if spec.layer == "all" else sizes[spec.layer]
    return Vanilla(spec.layer, size, spec.preset, outline.taps)


def _cnn(spec: Spec, outline: Outline) -> Auditor:
    layers = outline.taps if spec.layer == "all" else (spec.layer,)
    return Cnn(spec.layer, [outline.shapes[name] for name in layers], spec.preset, layers)


def _consistency(spec: Spec, outline: Outline) -> Auditor:
    return Consistency(feature_count(len(VIEWS), bool(outline.taps)), outline.shapes["embedding"][0])


def _norm(spec: Spec, outline: Outline) -> Auditor:
    return Norm()


def _prototype(spec: Spec, outline: Outline) -> Auditor:
    return Prototype()


KINDS: dict[str, Callable[[Spec, Outline], Auditor]] = {
    "vanilla": _vanilla,
    "cnn": _cnn,
    "norm": _norm,
    "consistency": _consistency,
    "prototype": _prototype,
}


def build(spec: Spec, network: AuditedNetwork | Outline) -> Auditor:
    """A fresh, untrained auditor shaped for a network, which runs once if it has to show its sizes first."""
    return KINDS[spec.kind](spec, network if isinstance(network, Outline) else Outline.of(network))


def specs(network: AuditedNetwork | Outline) -> list[Spec]:
    """Every auditor that can be trained for a network."""
    if isinstance(network, Outline):
        stages, head = network.taps, network.head
    else:
        stages, head = tuple(tap.name for tap in network.taps), network.head is not None
    joined = ("all",) if stages else ()
    found = []
    for preset in (PAPER_PRESET, "ieee2025"):
        found += [Spec("vanilla", layer, preset) for layer in (*stages, "embedding", *joined)]
        found += [Spec("cnn", layer, preset) for layer in (*stages, *joined)]
    found += [Spec("norm", "embedding"), Spec("consistency", "views")]
    if head:
        found.append(Spec("prototype", "head"))
    return found
