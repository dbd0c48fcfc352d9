"""Make a bundle from a pool and a twin: train, fuse, calibrate, score, run the controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mint.auditors.kinds import specs
from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.evidence.score_table import TEST, TRAINING, VALIDATION, ScoreTable, Tables
from mint.evidence.verdict import Range
from mint.lab.controls.names import OTHER_TWIN, PIXELS, SHUFFLED, SHUFFLED_PEOPLE, SWAPPED, UNTRAINED
from mint.lab.controls.shuffled import shuffle_people, shuffle_pictures
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.controls.untrained import untrained_copy
from mint.lab.evaluation.gate import open_gates
from mint.lab.store.extractor import SETTLE
from mint.lab.training.calibration import combined, measured
from mint.lab.training.control_scores import control_scores, control_specs
from mint.lab.training.scoring import RECALL, drop_columns
from mint.lab.training.store_features import StoreFeatures, check_named, names_of
from mint.lab.training.store_splits import FITTED, SCORED, StoreSplits
from mint.lab.twin_bundles.cross_database import cross_database, cross_splits
from mint.lab.twin_bundles.gallery import OTHER, OWN, Gallery, fitted_in, numbers_in, untrained_panel
from mint.lab.twin_bundles.ledger_splits import MAX_CONTROLLED, ledger_splits
from mint.lab.twin_bundles.nearest_class import uncalibrated_classes, with_nearest
from mint.lab.twin_bundles.scores import online, strongest, swapped_scores, with_swapped
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.networks.architectures import load_network
from mint.networks.base import AuditedNetwork
from mint.vision.detectors import CURRENT, Finder

SHUFFLES = {SHUFFLED: shuffle_pictures, SHUFFLED_PEOPLE: shuffle_people}
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The inputs of a bundle.

    Attributes:
        pool: crops and ledger.
        real: (N, 112, 112, 3) uint8 crops of real faces, and the person of each.
        network_file, other_file: weights of the twin and of its counterpart.
        shape: architecture of both.
        checkpoints: epoch to weights on the way.
        trained_controls: control to the weights and the recipe of the network trained for it.
        finder: as the pool's crops were cut, and those of the real faces.
        seed: of auditors, subsets and controls.
    """

    pool: Pool
    real: tuple[np.ndarray, list[str]]
    network_file: Path
    other_file: Path
    shape: Mapping[str, Any]
    checkpoints: Mapping[int, Path]
    trained_controls: Mapping[str, tuple[Path, TwinRecipe]]
    finder: Finder = CURRENT
    seed: int = 1


