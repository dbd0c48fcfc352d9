"""A complete bundle, small enough to be made in a test: a random network and made-up scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mint.auditors import build, specs
from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.bundles.files import NETWORK, save_bundle
from mint.evidence.fusion import Fusion, Platt
from mint.evidence.odd_photo import OddCheck
from mint.evidence.person import BEST, COMPACT, MAX_PHOTOS, PersonTest, size
from mint.evidence.score_table import PERSON, PHOTO
from mint.evidence.verdict import Range
from mint.lab.twins.training import save_weights
from mint.networks.architectures import build_network, load_network
from mint.networks.base import AuditedNetwork, FeatureShapes
from mint.vision.faces import QUALITIES

SHAPE: dict[str, Any] = {
    "architecture": "iresnet",
    "layers": [1, 1, 1, 1],
    "width": 4,
    "input_size": 32,
    "embedding_size": 16,
}
PEOPLE, PICTURES = 240, 1  # enough people for a promise of 1 %
EVERY_SOURCE = ("members", "siblings", "outsiders", "openpeople", "real")


def made_up_scores(
    columns: list[str], seed: int, strength: float = 3.0, sources: tuple[str, ...] = EVERY_SOURCE
) -> dict[str, dict[str, np.ndarray]]:
    """Members of the fused columns score ``strength`` above the rest; every other column is noise."""
    random = np.random.default_rng(seed)
    tables = {}
    for number, source in enumerate(EVERY_SOURCE):
        if source not in sources:
            continue
        rows = PEOPLE * PICTURES
        table = {c: random.normal(size=rows).astype(np.float32) for c in columns}
        for name in (PHOTO, PERSON):
            used = source == "members" or (name == PERSON and source == "siblings")
            table[name] = (random.normal(size=rows) + strength * used).astype(np.float32)
        table |= {q: random.uniform(10, 90, rows).astype(np.float32) for q in QUALITIES}
        people = np.repeat(np.arange(PEOPLE), PICTURES) + (0 if source in ("members", "siblings") else 1000 * number)
        table["identity"] = people.astype(np.int32)
        if source != "real":
            table["generated"] = np.ones(rows, np.uint8)
        tables[source] = table
    return tables


def made_up_people(seed: int, others: int = 250, used: int = 40, strength: float = 6.0) -> PersonTest:
    """Sets of photos whose scores are noise; those of people who were used lie ``strength`` higher."""
    random = np.random.default_rng(seed)
    kinds = {"outsiders": (others, 0.0), "real": (others, 0.0)}
    kinds |= dict.fromkeys(("members", "siblings", "mixed"), (used, strength))
    scores = {
        purpose: {
            kind: {size(n): (random.normal(size=people) + lift).astype(np.float32) for n in range(1, MAX_PHOTOS + 1)}
            for kind, (people, lift) in kinds.items()
        }
        for purpose in ("calibration", "test")
    }
    sizes = [size(n) for n in range(2, MAX_PHOTOS + 1)]
    return PersonTest(
        Fusion({COMPACT: 1.0, BEST: 0.0}, 0.0),
        (0.1, 0.4),
        dict.fromkeys(sizes, 0.7),
        dict.fromkeys(
            sizes, OddCheck(0.5, {"outsiders": (4, 100), "real": (2, 100)}, {"outsiders": (40, 100), "real": (9, 100)})
        ),
        scores,
    )


def named_bundle(
    folder: Path,
    network: AuditedNetwork,
    sources: tuple[str, ...] = ("members", "siblings", "outsiders"),
    controls: bool = True,
    tier: str = "full",
    gate: bool = True,
    people: PersonTest | None = None,
) -> Bundle:
    """Write a bundle of a network that it does not hold, of some kinds of pictures only."""
    every = specs(network)
    torch.manual_seed(0)
    shapes = FeatureShapes.of(network)
    panel = Panel({s.column: build(s, shapes).eval() for s in every})
    columns = [s.column for s in every]
    splits = ("calibration", "test", *(("pixels", "untrained") if controls else ()))
    scores = {
        split: made_up_scores(columns, k, 0.0 if split in ("pixels", "untrained") else 3.0, sources)
        for k, split in enumerate(splits)
    }
    for source in (source for tables in scores.values() for source in tables.values()):
        source.pop("generated", None)
    bundle = Bundle(
        name=folder.name,
        network=network,
        panel=panel,
        specs=tuple(every),
        fusions={q: Fusion({"consistency/views": 1.0}, 0.0) for q in (PHOTO, PERSON)},
        platt={c: Platt(1.0, 0.0) for c in (*columns, PHOTO, PERSON)},
        ranges=Range(dict.fromkeys(QUALITIES, (-1000000.0, 1000000.0))),
        scores=scores,
        gates=dict.fromkeys((*columns, PHOTO, PERSON), gate),
        facts={},
        people=people,
        tier=tier,
    )
    save_bundle(bundle, folder)
    return bundle


def tiny_bundle(
    folder: Path,
    name: str = "twin-a",
    seed: int = 0,
    gate: bool = True,
    people: PersonTest | None = None,
    strength: float = 3.0,
) -> Bundle:
    """Write a bundle to ``folder`` and return what was written."""
    torch.manual_seed(seed)
    model = build_network(SHAPE, name).model
    folder.mkdir(parents=True, exist_ok=True)
    source = folder.parent / f"{name}-source.safetensors"
    save_weights(source, model, torch.randn(SHAPE["embedding_size"], 5))
    network = load_network(source, SHAPE, name)
    every = specs(network)
    shapes = FeatureShapes.of(network)
    panel = Panel({s.column: build(s, shapes).eval() for s in every})
    columns = [s.column for s in every]
    scores = {split: made_up_scores(columns, seed + k, strength) for k, split in enumerate(("calibration", "test"))}
    for k, control in enumerate(("pixels", "untrained", "other-twin", "shuffled-labels", "shuffled-people")):
        null = made_up_scores(["consistency/views"], seed + 10 + k, strength=0.0)
        scores[control] = {
            s: {c: v for c, v in t.items() if c not in (*QUALITIES, PERSON)}
            for s, t in null.items()
            if s not in ("real", "openpeople")
        }
    bundle = Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(every),
        fusions={q: Fusion({"consistency/views": 1.0, "prototype/head": 1.0}, 0.0) for q in (PHOTO, PERSON)},
        platt={c: Platt(1.0, 0.0) for c in (*columns, PHOTO, PERSON)},
        ranges=Range(dict.fromkeys(QUALITIES, (-1000000.0, 1000000.0))),
        scores=scores,
        gates=dict.fromkeys((*columns, PHOTO, PERSON), gate),
        facts={"licence": "MIT", "seed": seed},
        people=people,
    )
    save_bundle(bundle, folder, source, SHAPE)
    assert (folder / NETWORK).is_file()
    return bundle


def claim_privacy(folder: Path, epsilon: float, delta: float) -> None:
    """Let the bundle of a folder claim a privacy budget for each photo."""
    index = json.loads((folder / "bundle.json").read_text())
    index["facts"]["privacy"] = {"epsilon": epsilon, "delta": delta}
    (folder / "bundle.json").write_text(json.dumps(index))
