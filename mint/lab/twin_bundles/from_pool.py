"""Make a bundle from a pool and a twin: train, fuse, calibrate, score, run the controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.auditors import specs
from mint.auditors.panel import Panel
from mint.bundles.bundle import PERSON, PHOTO, Bundle, Columns
from mint.evidence.fusion import Fusion
from mint.lab.controls.names import OTHER_TWIN, PIXELS, SHUFFLED, SHUFFLED_PEOPLE, SWAPPED, UNTRAINED
from mint.lab.controls.shuffled import shuffle_people, shuffle_pictures
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.controls.untrained import untrained_network
from mint.lab.evaluation.evaluate import evaluate_all
from mint.lab.evaluation.gate import open_gates
from mint.lab.training.fit import Pictures, Samples, train_panel
from mint.lab.training.pixel_baseline import COLUMN, blind_scores
from mint.lab.training.scoring import (
    FUSED,
    RECALL,
    Tables,
    drop_columns,
    fuse,
    fuse_again,
    max_of_two,
    platt,
    ranges,
    refit,
    score,
)
from mint.lab.twin_bundles.cross_database import cross_database
from mint.lab.twin_bundles.pictures import counterparts, fitting_samples, pool_pictures, real_pictures
from mint.lab.twins.pool import Pool
from mint.lab.twins.training import NETWORKS, TwinRecipe
from mint.networks.architectures import load_network
from mint.networks.base import AuditedNetwork

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
        seed: of auditors, subsets and controls.
    """

    pool: Pool
    real: tuple[np.ndarray, list[str]]
    network_file: Path
    other_file: Path
    shape: Mapping[str, Any]
    checkpoints: Mapping[int, Path]
    trained_controls: Mapping[str, tuple[Path, TwinRecipe]]
    seed: int = 1


def make_bundle(
    name: str,
    material: Material,
    facts: Mapping[str, Any],
    wanted: Sequence[str] = (),
    old: Bundle | None = None,
    report: Report = print,
) -> Bundle:
    """Make a bundle for ``twin-a`` or ``twin-b``.

    Args:
        name: of the twin; its members are looked up in the ledger under it.
        material: see ``Material``.
        facts: stored beside the results.
        wanted: kinds of auditors to train; all if empty. The others come from ``old``.
        old: an earlier bundle of the same network and pool. If no auditor is trained anew (``wanted`` is
            ``none``), its scores are kept too, and only fusion, calibration and controls are made again.
        report: told a line now and then.
    """
    pool, seed = material.pool, material.seed
    network = load_network(material.network_file, material.shape, name)
    every = specs(network)
    fresh = [s for s in every if not wanted or s.kind in wanted or s.auditor in wanted or old is None]
    samples = fitting_samples(pool, name, seed)
    panel = train_panel(network, fresh, samples, seed, report=report)
    kept = {} if old is None else {s.column: old.panel.auditors[s.column] for s in every if s not in fresh}
    panel = Panel({s.column: panel.auditors.get(s.column) or kept[s.column] for s in every})
    fused = panel.only(FUSED)
    fusions = fuse(fused.scores(network, samples["validation"].crops), samples["validation"])
    other = load_network(material.other_file, material.shape, OTHER_TWIN)
    if fresh or old is None:
        scored = twin_scores(network, panel, fusions, pool, material.real, name, seed, report)
    else:
        scored = {purpose: old.scores[purpose] for purpose in ("calibration", "test")}
    fusions[PHOTO] = max_of_two(fusions[PHOTO], scored["calibration"]["siblings"])
    scores = {purpose: fuse_again(tables, fusions) for purpose, tables in scored.items()}
    test = pool_pictures(pool, name, "test", seed)
    report("control: the other twin")
    scores[OTHER_TWIN] = other_scores(other, strongest(panel), fusions, test)
    scores[SWAPPED] = swapped_scores(network, other, panel, fusions, test["members"], counterparts_of(pool, name))
    scores |= controls(network, material, name, samples, test, report)
    for epoch, path in sorted(material.checkpoints.items()):
        report(f"checkpoint of epoch {epoch}")
        young = load_network(path, material.shape, name)
        scores[f"epoch-{epoch:03d}"] = refit(young, samples, test, seed)
    bundle = Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(every),
        fusions=fusions,
        platt={c: platt(scores["calibration"], c) for c in (*panel.auditors, PHOTO, PERSON)},
        ranges=ranges(scores["calibration"]),
        scores=scores,
        gates=open_gates(scores),
        facts=facts,
    )
    report("evaluation")
    return replace(bundle, evaluation=evaluate_all(bundle))


