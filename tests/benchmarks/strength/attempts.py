"""Every attempt, in the order of the card: what it reads, what it is fitted on, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from mint.auditors.views import VIEWS
from mint.lab.twins.ledger import PAIRS
from tests.benchmarks.strength import features as f
from tests.benchmarks.strength.fits import Scorer, Table, logistic, perceptrons, refitted, set_networks, support_vectors
from tests.benchmarks.strength.further_views import FURTHER_VIEWS
from tests.benchmarks.strength.seeing import Seen
from tests.benchmarks.strength.subject import FEWER, Subject

EVERY_TAP = (0, 1, 2, 3)
BEFORE = 13  # views of the auditor that shipped first; three were added behind them
MIRROR, THIRTEEN, SIXTEEN = range(1), range(BEFORE), range(len(VIEWS))
ALL = range(len(VIEWS) + len(FURTHER_VIEWS))
OTHER_TWIN, EARLIER, MIRRORED = "other twin", "earlier", "mirrored"  # further training rows


@dataclass(frozen=True)
class Attempt:
    """One line of the table, for each twin.

    Attributes:
        what: it is.
        views: how many are looked at.
        read: a network and what it showed for N crops to features of N rows.
        note: beside the figures, or what makes it of a network.
        fit: features to a scorer.
        more: which further rows are fitted on.
        further: whether it looks through the further views, at fewer siblings.
        twins: for which.
    """

    what: str
    views: int
    read: Callable[[Subject, Seen], Tensor]
    note: str | Callable[[Subject], str] = ""
    fit: Callable[[Table], Scorer] = logistic
    more: tuple[str, ...] = ()
    further: bool = False
    twins: tuple[str, ...] = PAIRS[0]


def kept_features(subject: Subject, seen: Seen) -> Tensor:
    """What the consistency auditor reads."""
    return torch.cat([f.agreement(seen, SIXTEEN, f.LAST), f.bands(subject, seen)], dim=1)


def _thirteen_and(other: Callable[[Subject, Seen], Tensor]) -> Callable[[Subject, Seen], Tensor]:
    return lambda subject, seen: torch.cat([f.agreement(seen, THIRTEEN, f.LAST), other(subject, seen)], dim=1)


@lru_cache
def _centres(subject: Subject) -> Tensor:
    return f.blind_centres(subject)


def _recovered(subject: Subject) -> str:
    head = subject.network.head
    assert head is not None
    return f"{f.recovered(_centres(subject), head)} of {len(head)} class centres found (cosine above 0.8)"


ONE_TWIN = PAIRS[0][:1]
FEW = f"one twin, at most {FEWER} siblings a split, no outsiders"
KEPT = "16 views, last tap, 4 bands"

ATTEMPTS = (
    Attempt("13 views, all taps", BEFORE, lambda s, x: f.agreement(x, THIRTEEN, EVERY_TAP), "what shipped before"),
    Attempt("mirror image alone, last tap", 1, lambda s, x: f.agreement(x, MIRROR, f.LAST),
            "recognisers are trained on mirror images"),
    Attempt("13 views without the mirror image, last tap", BEFORE - 1, lambda s, x: f.agreement(x, THIRTEEN[1:], f.LAST)),
    Attempt("13 views, embedding only", BEFORE, lambda s, x: f.agreement(x, THIRTEEN, ())),
    Attempt("13 views, last tap", BEFORE, lambda s, x: f.agreement(x, THIRTEEN, f.LAST)),
    Attempt("13 views, last tap", BEFORE, lambda s, x: f.agreement(x, THIRTEEN, f.LAST),
            f"for the next two lines; {FEW}", further=True, twins=ONE_TWIN),
    Attempt("56 views: parts, boards, colours, mixtures, shuffles, turns", len(ALL), lambda s, x: f.agreement(x, ALL, f.LAST),
            FEW, further=True, twins=ONE_TWIN),
    Attempt("every pair among 56 views", len(ALL), lambda s, x: f.pairs(x, ALL), FEW, further=True, twins=ONE_TWIN),
    Attempt("every pair among 13 views", BEFORE, lambda s, x: f.pairs(x, THIRTEEN), "parts of one picture with each other"),
    Attempt("mean embedding of 13 views", BEFORE, lambda s, x: f.mean_embedding(x, THIRTEEN),
            "augment and average: its length, the cosine to it"),
    Attempt("13 views, last tap, and that mean", BEFORE, _thirteen_and(lambda s, x: f.mean_embedding(x, THIRTEEN))),
    Attempt("13 views, last tap, spectrum of their Gram matrix", BEFORE, _thirteen_and(lambda s, x: f.spectrum(x, THIRTEEN))),
    Attempt("13 views, last tap, half whitened", BEFORE, _thirteen_and(lambda s, x: f.whitened(s, x, THIRTEEN, 0.25)),
            "by how views move the embedding of non-members"),
    Attempt("13 views, last tap, whitened", BEFORE, _thirteen_and(lambda s, x: f.whitened(s, x, THIRTEEN, 0.5))),
    Attempt("distance to batch-norm statistics", 0, lambda s, x: x.statistics, "channel means and variances at four taps"),
    Attempt("13 views, last tap, and that distance", BEFORE, _thirteen_and(lambda s, x: x.statistics)),
    Attempt("mirror image, last tap cell by cell, three scales", 1,
            lambda s, x: torch.cat([f.agreement(x, MIRROR, f.LAST), f.cells(x)], dim=1), "maps; each cell also mirrored back"),
    Attempt("13 views, last tap, and those cells", BEFORE, _thirteen_and(lambda s, x: f.cells(x))),
    Attempt("non-Gaussianity of strangers along the crop's direction", 1, f.tails, "class centres are directions with tails"),
    Attempt("13 views, last tap, and that", BEFORE, _thirteen_and(f.tails)),
    Attempt("nearest class centre found blind, by ICA of strangers", 0, lambda s, x: f.nearest(x, _centres(s)), _recovered),
    Attempt("13 views, last tap, 4 bands", BEFORE, _thirteen_and(f.bands)),
    Attempt("16 views, last tap", len(SIXTEEN), lambda s, x: f.agreement(x, SIXTEEN, f.LAST),
            "half mirrored, strong noise and coarse added"),
    Attempt(KEPT, len(SIXTEEN), kept_features),
    Attempt("16 views, all taps, 4 bands", len(SIXTEEN),
            lambda s, x: torch.cat([f.agreement(x, SIXTEEN, EVERY_TAP), f.bands(s, x)], dim=1)),
    Attempt("16 views, last tap, 8 bands", len(SIXTEEN),
            lambda s, x: torch.cat([f.agreement(x, SIXTEEN, f.LAST), f.bands(s, x, 32)], dim=1)),
    Attempt(f"{KEPT}: support vector machine", len(SIXTEEN), kept_features, "Gaussian kernel", support_vectors),
    Attempt(f"{KEPT}: five perceptrons", len(SIXTEEN), kept_features, "one hidden layer of 32", perceptrons),
    Attempt("attention over 16 views", len(SIXTEEN), lambda s, x: f.view_tokens(x, SIXTEEN),
            "five set networks; of each view its cosines at four taps and the embedding, and its norm", set_networks),
    Attempt("the same, fitted on mirror images as well", len(SIXTEEN), lambda s, x: f.view_tokens(x, SIXTEEN),
            "", set_networks, (MIRRORED,)),
    Attempt("the same, with products of embeddings", len(SIXTEEN),
            lambda s, x: torch.cat([f.view_products(s, x, SIXTEEN), f.view_tokens(x, SIXTEEN)], dim=2),
            "a learned metric, in the bands' directions; features are those of each view", set_networks, (MIRRORED,)),
    Attempt(f"{KEPT}, fitted on the other twin as well", len(SIXTEEN), kept_features,
            "needs a second network with a ledger", more=(OTHER_TWIN,)),
    Attempt(f"{KEPT}, fitted on epoch 32 as well", len(SIXTEEN), kept_features, "needs an earlier checkpoint", more=(EARLIER,)),
    Attempt(f"{KEPT}, fitted on mirror images as well", len(SIXTEEN), kept_features, more=(MIRRORED,)),
    Attempt(f"{KEPT}, refitted", len(SIXTEEN), kept_features, "without the non-members below every member", refitted),
)  # fmt: skip
