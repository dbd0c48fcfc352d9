"""Activation maps to a membership score, one idea a file. A new kind is one new file and one line in ``kinds.py``."""

from __future__ import annotations

from mint.audited.base import AuditedNetwork
from mint.audited.outline import Outline
from mint.auditors import kinds
from mint.auditors.base import Auditor
from mint.auditors.spec import PAPER_PRESET, PRESETS, Spec

__all__ = ["KINDS", "PAPER_PRESET", "Spec", "build", "specs"]

KINDS: dict[str, type[Auditor]] = {
    found.kind: found for found in vars(kinds).values() if isinstance(found, type) and issubclass(found, Auditor)
}


def build(spec: Spec, network: AuditedNetwork | Outline) -> Auditor:
    """Build an untrained auditor that fits a network; may run the network once for its shapes."""
    return KINDS[spec.kind].shaped(spec, network if isinstance(network, Outline) else Outline.of(network))


def specs(network: AuditedNetwork | Outline) -> list[Spec]:
    """List every auditor that can be trained for a network, the published ones first."""
    if isinstance(network, Outline):
        taps, head = network.taps, network.head
    else:  # which layers there are is known without running it
        taps, head = tuple(tap.name for tap in network.taps), network.head is not None
    found = [spec for kind in KINDS.values() for spec in kind.specs(taps, head)]
    return sorted(found, key=lambda spec: PRESETS.index(spec.preset) if spec.preset in PRESETS else len(PRESETS))