def twin_scores(
    network: AuditedNetwork,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    pool: Pool,
    real: tuple[np.ndarray, list[str]],
    name: str,
    seed: int,
    report: Report,
) -> dict[str, Mapping[str, Columns]]:
    """Score the splits ``calibration`` and ``test``: every column of every source."""
    found: dict[str, Mapping[str, Columns]] = {}
    for purpose in ("calibration", "test"):
        pictures = {**pool_pictures(pool, name, purpose, seed), "real": real_pictures(real, purpose == "calibration")}
        tables: Tables = {}
        for source, some in pictures.items():
            report(f"scoring {purpose}: {len(some)} {source}")
            tables |= score(network, panel, fusions, {source: some})
        found[purpose] = tables
    return found


def other_scores(
    other: AuditedNetwork, panel: Panel, fusions: Mapping[str, Fusion], test: Mapping[str, Pictures]
) -> Tables:
    """Score the test pictures under the other twin: a control that must find nothing."""
    return drop_columns(score(other, panel, fusions, {s: p for s, p in test.items() if s != "openpeople"}))


def swapped_scores(
    network: AuditedNetwork,
    other: AuditedNetwork,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    members: Pictures,
    others: Pictures,
) -> Tables:
    """Score both twins on what either was trained on: a control that must find everything."""
    both = {"members": members, "counterparts": others}
    online = panel.only(s.column for s in specs(network) if s.online)
    return difference(*(drop_columns(score(n, online, fusions, both)) for n in (network, other)))


def counterparts_of(pool: Pool, name: str) -> Pictures:
    """Return the test pictures that the other twin was trained on."""
    return counterparts(pool, _other(name), "test")


def strongest(panel: Panel) -> Panel:
    """Return the auditors that get fused, and recall."""
    return panel.only((*FUSED, RECALL))


def controls(
    network: Any,
    material: Material,
    name: str,
    samples: Mapping[str, Samples],
    test: Mapping[str, Pictures],
    report: Report,
) -> dict[str, Tables]:
    """Run every control with a network or labels of its own through the same pipeline.

    Only recall's search is left out.
    """
    pool, seed = material.pool, material.seed
    found: dict[str, Tables] = {}
    blank = samples["training"].crops[~samples["training"].member][:512]
    blind = {
        PIXELS: PixelNetwork(int(material.shape["input_size"])),
        UNTRAINED: untrained_network(material.shape, len(network.head), blank, seed),
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
            network, fitting_samples(null, name, seed), pool_pictures(null, name, "test", seed), seed
        )
    for control, (path, recipe) in material.trained_controls.items():
        report(f"control: {control}")
        changed = Pool(recipe.rows(pool.rows), pool.crops)
        stand_in = load_network(path, recipe.architecture(), control)
        fitting, pictures = fitting_samples(changed, name, seed), pool_pictures(changed, name, "test", seed)
        found[control] = refit(stand_in, fitting, pictures, seed, published=True)
    report("protocol: cross-database")
    return found | cross_database(network, blind, pool, material.real, name, seed)


def difference(own: Tables, other: Tables) -> Tables:
    """Return scores under the twin minus scores under the other twin, for the same pictures."""
    about = ("identity", "generated", "exposure")
    return {
        source: {c: v if c in about else v - other[source][c] for c, v in columns.items()}
        for source, columns in own.items()
    }


def _other(name: str) -> str:
    return NETWORKS[1 - NETWORKS.index(name)]
