"""Every kind of auditor: one idea a file. A new kind is one new file and one line below."""
# isort: skip_file

from __future__ import annotations

from mint.auditors import PRESETS, Spec
from mint.auditors.base import Auditor
from mint.networks.base import AuditedNetwork, FeatureShapes

# One line each, in the order of tables.
from mint.auditors.kinds.vanilla import Vanilla as Vanilla
from mint.auditors.kinds.cnn import Cnn as Cnn
from mint.auditors.kinds.norm import Norm as Norm
from mint.auditors.kinds.consistency import Consistency as Consistency
from mint.auditors.kinds.prototype import Prototype as Prototype
from mint.auditors.kinds.centred import Centred as Centred
from mint.auditors.kinds.recall import Recall as Recall

AUDITOR_KINDS: dict[str, type[Auditor]] = {
    found.kind: found
    for found in list(vars().values())
    if isinstance(found, type) and issubclass(found, Auditor) and found is not Auditor
}


def build(spec: Spec, network: AuditedNetwork | FeatureShapes) -> Auditor:
    """Build an untrained auditor that fits a network; may run the network once for its shapes."""
    return AUDITOR_KINDS[spec.kind].shaped(
        spec, network if isinstance(network, FeatureShapes) else FeatureShapes.of(network)
    )


def specs(network: AuditedNetwork | FeatureShapes) -> list[Spec]:
    """List every auditor that can be trained for a network, the published ones first."""
    if isinstance(network, FeatureShapes):
        taps, head = network.taps, network.head
    else:  # which layers there are is known without running it
        taps, head = tuple(tap.name for tap in network.taps), network.head is not None
    found = [spec for kind in AUDITOR_KINDS.values() for spec in kind.specs(taps, head)]
    return sorted(found, key=lambda spec: PRESETS.index(spec.preset) if spec.preset in PRESETS else len(PRESETS))
