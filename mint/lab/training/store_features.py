"""Features read from a store instead of a network: auditors fit and score without it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
from mint.evidence.score_table import TRAINING, VALIDATION, Columns, Tables
from mint.lab.inputs.splits import Indices
from mint.lab.store.reader import NETWORK, Store
from mint.lab.training.fit import Labelled, Schedule, fit_panel, untrained_auditors
from mint.lab.training.joined_store import JoinedStore
from mint.lab.training.scoring import FUSED, fuse, fused
from mint.lab.training.store_splits import StoreSplits
from mint.networks.base import FeatureShapes

ROWS_PER_READ = 256
NO_OTHERS = "none"  # in place of a name: none but those that are fitted in any case


@dataclass(frozen=True, slots=True, eq=False)
class StoreFeatures:
    """The features of a store's photos under its network or under a control.

    Attributes:
        store: that holds it.
        part: ``network`` or a control.
        head: (C, E) unit class centres, or None.
        numbers: (N,) sorted, by which its rows are asked for, such as those of the ledger; row numbers themselves if None.
    """

    store: Store | JoinedStore
    part: str = NETWORK
    head: Tensor | None = None
    numbers: Indices | None = None

    def places(self, rows: Indices) -> Indices:
        """Return where in the store rows lie.

        Raises:
            KeyError: it does not hold them.
        """
        if self.numbers is None:
            return rows
        found: Indices = np.searchsorted(self.numbers, rows).clip(max=len(self.numbers) - 1)
        if (self.numbers[found] != rows).any():
            raise KeyError(
                f"The store in {self.store.folder.place} does not hold all of the photos that are asked for."
            )
        return found

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

    def wanted(self, kinds: Sequence[str], always: Collection[str]) -> list[Spec]:
        """Return those of ``specs`` that are named, by kind, name or column, and those that are fitted in any case.

        Args:
            kinds: names; all if empty.
            always: columns.

        Raises:
            BadInput: there is no such auditor, or what it reads was not kept.
        """
        there = self.specs()
        possible = {name for spec in specs(self.shapes) for name in names_of(spec)}
        unkept = possible - {name for spec in there for name in names_of(spec)}
        if lacking := sorted({*kinds} & unkept):
            raise BadInput(
                f"The store in {self.store.folder.place} does not keep what {', '.join(lacking)} would read. "
                "Extract again, with --maps for auditors of whole maps and without --no-recall for recall."
            )
        check_named(kinds, there)
        return [spec for spec in there if not kinds or {*names_of(spec)} & {*kinds, *always}]

    @property
    def lacks_recall(self) -> bool:
        """Whether the network has a head, and the store was made without the search for the best cut."""
        return self.head is not None and RECALLED not in self.store.shapes(self.part)

    def tensors(self, names: Sequence[str], rows: Indices) -> dict[str, Tensor]:
        """Read features of some photos; whole maps in float16."""
        found = self.store.read(sorted(names), self.part, self.places(rows))
        return {name: torch.from_numpy(values) for name, values in found.items()}

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
        splits: StoreSplits,
        seed: int,
        schedule: Schedule | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> Panel:
        """Train auditors on the training photos; the validation photos say when to stop."""
        fresh = untrained_auditors(self.shapes, wanted, seed)
        if len(splits.reference):
            embeddings = self.tensors([EMBEDDING], splits.reference)[EMBEDDING]
            for auditor in fresh.values():
                auditor.prepare(embeddings)
        return fit_panel(
            fresh, lambda auditor, split: self._labelled(auditor, splits, split, seed), seed, schedule, report
        )

    def fuse(self, panel: Panel, splits: StoreSplits) -> dict[str, Fusion]:
        """Weigh the strongest auditors on the validation photos, for each question."""
        index, member, known = splits.samples(VALIDATION)
        return fuse(self.scores(panel.only(FUSED & panel.auditors.keys()), index), member, known)

    def tables(self, panel: Panel, fusions: Mapping[str, Fusion], splits: StoreSplits, split: str) -> Tables:
        """Return the score tables of a split by source, with fused columns and what is known of each photo."""
        found: dict[str, Columns] = {}
        for source, index in splits.rows[split].items():
            if len(index):
                places = self.places(index)
                qualities = {name: values[places] for name, values in self.store.rows.qualities.items()}
                about = {name: values[index] for name, values in splits.about.items() if index.max() < len(values)}
                found[source] = {**fused(self.scores(panel, index), fusions), **qualities, **about}
        return found

    @torch.inference_mode()
    def _labelled(self, auditor: Auditor, splits: StoreSplits, split: str, seed: int) -> Labelled:
        index, member, _ = splits.samples(split)
        most = splits.whole_maps
        if most is not None and len(index) > most and any(name.startswith(MAPS) for name in auditor.fitted_on):
            kept = np.sort(np.random.default_rng([seed, 5]).permutation(len(index))[:most])
            index, member = index[kept], member[kept]
        if split == TRAINING and splits.mirrored and auditor.mirrored:
            index, member = np.concatenate([index, ~index]), np.tile(member, 2)
        return auditor.inputs(self.tensors(list(auditor.fitted_on), index), self.head), member


def names_of(spec: Spec) -> tuple[str, str, str]:
    """Return what a user may call an auditor."""
    return spec.kind, spec.auditor, spec.column


def check_named(named: Sequence[str], there: Sequence[Spec]) -> None:
    """Refuse names of auditors that there are not. ``NO_OTHERS`` names none.

    Raises:
        BadInput: with the names that there are.
    """
    if strange := sorted({*named} - {name for spec in there for name in names_of(spec)} - {NO_OTHERS}):
        auditors = list(dict.fromkeys(spec.auditor for spec in there))
        raise BadInput(
            f"There is no auditor {', '.join(strange)}. There are {', '.join(auditors)}; one of a single layer is called as "
            f"{there[-1].column} is."
        )
