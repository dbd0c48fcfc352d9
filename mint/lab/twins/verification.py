"""Measure face verification on pairs of people whom the network never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.auditors.panel import readings
from mint.errors import TooFew
from mint.evidence.bootstrap import OVER_PEOPLE
from mint.evidence.metrics import auc, clopper_pearson, rate_of_spread
from mint.networks.base import AuditedNetwork
from mint.types import PeopleRate


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

    Returns:
        ``accuracy`` with ``low`` and ``high`` (``pair_rate``), ``interval`` (how these were made; older figures name nothing and counted pairs alone), ``pairs``, ``people``, ``auc``.

    Raises:
        TooFew: there are no two people, or nobody has two photos.
    """
    embedding = torch.cat([r.plain.embedding for _, r in readings(network, crops, views=False)]).numpy()
    who = np.asarray(people)
    left, right, same = _pairs(who, pairs, seed)
    cosine = _cosines(embedding, left, right)
    order = np.random.default_rng(seed).permutation(len(cosine))
    hits = np.zeros(len(cosine), bool)
    for fold in np.array_split(order, 10):
        rest = np.setdiff1d(order, fold)
        candidates = np.quantile(cosine[rest], np.linspace(0, 1, 401))
        right_answers = [((cosine[rest] >= t) == same[rest]).mean() for t in candidates]
        hits[fold] = (cosine[fold] >= candidates[int(np.argmax(right_answers))]) == same[fold]
    found = pair_rate(hits, who[left], who[right])
    return {
        "accuracy": found.value,
        "low": found.low,
        "high": found.high,
        "interval": OVER_PEOPLE,
        "pairs": found.n,
        "people": found.people,
        "auc": auc(cosine[same], cosine[~same]),
    }


def pair_rate(hits: NDArray[np.bool_], left: np.ndarray, right: np.ndarray) -> PeopleRate:
    """Return the share of pairs that are told right, with an interval over people, as pairs share people.

    Two pairs depend on each other where somebody is in both: the variance sums the products of such pairs' residuals
    (Fafchamps and Gubert 2007; Aronow, Samii and Assenova 2015), and gives Clopper-Pearson's interval its effective number
    of pairs, as in ``clustered_rate``. It agrees with a bootstrap over people, whose weights of a pair are products of two
    people's, where people differ much, and is not too wide where they are alike. Where all pairs agree, nothing
    is seen of how people differ: each person counts as one case.

    Args:
        hits: (N,) whether a pair was told right.
        left: (N,) who is on one photo of each pair.
        right: (N,) who is on the other.
    """
    names, numbers = np.unique(np.concatenate([left, right]), return_inverse=True)
    people, n, share = len(names), len(hits), float(hits.mean())
    if share in (0.0, 1.0):
        return PeopleRate(share, *clopper_pearson(share * people, people), n, people)
    one, other = numbers[:n], numbers[n:]
    excess = hits.astype(np.float64)
    # How many pairs show one person was not left to chance: each kind varies around its own share.
    two = one != other
    for kind in (two, ~two):
        excess[kind] -= excess[kind].mean() if kind.any() else 0.0
    of_person = np.bincount(one, excess, people) + np.bincount(other[two], excess[two], people)
    _, dyads = np.unique(np.sort(np.stack([one[two], other[two]]), axis=0), axis=1, return_inverse=True)
    # Pairs of the same two people meet in both of them, and count once.
    spread = float((of_person**2).sum() - (np.bincount(dyads.ravel(), excess[two]) ** 2).sum())
    return rate_of_spread(share, n, people, spread)


STRANGER_PAIRS = 3000  # of one person, and as many of two


def pair_cosines(
    embedding: np.ndarray, people: Sequence[str], pairs: int, seed: int
) -> tuple[np.ndarray, NDArray[np.bool_]]:
    """Return the cosines of random pairs of (N, E) embeddings, and whether each shows one person; as ``verification``."""
    left, right, same = _pairs(np.asarray(people), pairs, seed)
    return _cosines(embedding, left, right), same


def _cosines(embedding: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    cosine: np.ndarray = (unit[left] * unit[right]).sum(1)
    return cosine


def _pairs(people: np.ndarray, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw pairs of rows: left, right, and whether they show one person; no pair twice, whichever photo comes first.

    As many show two people as show one, so that who guesses is right of half; where either has fewer, the other gets no more.
    """
    random = np.random.default_rng(seed)
    by_person = [np.flatnonzero(people == p) for p in np.unique(people)]
    several = [rows for rows in by_person if len(rows) > 1]
    within = sum(len(rows) * (len(rows) - 1) // 2 for rows in several)
    between = len(people) * (len(people) - 1) // 2 - within
    most = min(pairs, within, between)  # few people have no more than that

    def of_one() -> tuple[int, int]:
        a, b = random.choice(several[random.integers(len(several))], 2, replace=False)
        return min(a, b), max(a, b)

    def of_two() -> tuple[int, int]:
        first, second = random.choice(len(by_person), 2, replace=False)
        a, b = random.choice(by_person[first]), random.choice(by_person[second])
        return min(a, b), max(a, b)

    same = _different(of_one, most, 50 * pairs)
    others = _different(of_two, len(same), 50 * pairs)
    same = same[: len(others)]
    if not same:
        raise TooFew("Telling people apart needs two people at least, one of them with two photos.")
    left, right = np.array(same + others).T
    return left, right, np.arange(2 * len(same)) < len(same)


def _different(draw: Callable[[], tuple[int, int]], wanted: int, tries: int) -> list[tuple[int, int]]:
    """Draw until there are as many different pairs as wanted, or until the tries are used up."""
    found: dict[tuple[int, int], None] = {}
    while len(found) < wanted and tries:
        tries -= 1
        found[draw()] = None
    return list(found)
