"""What ``mint audit --gradients`` adds: what a training step on each face would change, and what that tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mint.storage.paths import WEIGHTS

if TYPE_CHECKING:
    from mint.gradients.judge import GradientAudit
    from mint.gradients.training_step import GradientReader
    from mint.membership import MembershipTest
    from mint.types import Look

FIGURES = WEIGHTS / "cards" / "gradients.json"


class GradientQuestion:
    """Asks the networks of a test by their gradients, one after the other; makes the copies that it steps on once.

    Raises:
        WeightsMissing: the measured figures are not there.
        WeightsCorrupt: they are damaged.
    """

    def __init__(self, test: MembershipTest, figures: Path = FIGURES) -> None:
        from mint.bundles.stored import StoredNetwork
        from mint.gradients.judge import read_figures
        from mint.gradients.training_step import GradientReader, why_unreadable

        every = {name: bundle.network for name, bundle in test.bundles.items()}
        # Scores may come from a bundle's graph, which has no gradients; the network that it was made from has.
        networks = {name: n.opened if isinstance(n, StoredNetwork) else n for name, n in every.items()}
        self._reasons = {
            name: why for name, network in networks.items() if (why := why_unreadable(network)) is not None
        }
        self._readers: dict[str, GradientReader] = {
            name: GradientReader(network) for name, network in networks.items() if name not in self._reasons
        }
        self._figures = read_figures(figures)

    def ask(self, look: Look) -> dict[str, tuple[GradientAudit, ...]]:
        """Return network to one answer a face."""
        import numpy as np

        from mint.gradients.judge import judge_gradients, unreadable, without_answer
        from mint.judging.photo import NOT_UPRIGHT

        found = {name: unreadable(reason, len(look.faces)) for name, reason in self._reasons.items()}
        for name, reader in self._readers.items():
            faces = look.shown_to(name)
            features = reader.read(np.stack([face.crop for face in faces]))
            told = judge_gradients(features, self._figures.get(reader.network.fingerprint))
            found[name] = tuple(
                one if face.upright else without_answer(one, NOT_UPRIGHT) for one, face in zip(told, faces, strict=True)
            )
        return found


def gradient_lines(found: dict[str, tuple[GradientAudit, ...]]) -> Iterator[str]:
    """Tell a line a face and network: how much each layer would change, and what that says."""
    for network, audits in found.items():
        for number, audit in enumerate(audits, 1):
            where = f"face {number}: " if len(audits) > 1 else ""
            yield f"{where}{network}: {audit.said}"
            if audit.lengths is not None:
                told = ", ".join(f"{layer} {length:.3g}" for layer, length in audit.lengths.items())
                yield f"{where}{network}: length of the change in one training step: {told}"
