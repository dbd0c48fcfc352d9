"""From a pool and a twin to a bundle: train, fuse, calibrate, score the test split and the controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from mint.audited.base import AuditedNetwork
from mint.audited.catalog import load_network
from mint.auditors import PAPER_PRESET, specs
from mint.auditors.panel import QUALITIES, Panel
from mint.bundle import MEMBERS, PERSON, PHOTO, SOURCES, Bundle, Columns
from mint.evidence.fusion import Fusion, Platt
from mint.evidence.verdict import Range
from mint.lab.controls import OTHER_TWIN, PIXELS, SHUFFLED, SHUFFLED_PEOPLE, UNTRAINED, PixelNetwork, untrained_network
from mint.lab.evaluate import LEVELS, evaluate, gate
from mint.lab.ledger import PURPOSES, Row
from mint.lab.pool import Pool
from mint.lab.real import for_calibration
from mint.lab.sources import GAN
from mint.lab.splits import identity_numbers, pick
from mint.lab.train import Samples, train_panel

FUSED = ("consistency/views", "prototype/head")  # the auditors that beat their controls
RANGE_QUANTILE = 0.001
MOST = 1300  # siblings and outsiders each in calibration and test
Report = Callable[[str], None]
Tables = dict[str, dict[str, np.ndarray]]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a bundle is made from.

    Attributes:
        pool: crops and ledger.
        real: (N, 112, 112, 3) uint8 crops of real faces, and the person of each.
        network_file, other_file: weights of the twin and of its counterpart.
        shape: architecture of both.
        checkpoints: epoch to weights on the way.
        seed: of auditors, subsets and controls.
    """

    pool: Pool
    real: tuple[np.ndarray, list[str]]
    network_file: Path
    other_file: Path
    shape: Mapping[str, Any]
    checkpoints: Mapping[int, Path]
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
    fused = Panel({c: panel.auditors[c] for c in FUSED})
    fusions = fuse(fused.scores(network, samples["validation"].crops), pool, name, seed)
    report("scoring calibration and test")
    scores: dict[str, Tables] = {}
    for purpose in ("calibration", "test"):
        if fresh or old is None:
            real = _half(material.real, purpose == "calibration")
            scores[purpose] = score(network, panel, fusions, pool, name, purpose, seed, real)
        else:
            scores[purpose] = {s: _fused(dict(columns), fusions) for s, columns in old.scores[purpose].items()}
    report("controls")
    other = load_network(material.other_file, material.shape, OTHER_TWIN)
    scores[OTHER_TWIN] = _slim(score(other, fused, fusions, pool, name, "test", seed))
    scores |= blind_controls(network, material, name, samples)
    scores[SHUFFLED] = refit(
        network, *_null(shuffle_pictures(pool.rows, seed), pool, name, seed), name, seed, published=False
    )
    scores[SHUFFLED_PEOPLE] = refit(
        network, *_null(shuffle_people(pool.rows, seed), pool, name, seed), name, seed, published=False
    )
    for epoch, path in sorted(material.checkpoints.items()):
        report(f"checkpoint of epoch {epoch}")
        young = load_network(path, material.shape, name)
        scores[f"epoch-{epoch:03d}"] = refit(young, samples, pool, name, seed, published=False)
    bundle = Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(every),
        fusions=fusions,
        platt={c: platt(scores["calibration"], c) for c in (*panel.auditors, PHOTO, PERSON)},
        ranges=ranges(scores["calibration"]),
        scores=scores,
        gate=all(gate(scores, level)["passes"] for level in LEVELS),
        facts=facts,
    )
    report("evaluation")
    return replace(bundle, evaluation={level: evaluate(bundle, level) for level in LEVELS})


def fitting_samples(pool: Pool, name: str, seed: int) -> dict[str, Samples]:
    """Training and validation crops: members, as many siblings and as many outsiders."""
    found = {}
    for split in ("training", "validation"):
        picked = pick(pool.rows, name, split, seed)
        index = np.concatenate(list(picked.values()))
        found[split] = Samples(pool.crops[index], np.arange(len(index)) < len(picked["members"]))
    return found


