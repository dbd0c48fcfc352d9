"""Measure face verification on pairs of people whom the network never saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.auditors.panel import readings
from mint.evidence.metrics import auc, rate
from mint.networks.base import AuditedNetwork


def verification(
    network: AuditedNetwork, crops: np.ndarray, people: Sequence[str], pairs: int = 3000, seed: int = 0
) -> dict[str, Any]:
    """Return same-or-different accuracy over random pairs, ten folds as in LFW (Huang et al. 2007).

    Each fold's threshold comes from the other nine.

    Args:
        network: its embeddings are compared by cosine.
        crops: (N, 112, 112, 3) uint8.
        people: the person of each.
        pairs: of the same person, and as many of two people.
        seed: of the choice of pairs.
    """
    embedding = torch.cat([r.plain.embedding for _, r in readings(network, crops, views=False)]).numpy()
    cosine, same = pair_cosines(embedding, people, pairs, seed)
    order = np.random.default_rng(seed).permutation(len(cosine))
    hits = 0
    for fold in np.array_split(order, 10):
        rest = np.setdiff1d(order, fold)
        candidates = np.quantile(cosine[rest], np.linspace(0, 1, 401))
        right_answers = [((cosine[rest] >= t) == same[rest]).mean() for t in candidates]
        hits += int(((cosine[fold] >= candidates[int(np.argmax(right_answers))]) == same[fold]).sum())
    found = rate(hits, len(cosine))
    return {
        "accuracy": found.value,
        "low": found.low,
        "high": found.high,
        "pairs": len(cosine),
        "people": len(set(people)),
        "auc": auc(cosine[same], cosine[~same]),
    }


STRANGER_PAIRS = 3000  # of one person, and as many of two


def pair_cosines(
    embedding: np.ndarray, people: Sequence[str], pairs: int, seed: int
) -> tuple[np.ndarray, NDArray[np.bool_]]:
    """Return the cosines of random pairs of (N, E) embeddings, and whether each shows one person; as ``verification``."""
    unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    left, right, same = _pairs(np.asarray(people), pairs, seed)
    return (unit[left] * unit[right]).sum(1), same


def _pairs(people: np.ndarray, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw pairs of rows: left, right, and whether they show one person; no pair twice."""
    random = np.random.default_rng(seed)
    by_person = [np.flatnonzero(people == p) for p in np.unique(people)]
    several = [rows for rows in by_person if len(rows) > 1]
    chosen: dict[tuple[int, int], bool] = {}
    possible = sum(len(rows) * (len(rows) - 1) // 2 for rows in several)
    tries = 0
    while len(chosen) < min(pairs, possible) and tries < 50 * pairs:  # few people have no more than that
        tries += 1
        a, b = random.choice(several[random.integers(len(several))], 2, replace=False)
        chosen[min(a, b), max(a, b)] = True
    found = len(chosen)
    while len(chosen) < 2 * found:
        first, second = random.choice(len(by_person), 2, replace=False)
        chosen[int(random.choice(by_person[first])), int(random.choice(by_person[second]))] = False
    left, right = np.array(list(chosen)).T
    return left, right, np.array(list(chosen.values()))
