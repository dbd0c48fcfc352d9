"""Resampling people instead of pictures: the pictures of one person rise and fall together.

A draw takes as many people as there are, with replacement, and every one of their pictures with
them, on both sides (the cluster bootstrap; Davison and Hinkley 1997, section 3.8). It is kept as
integer weights of the pictures, so that a figure of all draws is a few array operations.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK = 2_000_000  # weights held at once: 16 MB


def identity_weights(
    member_identities: ArrayLike, non_member_identities: ArrayLike, draws: int, seed: int
) -> Iterator[tuple[Ints, Ints]]:
    """How often each picture is drawn, a block of draws at a time.

    A draw without members or without non-members has no figures and is drawn again. The same
    identities, draws and seed give the same weights, which pairs the figures of two scores.

    Args:
        member_identities: (M,) numbers or names; a person may be on both sides.
        non_member_identities: (N,) likewise.
        draws: how many in all.
        seed: of the draws.

    Yields:
        (D, M) and (D, N) int64 weights; the D add up to ``draws``.

    Raises:
        ValueError: ``draws`` is below 1, or an identity is not a number.
    """
    if draws < 1:
        raise ValueError(f"an interval needs at least one draw, not {draws}")
    every = np.concatenate([np.ravel(member_identities), np.ravel(non_member_identities)])
    if every.dtype.kind == "f" and np.isnan(every).any():
        raise ValueError("An identity is not a number.")
    names, numbers = np.unique(every, return_inverse=True)
    people, members = len(names), np.size(member_identities)
    pictures = np.stack([np.bincount(side, minlength=people) for side in (numbers[:members], numbers[members:])])
    random = np.random.default_rng(seed)
    size = max(1, BLOCK // len(numbers))
    for first in range(0, draws, size):
        times = np.empty((min(size, draws - first), people), np.int64)
        for row in times:
            row[:] = np.bincount(random.integers(0, people, people), minlength=people)
            while not (pictures @ row).all():
                row[:] = np.bincount(random.integers(0, people, people), minlength=people)
        yield times[:, numbers[:members]], times[:, numbers[members:]]


def weighted_auc(members: Floats, non_members: Floats, member_weights: Ints, non_member_weights: Ints) -> Floats:
    """(D,) AUCs of (M,) and (N,) scores under (D, M) and (D, N) weights; ties count half."""
    order = np.argsort(non_members, kind="stable")
    ordered, sums = non_members[order], _sums(non_member_weights[:, order])
    twice_below = sums[:, np.searchsorted(ordered, members, "left")]
    twice_below += sums[:, np.searchsorted(ordered, members, "right")]
    pairs = member_weights.sum(1) * non_member_weights.sum(1)
    found: Floats = np.einsum("dm,dm->d", member_weights, twice_below) / (2 * pairs)
    return found


def weighted_tprs(
    members: Floats, non_members: Floats, member_weights: Ints, non_member_weights: Ints, fprs: tuple[float, ...]
) -> Floats:
    """(len(fprs), D) largest true-positive rates whose false-positive rates are at most ``fprs``."""
    thresholds = np.unique(np.concatenate([members, non_members]))
    hits = _at_least(members, thresholds, member_weights)
    alarms = _at_least(non_members, thresholds, non_member_weights)
    # Counted, then divided once, as in an unweighted ROC.
    false_rates = alarms / non_member_weights.sum(1, keepdims=True)
    found: Floats = np.stack([np.where(false_rates <= fpr, hits, 0).max(1) for fpr in fprs]) / member_weights.sum(1)
    return found


def _at_least(scores: Floats, thresholds: Floats, weights: Ints) -> Ints:
    """(D, T) summed weights of the scores that reach each threshold."""
    order = np.argsort(scores, kind="stable")
    sums = _sums(weights[:, order])
    found: Ints = sums[:, -1:] - sums[:, np.searchsorted(scores[order], thresholds, "left")]
    return found


def _sums(weights: Ints) -> Ints:
    """(D, N + 1) running sums along the pictures, from 0."""
    found = np.zeros((len(weights), weights.shape[1] + 1), np.int64)
    np.cumsum(weights, axis=1, out=found[:, 1:])
    return found
