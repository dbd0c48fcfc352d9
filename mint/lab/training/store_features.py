"""Features read from a store instead of a network: auditors fit and score without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mint.auditors import Spec
from mint.auditors.base import Auditor
from mint.auditors.features import EMBEDDING, MAPS, MAXIMA, RECALLED
from mint.auditors.kinds import build, specs
from mint.auditors.panel import Panel
from mint.errors import BadInput
from mint.evidence.fusion import Fusion
from mint.lab.inputs.splits import Indices
from mint.lab.store.reader import NETWORK, Store
from mint.lab.training.fit import Labelled, Samples, Schedule, fit_panel, untrained_auditors
from mint.lab.training.scoring import FUSED, Tables, fuse, fused
from mint.lab.training.store_splits import StoreSplits
from mint.networks.base import FeatureShapes

ROWS_PER_READ = 256
WHOLE_MAPS = 2_000  # samples that auditors of whole maps are fitted to: maps are large


@dataclass(frozen=True, slots=True, eq=False)
class StoreFeatures:
    """The features of a store's photos under its network or under a control.

    Attributes:
        store: that holds it.
        part: ``network`` or a control.
        head: (C, E) unit class centres, or None.
    """

    store: Store
    part: str = NETWORK
    head: Tensor | None = None

    @property
    def shapes(self) -> FeatureShapes:
        """The shapes of the features; maps that were not kept count as one cell."""
        shapes = self.store.shapes(self.part)
        stored = [name.removeprefix(MAXIMA) for name in shapes if name.startswith(MAXIMA)]
        order = [tap["name"] for tap in self.store.manifest["made_of"]["taps"]]
        taps = [name for name in order if name in stored] or stored  # pixels have a tap of their own
        sizes = {tap: (shapes[MAXIMA + tap][0], shapes.get(MAPS + tap, (0, 0, 1))[2]) for tap in taps}
        return FeatureShapes(tuple(taps), {**sizes, EMBEDDING: (shapes[EMBEDDING][0], 1)}, self.head is not None)

    def specs(self) -> list[Spec]:
        """Return every auditor that can be trained on what was kept.

        Raises:
            BadInput: the store was made without the altered views.
        """
        shapes, there = self.shapes, set(self.store.shapes(self.part))
        found = [spec for spec in specs(shapes) if build(spec, shapes).needs <= there]
        if FUSED[0] not in {spec.column for spec in found}:
            raise BadInput(
                f"The store in {self.store.folder.place} was made with --no-views. The answers rest on how steady a "
                "network is under altered views: extract again, with them."
            )
        return found

    @property
    def lacks_recall(self) -> bool:
        """Whether the network has a head, and the store was made without the search for the best cut."""
        return self.head is not None and RECALLED not in self.store.shapes(self.part)

    def tensors(self, names: Sequence[str], rows: Indices) -> dict[str, Tensor]:
        """Read features of some photos; whole maps in float16."""
        return {name: torch.from_numpy(v) for name, v in self.store.read(sorted(names), self.part, rows).items()}

    def scores(self, panel: Panel, rows: Indices) -> dict[str, np.ndarray]:
        """Score some photos: column name to (N,) float32.

        Raises:
            BadInput: the store does not keep what an auditor reads.
        """
        if lacking := sorted(panel.needs - self.store.shapes(self.part).keys()):
            raise BadInput(
                f"The store in {self.store.folder.place} does not keep {', '.join(lacking)}, which the auditors read. "
                "Extract again as for the store that they were trained on."
            )
        parts = [
            panel.score(self.tensors(list(panel.needs), rows[i : i + ROWS_PER_READ]), self.head)
            for i in range(0, len(rows), ROWS_PER_READ)
        ]
        return {name: np.concatenate([p[name] for p in parts] or [np.zeros(0, np.float32)]) for name in panel.auditors}

    def fit(
        self,
        wanted: Sequence[Spec],
        deal: StoreSplits,
        seed: int,
        schedule: Schedule | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> tuple[Panel, dict[str, Fusion]]:
        """Train auditors on the training photos, and fusions on the validation photos."""
        panel = self.fit_panel(wanted, deal, seed, schedule, report)
        index, member, known = deal.samples("validation")
        strongest = panel.only(FUSED & panel.auditors.keys())
        return panel, fuse(self.scores(strongest, index), Samples(np.zeros(0), member, known))

    def fit_panel(
        self,
        wanted: Sequence[Spec],
        deal: StoreSplits,
        seed: int,
        schedule: Schedule | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> Panel:
        """Train auditors on the training photos."""
        fresh = untrained_auditors(self.shapes, wanted, seed)
        if len(deal.reference):
            embeddings = self.tensors([EMBEDDING], deal.reference)[EMBEDDING]
            for auditor in fresh.values():
                auditor.prepare(embeddings)
        training = {column: self._labelled(auditor, deal, "training", seed) for column, auditor in fresh.items()}
        validation = {column: self._labelled(auditor, deal, "validation", seed) for column, auditor in fresh.items()}
        return fit_panel(fresh, training, validation, seed, schedule, report)

    def tables(
        self, panel: Panel, fusions: Mapping[str, Fusion], rows: Mapping[str, Indices], identity: np.ndarray
    ) -> Tables:
        """Return score tables by source, with fused columns and each photo's person."""
        found: Tables = {}
        for source, index in rows.items():
            if len(index):
                about = {name: values[index] for name, values in self.store.rows.qualities.items()}
                scores = fused(self.scores(panel, index), fusions)
                found[source] = {**scores, **about, "identity": identity[index]}
        return found

    @torch.inference_mode()
    def _labelled(self, auditor: Auditor, deal: StoreSplits, split: str, seed: int) -> Labelled:
        index, member, _ = deal.samples(split)
        if any(name.startswith(MAPS) for name in auditor.fitted_on) and len(index) > WHOLE_MAPS:
            kept = np.sort(np.random.default_rng([seed, 5]).permutation(len(index))[:WHOLE_MAPS])
            index, member = index[kept], member[kept]
        return auditor.inputs(self.tensors(list(auditor.fitted_on), index), self.head), member