def fuse(columns: Columns, pool: Pool, name: str, seed: int) -> dict[str, Fusion]:
    """Logistic weights on the validation split, for each of the two questions."""
    picked = pick(pool.rows, name, "validation", seed)
    sizes = [len(picked[g]) for g in ("members", "siblings", "outsiders")]
    group = np.repeat([0, 1, 2], sizes)
    x = np.stack([columns[c] for c in FUSED if c in columns], axis=1).astype(np.float64)
    found = {}
    for question, positive in ((PHOTO, group == 0), (PERSON, group <= 1)):
        scale = x.std(0)
        # Hardly any penalty: the auditors nearly separate the two, and a penalty would level their weights.
        model = LogisticRegression(C=1e3, class_weight="balanced", max_iter=5000).fit(x / scale, positive)
        weights = dict(zip([c for c in FUSED if c in columns], (model.coef_[0] / scale).tolist(), strict=True))
        found[question] = Fusion(weights, float(model.intercept_[0]))
    return found


def score(
    network: AuditedNetwork,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    pool: Pool,
    name: str,
    purpose: str,
    seed: int,
    real: tuple[np.ndarray, np.ndarray] | None = None,
) -> Tables:
    """Score one purpose's crops, by source, with the fused columns added."""
    identities = identity_numbers(pool.rows)
    crops = {
        group: (pool.crops[i], identities[i], i) for group, i in pick(pool.rows, name, purpose, seed, MOST).items()
    }
    tables: Tables = {}
    for source, (pictures, identity, index) in crops.items():
        columns = _fused(panel.scores(network, pictures), fusions)
        generated = np.array([pool.rows[i].source == GAN for i in index], dtype=np.uint8)
        tables[source] = {**columns, "identity": identity, "generated": generated}
    _part(tables)
    if real is not None:
        tables["real"] = {**_fused(panel.scores(network, real[0]), fusions), "identity": real[1]}
    return tables


def _part(tables: Tables) -> None:
    """Photographic outsiders are few and unlike the generated ones: a source of their own."""
    outsiders = tables["outsiders"]
    photographic = ~outsiders["generated"].astype(bool)
    tables["openpeople"] = {name: values[photographic] for name, values in outsiders.items()}
    tables["outsiders"] = {name: values[~photographic] for name, values in outsiders.items()}


def refit(
    network: AuditedNetwork, samples: Mapping[str, Samples], pool: Pool, name: str, seed: int, published: bool
) -> Tables:
    """The whole pipeline for a network in the twin's place.

    Trains the auditors that get fused, and the paper's on all layers where ``published`` says so.
    """
    wanted = [
        s for s in specs(network) if s.column in FUSED or (published and s.layer == "all" and s.preset == PAPER_PRESET)
    ]
    panel = train_panel(network, wanted, samples, seed)
    fusions = fuse(panel.scores(network, samples["validation"].crops), pool, name, seed)
    tables = score(network, panel, fusions, pool, name, "test", seed)
    return _slim(tables)


def _slim(tables: Tables) -> Tables:
    """What a control's figures need."""
    left_out = (*QUALITIES, PERSON)
    return {s: {k: v for k, v in c.items() if k not in left_out} for s, c in tables.items() if s != "openpeople"}


def blind_controls(
    network: AuditedNetwork, material: Material, name: str, samples: Mapping[str, Samples]
) -> dict[str, Tables]:
    """Pixels only, and an untrained network of the same shape."""
    pool, seed = material.pool, material.seed
    pixels = PixelNetwork(int(material.shape["input_size"]))
    blank = samples["training"].crops[~samples["training"].member][:512]
    assert network.head is not None
    untrained = untrained_network(material.shape, len(network.head), blank, seed)
    return {
        PIXELS: refit(pixels, samples, pool, name, seed, published=True),
        UNTRAINED: refit(untrained, samples, pool, name, seed, published=True),
    }


