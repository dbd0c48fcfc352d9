"""Bootstrap over people, because pictures of one person depend on each other.

A draw takes as many people as there are, with replacement, and every one of their pictures with
them, on both sides (the cluster bootstrap; Davison and Hinkley 1997, section 3.8). It is kept as
integer weights of the pictures, so that a figure of all draws is a few array operations.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
DRAWS = 1000  # of people, for an interval
OVER_PEOPLE = "over people"  # how an interval was made, where a figure names it
WEIGHTS_AT_ONCE = 2_000_000  # weights held at once: 8 MB


def identity_weights(
    member_identities: ArrayLike, non_member_identities: ArrayLike, draws: int, seed: int
) -> Iterator[tuple[Ints, Ints]]:
    """Yield how often each picture is drawn, a block of draws at a time.

    A draw without members or without non-members has no figures and is drawn again. The same
    identities, draws and seed give the same weights, which pairs the figures of two scores.

    Args:
        member_identities: (M,) numbers or names; a person may be on both sides.
        non_member_identities: (N,) likewise.
        draws: how many in all.
        seed: of the draws.

    Yields:
        (D, M) and (D, N) int32 weights; the D add up to ``draws``.

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
    times = _times(pictures.tobytes(), draws, seed)
    size = max(1, WEIGHTS_AT_ONCE // len(numbers))
    for first in range(0, draws, size):
        block = times[first : first + size]
        yield block[:, numbers[:members]], block[:, numbers[members:]]


@lru_cache(maxsize=4)  # every score of the same pictures is asked for figures
def _times(pictures: bytes, draws: int, seed: int) -> Ints:
    """Draw people: return how often each is drawn, (draws, P).

    ``pictures`` counts those of each of P people on either side, (2, P) int64.
    """
    sides = np.frombuffer(pictures, np.int64).reshape(2, -1)
    people = sides.shape[1]
    random = np.random.default_rng(seed)
    times = np.empty((draws, people), np.int32)
    for row in times:
        row[:] = np.bincount(random.integers(0, people, people), minlength=people)
        while not (sides @ row).all():
            row[:] = np.bincount(random.integers(0, people, people), minlength=people)
    times.setflags(write=False)
    return times


def weighted_auc(members: Floats, non_members: Floats, member_weights: Ints, non_member_weights: Ints) -> Floats:
    """Return (D,) AUCs of (M,) and (N,) scores under (D, M) and (D, N) weights; ties count half."""
    order = np.argsort(non_members, kind="stable")
    ordered, sums = non_members[order], _sums(non_member_weights[:, order])
    below, not_above = (np.searchsorted(ordered, members, side) for side in ("left", "right"))
    twice_below = sums[:, below] + sums[:, not_above] if (below != not_above).any() else 2 * sums[:, below]
    pairs = member_weights.sum(1, dtype=np.int64) * non_member_weights.sum(1, dtype=np.int64)
    found: Floats = np.einsum("dm,dm->d", member_weights, twice_below, dtype=np.int64) / (2 * pairs)
    return found


def weighted_tprs(
    members: Floats, non_members: Floats, member_weights: Ints, non_member_weights: Ints, fprs: tuple[float, ...]
) -> Floats:
    """Return the largest true-positive rates at false-positive rates of at most ``fprs``.

    Their shape is (len(fprs), D).
    """
    order = np.argsort(non_members, kind="stable")
    steps, first = np.unique(non_members[order], return_index=True)
    alarms = _sums(non_member_weights[:, order])
    # Counted, then divided once, as in an unweighted ROC: where the threshold is one of the non-members' scores.
    false_rates = (alarms[:, -1:] - alarms[:, first]) / non_member_weights.sum(1, keepdims=True)
    order = np.argsort(members, kind="stable")
    hits = _sums(member_weights[:, order])
    above = np.append(0, np.searchsorted(members[order], steps, "right"))  # of the highest that is no longer allowed
    found = np.empty((len(fprs), len(hits)))
    for k, fpr in enumerate(fprs):
        reached = above[(false_rates > fpr).sum(1)]
        found[k] = (hits[:, -1] - hits[np.arange(len(hits)), reached]) / hits[:, -1]
    return found


def _sums(weights: Ints) -> Ints:
    """Return (D, N + 1) running sums along the pictures, from 0."""
    found = np.zeros((len(weights), weights.shape[1] + 1), np.int32)
    np.cumsum(weights, axis=1, out=found[:, 1:])
    return found
