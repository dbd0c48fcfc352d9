"""Rescore a twin's pictures and calibrate on them; its auditors and controls stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mint.auditors import Spec
from mint.auditors.kinds.prototype import Prototype
from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.bundles.files import NETWORK, add_bounds, load_bundle, save_bundle
from mint.bundles.graph_export import add_graph, fits_a_graph
from mint.errors import BadInput, BadPool
from mint.evidence.score_table import EXPOSURE, IDENTITY, NEAREST, TEST, ScoreTable, Tables
from mint.lab.controls.names import OTHER_TWIN, SWAPPED
from mint.lab.evaluation.gate import open_gates
from mint.lab.training.calibration import combined, measured
from mint.lab.training.scoring import drop_columns, fuse_again
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import SCORED, StoreSplits
from mint.lab.twin_bundles.gallery import Gallery, numbers_in
from mint.lab.twin_bundles.ledger_splits import ledger_splits
from mint.lab.twin_bundles.nearest_class import uncalibrated_classes, with_nearest
from mint.lab.twin_bundles.scores import online, strongest, swapped_scores, with_swapped
from mint.lab.twins.ledger import counterpart
from mint.lab.twins.pool import Pool, load_pool
from mint.networks.base import AuditedNetwork
from mint.storage.bundle_index import INDEX, read_index
from mint.storage.files import sha256_of, work_folder
from mint.vision.faces import FLATNESS

Report = Callable[[str], None]
EMBEDDING_ALONE = Spec(Prototype.kind, Prototype.layer).column  # an auditor that reads nothing else
# Columns that no network changes.
OF_PICTURE = (IDENTITY, EXPOSURE, "sharpness", "brightness", "contrast", FLATNESS)


def rescore_bundle(
    folder: Path,
    pool_dir: Path,
    real: tuple[np.ndarray, list[str]],
    report: Report = lambda _: None,
    wanted: Sequence[str] = (),
    work: Path | None = None,
) -> Bundle:
    """Rescore calibration and test pictures, calibrate, evaluate, and write the bundle.

    What a change of how faces are shown to the networks takes. Auditors, people and the controls stay.

    Args:
        folder: of a twin's bundle, the other twin's beside it.
        pool_dir: that the bundle was made from.
        real: (N, 112, 112, 3) uint8 crops of the real faces that it was made from, and the person of each.
        report: told a line now and then.
        wanted: columns of the auditors whose scores a change touches; of the others the scores stay. All if empty; with
            ``NEAREST`` alone, only the nearest class centres are found.
        work: keeps the stores, so that a run that was cut off goes on; a temporary folder if None.

    Raises:
        BadInput: there is no such auditor.
        BadPool: the pool is another one, or the real faces are.
    """
    bundle = load_bundle(folder)
    if sha256_of(pool_dir / "ledger.csv") != bundle.facts["pool"]["ledger sha256"]:
        raise BadPool(f"The pool in {pool_dir} is not the one that {bundle.name} was made with: its ledger differs.")
    other = load_bundle(folder.parent / counterpart(bundle.name))
    with work_folder(work, bundle.name) as stores:
        made = rescored(bundle, other, load_pool(pool_dir), real, report, stores, wanted)
    save_bundle(made, folder, folder / NETWORK, read_index(folder / INDEX, bundle.name).network.shape)
    if fits_a_graph(made):
        add_graph(folder)
    add_bounds(folder)
    return made


def rescored(
    bundle: Bundle,
    other: Bundle,
    pool: Pool,
    real: tuple[np.ndarray, list[str]],
    report: Report,
    work: Path,
    wanted: Sequence[str] = (),
) -> Bundle:
    """Return the bundle with new scores and everything that depends on them."""
    panel, seed = bundle.panel, int(bundle.facts["seed"])
    if [*wanted] == [NEAREST]:
        return measured(_with_classes(bundle, pool, real, work), report)
    if strange := sorted({*wanted} - {*panel.auditors}):
        raise BadInput(
            f"{bundle.name} has no auditor {', '.join(strange)}. It has {', '.join(sorted(panel.auditors))}."
        )

    def asked(every: Panel) -> Panel:
        return every.only(every.auditors.keys() & wanted) if wanted else every

    def merged(old: Tables, new: Tables) -> Tables:
        return _merged(old, new) if wanted else new

    gallery = Gallery(pool, real)
    splits = with_swapped(ledger_splits(pool.rows, bundle.name, seed, real=real[1]), pool.rows, bundle.name)
    splits = splits.only(*SCORED, SWAPPED)
    visible = online(bundle.network, panel)

    def show(network: AuditedNetwork, scoring: Panel, scored: StoreSplits, folder: str) -> StoreFeatures:
        reads = panel.only({*scoring.auditors, *visible.auditors})
        return gallery.show(network, reads, numbers_in(reads, scored), work / folder)

    report("scoring calibration and test")
    own = show(bundle.network, asked(panel), splits, "own")
    scored = {
        split: merged(
            bundle.scores.get(split, {}), with_nearest(own.tables(asked(panel), {}, splits, split), own, splits, split)
        )  # fused below
        for split in SCORED
    }
    fusions, again = combined(bundle.fusions, scored)
    report("control: the other twin")
    theirs = show(other.network, asked(strongest(panel)), splits.only(TEST, SWAPPED), "other")
    control = drop_columns(theirs.tables(asked(strongest(panel)), {}, splits, TEST))
    scores = {
        **bundle.scores,
        **again,
        OTHER_TWIN: drop_columns(fuse_again(merged(bundle.scores.get(OTHER_TWIN, {}), control), fusions)),
        SWAPPED: swapped_scores(own, theirs, visible, fusions, splits),
    }
    made = replace(
        bundle,
        panel=panel,
        fusions=fusions,
        scores=ScoreTable(scores),
        gates=open_gates(scores),
        uncalibrated_classes=uncalibrated_classes(pool.rows, bundle.name),
    )
    return measured(made, report)


def _with_classes(bundle: Bundle, pool: Pool, real: tuple[np.ndarray, list[str]], work: Path) -> Bundle:
    """Return the bundle with the nearest class centre of every scored picture; no score changes."""
    gallery = Gallery(pool, real)
    splits = ledger_splits(pool.rows, bundle.name, int(bundle.facts["seed"]), real=real[1]).only(*SCORED)
    reads = bundle.panel.only([EMBEDDING_ALONE])
    own = gallery.show(bundle.network, reads, numbers_in(reads, splits), work / "own")
    scores = dict(bundle.scores)
    for split in SCORED:
        old, new = bundle.scores[split], with_nearest(own.tables(reads, {}, splits, split), own, splits, split)
        _merged(old, new)  # are they the same pictures?
        scores[split] = {source: {**old[source], NEAREST: columns[NEAREST]} for source, columns in new.items()}
    return replace(bundle, scores=ScoreTable(scores), uncalibrated_classes=uncalibrated_classes(pool.rows, bundle.name))


def _merged(old: Tables, new: Tables) -> Tables:
    """Replace columns of the same pictures by new ones.

    Raises:
        BadPool: they are not the same pictures.
    """
    if old.keys() != new.keys():
        raise BadPool(f"The bundle was scored on {', '.join(old)}, not on {', '.join(new)}. Score all auditors again.")
    for source, columns in new.items():
        for about in (c for c in OF_PICTURE if c in columns and c in old[source]):
            then, now = old[source][about], columns[about]
            if then.shape != now.shape or not np.allclose(then, now, rtol=1e-3):
                raise BadPool(
                    f"The {source} are not the pictures that the bundle was scored on: their {about} differs."
                )
    return {source: {**old[source], **columns} for source, columns in new.items()}
