"""Run a control: the identical pipeline, of a network or of labels that cannot know membership."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mint.auditors import PAPER_PRESET, Spec
from mint.evidence.score_table import TEST, Tables
from mint.lab.inputs.splits import Indices
from mint.lab.store.extractor import STATISTICS
from mint.lab.training.pixel_baseline import COLUMN, blind_scores
from mint.lab.training.scoring import FUSED, drop_columns
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import FITTED, StoreSplits


def control_scores(
    shown: StoreFeatures,
    splits: StoreSplits,
    seed: int,
    published: bool = True,
    layers: bool = False,
    scored: Sequence[str] = (TEST,),
) -> dict[str, Tables]:
    """Train, fuse and score as for the network under audit.

    Args:
        shown: by a control, a checkpoint, or the network itself under other labels.
        splits: who it is fitted to and scored on.
        seed: of the auditors.
        published: train the paper's auditors on all layers at once as well as those that get fused.
        layers: and its channel maxima on each layer.
        scored: which splits.

    Returns:
        Split to tables. Where the store keeps what the pixels alone tell, these have a column ``COLUMN`` too.
    """
    panel = shown.fit(control_specs(shown.specs(), published, layers), splits, seed)
    fusions = shown.fuse(panel, splits)
    found = {split: drop_columns(shown.tables(panel, fusions, splits, split)) for split in scored}
    if STATISTICS not in shown.store.shapes(shown.part):
        return found
    blind = {split: _blind(shown, splits, split, list(tables)) for split, tables in found.items()}
    return {
        split: {source: {**columns, COLUMN: blind[split][source]} for source, columns in tables.items()}
        for split, tables in found.items()
    }


def control_specs(every: Sequence[Spec], published: bool = True, layers: bool = False) -> list[Spec]:
    """Return which of the auditors that can be trained a control is run with; see ``control_scores``."""

    def wanted(spec: Spec) -> bool:
        paper = published and spec.preset == PAPER_PRESET
        return spec.column in FUSED or (paper and (spec.layer == "all" or (layers and spec.kind == "vanilla")))

    return [spec for spec in every if wanted(spec)]


def _blind(shown: StoreFeatures, splits: StoreSplits, split: str, sources: Sequence[str]) -> dict[str, np.ndarray]:
    def read(rows: Indices) -> np.ndarray:
        return shown.tensors([STATISTICS], rows)[STATISTICS].double().numpy()

    samples = {name: splits.samples(name) for name in FITTED}
    return blind_scores(
        {name: read(index) for name, (index, _, _) in samples.items()},
        {name: member for name, (_, member, _) in samples.items()},
        {source: read(splits.rows[split][source]) for source in sources},
    )
