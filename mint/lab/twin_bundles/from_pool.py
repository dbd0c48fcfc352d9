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
from mint.evidence.verdict import Range
from mint.lab.controls.names import OTHER_TWIN, PIXELS, SHUFFLED, SHUFFLED_PEOPLE, SWAPPED, UNTRAINED
from mint.lab.controls.shuffled import shuffle_people, shuffle_pictures
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.controls.untrained import untrained_copy
from mint.lab.evaluation.gate import open_gates
from mint.lab.store.extractor import SETTLE
from mint.lab.training.calibration import combined, measured
from mint.lab.training.fit import Pictures, Samples, train_panel
from mint.lab.training.pixel_baseline import COLUMN, blind_scores
from mint.lab.training.scoring import FUSED, RECALL, Tables, fuse, refit
from mint.lab.twin_bundles.cross_database import cross_database
from mint.lab.twin_bundles.pictures import MAX_CONTROLLED, fitting_samples, pool_pictures
from mint.lab.twin_bundles.scores import other_scores, strongest, swapped_scores, twin_scores
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.networks.architectures import load_network
from mint.storage.files import work_folder
from mint.vision.detectors import STILL, Finder

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
    finder: Finder = STILL
    seed: int = 1


def make_bundle(
    name: str,
    material: Material,
    facts: Mapping[str, Any],
    wanted: Sequence[str] = (),
    old: Bundle | None = None,
    report: Report = print,
    work: Path | None = None,
) -> Bundle:
    """Make a bundle for a network of the ledger, such as ``twin-a``.

    Args:
        name: of the twin; its members are looked up in the ledger under it.
        material: see ``Material``.
        facts: stored beside the results.
        wanted: kinds of auditors to train; all if empty. The others come from ``old``.
        old: an earlier bundle of the same network and pool. If no auditor is trained anew (``wanted`` is
            ``none``), its scores are kept too, and only fusion, calibration and controls are made again.
        report: told a line now and then.
        work: keeps the stores, so that a run that was cut off goes on; a temporary folder if None.
    """
    with work_folder(work, name) as folder:
        return _made(name, material, facts, wanted, old, report, folder)


def _made(
    name: str,
    material: Material,
    facts: Mapping[str, Any],
    wanted: Sequence[str],
    old: Bundle | None,
    report: Report,
    work: Path,
) -> Bundle:
    pool, seed = material.pool, material.seed
    network = load_network(material.network_file, material.shape, name)
    network.finder = material.finder
    every = [spec for spec in specs(network) if spec.column != RECALL]
    fresh = [s for s in every if not wanted or s.kind in wanted or s.auditor in wanted or old is None]
    samples = fitting_samples(pool, name, seed)
    panel = train_panel(network, fresh, samples, seed, report=report)
    kept = {} if old is None else {s.column: old.panel.auditors[s.column] for s in every if s not in fresh}
    panel = Panel({s.column: panel.auditors.get(s.column) or kept[s.column] for s in every})
    fused = panel.only(FUSED)
    fusions = fuse(fused.scores(network, samples["validation"].crops), samples["validation"])
    other = load_network(material.other_file, material.shape, OTHER_TWIN)
    if fresh or old is None:
        scored = twin_scores(network, panel, fusions, pool, material.real, name, seed, report, work)
    else:
        scored = {purpose: old.scores[purpose] for purpose in ("calibration", "test")}
    fusions, scores = combined(fusions, scored)
    test = pool_pictures(pool, name, "test", seed, MAX_CONTROLLED)
    few = fitting_samples(pool, name, seed, MAX_CONTROLLED)
    report("control: the other twin")
    scores[OTHER_TWIN] = other_scores(other, strongest(panel), fusions, pool, name, seed, work)
    scores[SWAPPED] = swapped_scores(network, other, panel, fusions, pool, name, seed, work)
    scores |= controls(network, material, name, few, test, report)
    for epoch, path in sorted(material.checkpoints.items()):
        report(f"checkpoint of epoch {epoch}")
        young = load_network(path, material.shape, name)
        scores[f"epoch-{epoch:03d}"] = refit(young, few, test, seed)
    bundle = Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(every),
        fusions=fusions,
        platt={},
        ranges=Range({}),
        scores=scores,
        gates=open_gates(scores),
        facts=facts,
    )
    return measured(bundle, report)


def controls(
    network: Any,
    material: Material,
    name: str,
    samples: Mapping[str, Samples],
    test: Mapping[str, Pictures],
    report: Report,
) -> dict[str, Tables]:
    """Run every control with a network or labels of its own through the same pipeline, on ``MAX_CONTROLLED`` of a kind."""
    pool, seed = material.pool, material.seed
    found: dict[str, Tables] = {}
    blank = samples["training"].crops[~samples["training"].member][:SETTLE]
    blind = {
        PIXELS: PixelNetwork(int(material.shape["input_size"])),
        UNTRAINED: untrained_copy(network, blank, seed),
    }
    for control, stand_in in blind.items():
        report(f"control: {control}")
        found[control] = refit(stand_in, samples, test, seed, published=True)
    statistics = blind_scores(dict(samples), {source: pictures.crops for source, pictures in test.items()})
    for source, table in found[PIXELS].items():
        table[COLUMN] = statistics[source]
    for control, shuffle in ((SHUFFLED, shuffle_pictures), (SHUFFLED_PEOPLE, shuffle_people)):
        report(f"control: {control}")
        null = Pool(tuple(shuffle(pool.rows, seed)), pool.crops)
        found[control] = refit(
            network,
            fitting_samples(null, name, seed, MAX_CONTROLLED),
            pool_pictures(null, name, "test", seed, MAX_CONTROLLED),
            seed,
        )
    for control, (path, recipe) in material.trained_controls.items():
        report(f"control: {control}")
        changed = Pool(recipe.rows(pool.rows), pool.crops)
        stand_in = load_network(path, recipe.architecture(), control)
        fitting = fitting_samples(changed, name, seed, MAX_CONTROLLED)
        pictures = pool_pictures(changed, name, "test", seed, MAX_CONTROLLED)
        found[control] = refit(stand_in, fitting, pictures, seed, published=True)
    report("protocol: cross-database")
    return found | cross_database(network, blind, pool, material.real, name, seed)