def make_bundle(
    name: str,
    material: Material,
    facts: Mapping[str, Any],
    work: Path,
    wanted: Sequence[str] = (),
    old: Bundle | None = None,
    report: Report = print,
    beside: Path | None = None,
) -> Bundle:
    """Make a bundle for a network of the ledger, such as ``twin-a``.

    Args:
        name: of the twin; its members are looked up in the ledger under it.
        material: see ``Material``.
        facts: stored beside the results.
        work: gets the stores; a run that was cut off goes on there.
        wanted: kinds of auditors to train; all if empty. The others come from ``old``.
        old: an earlier bundle of the same network and pool. If no auditor is trained anew (``wanted`` is
            ``none``), its scores are kept too, and only fusion, calibration and controls are made again.
        report: told a line now and then.
        beside: the same of the counterpart's bundle, where it is kept: what one run shows a network, the other need not.
    """
    rows, people, seed = material.pool.rows, material.real[1], material.seed
    gallery = Gallery(material.pool, material.real)
    network = load_network(material.network_file, material.shape, name)
    network.finder = material.finder
    other = load_network(material.other_file, material.shape, OTHER_TWIN)
    other.finder = material.finder
    every = [spec for spec in specs(network) if spec.column != RECALL]
    check_named(wanted, every)
    fresh = [s for s in every if not wanted or {*names_of(s)} & {*wanted} or old is None]
    splits = with_swapped(ledger_splits(rows, name, seed, real=people), rows, name)
    nulls = {control: few(shuffle(rows, seed), name, seed) for control, shuffle in SHUFFLES.items()}
    cross = cross_splits(rows, people, name, seed)

    reads = untrained_panel(network, every)
    needed = numbers_in(
        reads, splits if fresh or old is None else splits.only(VALIDATION, SWAPPED), *nulls.values(), cross
    )
    report(f"extracting {len(needed)} pictures")
    known = [] if beside is None else [beside / OTHER]
    own = gallery.show(network, reads, needed, work / OWN, known, fitted_in(reads, splits, *nulls.values(), cross))
    trained = own.fit(fresh, splits, seed, report=report).auditors if fresh else {}
    panel = Panel(
        {s.column: trained[s.column] if old is None or s in fresh else old.panel.auditors[s.column] for s in every}
    )
    fusions = own.fuse(panel, splits)
    if fresh or old is None:
        report("scoring calibration and test")
        scored: dict[str, Tables] = {
            split: with_nearest(own.tables(panel, fusions, splits, split), own, splits, split) for split in SCORED
        }
    else:
        scored = {split: old.scores[split] for split in SCORED}
    fusions, scores = combined(fusions, scored)

    report("control: the other twin")
    asked = panel.only({*strongest(panel).auditors, *online(network, panel).auditors})
    both = splits.only(TEST, SWAPPED)
    known = [] if beside is None else [beside / OWN]
    theirs = gallery.show(other, asked, numbers_in(asked, both), work / OTHER, known)
    scores[OTHER_TWIN] = drop_columns(theirs.tables(strongest(panel), fusions, both, TEST))
    scores[SWAPPED] = swapped_scores(own, theirs, online(network, panel), fusions, both)
    for control, null in nulls.items():
        report(f"control: {control}")
        scores[control] = control_scores(own, null, seed, published=False)[TEST]
    scores |= controls(gallery, network, own, material, name, cross, report, work)
    for epoch, path in sorted(material.checkpoints.items()):
        report(f"checkpoint of epoch {epoch}")
        young = load_network(path, material.shape, name)
        scores[f"epoch-{epoch:03d}"] = refit(
            gallery, young, few(rows, name, seed), seed, work / f"epoch-{epoch:03d}", False
        )
    bundle = Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(every),
        fusions=fusions,
        platt={},
        ranges=Range({}),
        scores=ScoreTable(scores),
        gates=open_gates(scores),
        facts=facts,
        uncalibrated_classes=uncalibrated_classes(rows, name),
    )
    return measured(bundle, report)


def controls(
    gallery: Gallery,
    network: AuditedNetwork,
    own: StoreFeatures,
    material: Material,
    name: str,
    cross: StoreSplits,
    report: Report,
    work: Path,
) -> dict[str, Tables]:
    """Run every control with a network of its own through the same pipeline, and the papers' protocol beside them."""
    rows, seed = material.pool.rows, material.seed
    splits = few(rows, name, seed)
    index, member, _ = splits.samples(TRAINING)
    blind = {
        PIXELS: PixelNetwork(int(material.shape["input_size"])),
        UNTRAINED: untrained_copy(network, gallery.crops(index[~member][:SETTLE]), seed),
    }
    found: dict[str, Tables] = {}
    shown: dict[str, StoreFeatures] = {}
    for control, stand_in in blind.items():
        report(f"control: {control}")
        reads = untrained_panel(stand_in, control_specs(specs(stand_in)))
        numbers = numbers_in(reads, splits, cross.only(*FITTED, TEST))
        shown[control] = gallery.show(stand_in, reads, numbers, work / control, fitted=fitted_in(reads, splits, cross))
        found[control] = control_scores(shown[control], splits, seed)[TEST]
    for control, (path, recipe) in material.trained_controls.items():
        report(f"control: {control}")
        stand_in = load_network(path, recipe.architecture(), control)
        found[control] = refit(gallery, stand_in, few(recipe.rows(rows), name, seed), seed, work / control)
    report("protocol: cross-database")
    return found | cross_database(own, shown, cross, seed)


def refit(
    gallery: Gallery, network: AuditedNetwork, splits: StoreSplits, seed: int, folder: Path, published: bool = True
) -> Tables:
    """Run the whole pipeline for a network in the twin's place: show, train, fuse, score the test people."""
    reads = untrained_panel(network, control_specs(specs(network), published))
    shown = gallery.show(network, reads, numbers_in(reads, splits), folder, fitted=fitted_in(reads, splits))
    return control_scores(shown, splits, seed, published)[TEST]


def few(rows: Sequence[Row], name: str, seed: int) -> StoreSplits:
    """Return who controls are fitted to and tested on: ``MAX_CONTROLLED`` pictures of a kind."""
    return ledger_splits(rows, name, seed, MAX_CONTROLLED, MAX_CONTROLLED).only(*FITTED, TEST)
