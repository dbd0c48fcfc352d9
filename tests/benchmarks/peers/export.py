"""One npz a twin: what every tool of the comparison reads, from a bundle and the pool."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from mint.auditors import Spec, build
from mint.auditors.base import Auditor, Reading, read
from mint.auditors.features import read_features
from mint.auditors.panel import CROPS_PER_LOOK, readings
from mint.lab.twin_bundles.ledger_splits import MAX_PER_SOURCE
from mint.lab.twin_bundles.roles import identity_numbers, rows_by_role
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork, Maps
from tests.benchmarks.peers.exchange import GROUPS, SPLITS, Export

SPECS = {
    "embedding": Spec("vanilla", "embedding"),
    "channel maxima": Spec("vanilla", "all"),
    "consistency": Spec("consistency", "views"),
    "prototype": Spec("prototype", "head"),
}
EMBEDDING_ONLY = "consistency of the embedding"
SCALE = 32.0  # of the softmax that the twins were trained with


class Service(AuditedNetwork):
    """A network as its users see it from outside: embeddings, no taps, no head."""

    taps = ()
    head = None

    def __init__(self, network: AuditedNetwork) -> None:
        self.name, self.input_size, self.fingerprint = network.name, network.input_size, network.fingerprint
        self.inner = network

    def preprocess(self, crops: torch.Tensor) -> torch.Tensor:
        return self.inner.preprocess(crops)

    def forward(self, batch: torch.Tensor) -> Maps:
        return Maps(self.inner.forward(batch).embedding, {})


def auditors(network: AuditedNetwork) -> dict[str, Auditor]:
    """Feature set to a fresh auditor that reads it."""
    found = {name: build(spec, network) for name, spec in SPECS.items()}
    return {**found, EMBEDDING_ONLY: build(SPECS["consistency"], Service(network))}


def export(
    network: AuditedNetwork, reference: AuditedNetwork, pool: Pool, seed: int, most: int = MAX_PER_SOURCE
) -> Export:
    """Features of the people that auditors are fitted on and scored on, split as `mint lab train` does.

    Args:
        network: the twin under audit, with its head.
        reference: the other twin, with its own.
        pool: both were trained on.
        seed: as given to `mint lab train`.
        most: siblings and outsiders in the test split, at most.
    """
    index, split, group = rows_of(pool.rows, network.name, seed, most)
    features = features_of(network, pool.crops[index])
    other = np.concatenate([cosines(r.plain, reference) for _, r in readings(reference, pool.crops[index], False)])
    features["reference cosines"] = other
    chosen = [pool.rows[i] for i in index]
    return Export(
        about={
            "network": network.name,
            "reference": reference.name,
            "seed": seed,
            "scale": SCALE,
            "forward_ms": forward_cost(network, reference, pool.crops[index[: 12 * CROPS_PER_LOOK]]),
        },
        split=split,
        group=group,
        identity=identity_numbers(pool.rows)[index],
        label=labels(pool.rows, chosen, network),
        reference_member=np.array([r.member(reference.name) for r in chosen]),
        features=features,
    )


def rows_of(
    rows: Sequence[Row], network: str, seed: int, most: int = MAX_PER_SOURCE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers in the ledger, with their split and group; generated people only."""
    parts = []
    for s, split in enumerate(SPLITS):
        picked = rows_by_role(rows, network, split, seed, most if split == "test" else None)
        for g, group in enumerate(GROUPS):
            parts += [(i, s, g) for i in picked[group].tolist() if rows[i].source == GAN]
    index, split_of, group_of = np.array(parts).T
    return index, split_of.astype(np.uint8), group_of.astype(np.uint8)


@torch.inference_mode()
def features_of(network: AuditedNetwork, crops: np.ndarray) -> dict[str, np.ndarray]:
    """Every feature set in one pass over the crops and their views."""
    readers = auditors(network)
    parts: dict[str, list[np.ndarray]] = {name: [] for name in (*readers, "cosines")}
    for _, reading in readings(network, crops, views=True):
        looked = read_features(reading, maps=False)
        outside = read_features(Reading(Maps(reading.everything.embedding, {}), reading.views, None), maps=False)
        for name, auditor in readers.items():
            values = auditor.inputs(outside if name == EMBEDDING_ONLY else looked, network.head)
            parts[name].append(torch.cat([v.flatten(1).float() for v in values], dim=1).numpy())
        parts["cosines"].append(cosines(reading.plain, network))
    return {name: np.concatenate(values) for name, values in parts.items()}


def cosines(maps: Maps, network: AuditedNetwork) -> np.ndarray:
    """(N, C) cosines between embeddings and class centres."""
    assert network.head is not None
    return (torch.nn.functional.normalize(maps.embedding) @ network.head.T).numpy()


def labels(rows: Sequence[Row], chosen: Sequence[Row], network: AuditedNetwork) -> np.ndarray:
    """Row of the head for each crop's person; the head is in the order of the sorted names. -1 for strangers."""
    classes = sorted({r.identity for r in rows if r.member(network.name)})
    assert network.head is not None
    if len(classes) != len(network.head):
        raise ValueError(f"{network.name} has {len(network.head)} classes, the ledger names {len(classes)}.")
    number = {identity: k for k, identity in enumerate(classes)}
    return np.array([number.get(r.identity, -1) for r in chosen])


def forward_cost(network: AuditedNetwork, reference: AuditedNetwork, crops: np.ndarray) -> dict[str, float]:
    """CPU milliseconds a photo, in the batches that the panel uses: medians over batches, timed in turn."""
    consistency = auditors(network)["consistency"]
    passes: dict[str, Callable[[np.ndarray], object]] = {
        "plain": lambda batch: read(network, batch, views=False),
        "views": lambda batch: consistency.inputs(read_features(read(network, batch, views=True), maps=False), None),
        "reference": lambda batch: read(reference, batch, views=False),
    }
    seconds: dict[str, list[float]] = {name: [] for name in passes}
    for start in range(0, len(crops), CROPS_PER_LOOK):
        batch = crops[start : start + CROPS_PER_LOOK]
        for name, work in passes.items():
            started = time.process_time()
            work(batch)
            seconds[name].append((time.process_time() - started) / len(batch))
    return {name: statistics.median(found[1:] or found) * 1e3 for name, found in seconds.items()}