def shuffle_pictures(rows: Sequence[Row], seed: int) -> list[Row]:
    """Roles shuffled among the pictures of each person: a null for "was this photo used"."""
    random = np.random.default_rng(seed)
    found = list(rows)
    for indices in _by_identity(rows).values():
        for i, j in zip(indices, random.permutation(indices), strict=True):
            found[i] = replace(rows[i], role_a=rows[j].role_a, role_b=rows[j].role_b)
    return found


def shuffle_people(rows: Sequence[Row], seed: int) -> list[Row]:
    """Roles shuffled among the generated people of each purpose: a null for "does it know them"."""
    random = np.random.default_rng(seed)
    found = list(rows)
    people = {p: i for p, i in _by_identity(rows).items() if rows[i[0]].source == GAN}
    for purpose in PURPOSES:
        here = [p for p, i in people.items() if rows[i[0]].purpose == purpose]
        for person, other in zip(here, random.permutation(here), strict=True):
            roles = [(rows[i].role_a, rows[i].role_b) for i in people[other]]
            roles = [roles[k % len(roles)] for k in range(len(people[person]))]
            for i, (role_a, role_b) in zip(people[person], roles, strict=True):
                found[i] = replace(rows[i], role_a=role_a, role_b=role_b)
    return found


def _by_identity(rows: Sequence[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        found.setdefault(row.identity, []).append(i)
    return found


def _null(rows: Sequence[Row], pool: Pool, name: str, seed: int) -> tuple[dict[str, Samples], Pool]:
    null = Pool(tuple(rows), pool.crops)
    return fitting_samples(null, name, seed), null


def platt(tables: Tables, column: str) -> Platt:
    """Score to probability, members and non-members weighing alike, and the sources alike among them."""
    question = PERSON if column == PERSON else PHOTO
    parts = [(tables[s][column], True) for s in MEMBERS[question]] + [
        (tables[s][column], False) for s in SOURCES[question]
    ]
    x = np.concatenate([values for values, _ in parts]).astype(np.float64)
    y = np.concatenate([np.full(len(values), member) for values, member in parts])
    share = {True: len(MEMBERS[question]), False: len(SOURCES[question])}
    weight = np.concatenate([np.full(len(v), 1 / (len(v) * share[m])) for v, m in parts]) * len(x)
    scale = x.std() or 1.0
    model = LogisticRegression(C=1e3, max_iter=5000).fit(x[:, None] / scale, y, sample_weight=weight)
    slope, bias = float(model.coef_[0, 0] / scale), float(model.intercept_[0])
    # A score that falls with membership on calibration data says nothing: the probability stays 1/2.
    return Platt(slope, bias) if slope > 0 else Platt(0.0, 0.0)


def ranges(tables: Tables) -> Range:
    """Widest bounds that any calibration source reaches, its extreme 0.1 % left out."""
    bounds = {}
    for quality in QUALITIES:
        ends = [np.quantile(t[quality], [RANGE_QUANTILE, 1 - RANGE_QUANTILE]) for t in tables.values()]
        bounds[quality] = (float(min(e[0] for e in ends)), float(max(e[1] for e in ends)))
    return Range(bounds)


def _fused(columns: dict[str, np.ndarray], fusions: Mapping[str, Fusion]) -> dict[str, np.ndarray]:
    return {**columns, **{question: fusion.score(columns).astype(np.float32) for question, fusion in fusions.items()}}


def _half(real: tuple[np.ndarray, list[str]], calibration: bool) -> tuple[np.ndarray, np.ndarray]:
    keep = np.array([for_calibration(person) == calibration for person in real[1]])
    numbers = np.unique(real[1], return_inverse=True)[1].astype(np.int32)
    return real[0][keep], numbers[keep]
