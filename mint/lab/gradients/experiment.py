"""Measure gMINT on a twin: the control table of order and reset, and gradients beside loss and class centres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np

from mint.errors import TooFew
from mint.evidence.estimates import TAILS
from mint.evidence.metrics import auc, auc_draws, widened
from mint.evidence.score_table import CALIBRATION, MEMBERS, SIBLINGS, TEST, TRAINING
from mint.gradients.training_step import LAYERS, GradientFeatures, GradientReader, TrainingStep
from mint.lab.gradients.classifiers import Logistic, published_scores
from mint.lab.twin_bundles.roles import identity_numbers, rows_by_role
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import machine
from mint.networks.base import AuditedNetwork

PURPOSES = (TRAINING, TEST, CALIBRATION)  # fit, score, and stand for unused photos
COMBINED = "combined"
PROTOTYPE, YEOM, LENGTHS = "prototype", "loss (Yeom)", "lengths of gradients"
PUBLISHED = "published, {layer}"
WITH_LENGTHS = "prototype and lengths"
SHUFFLED, SHUFFLINGS = "control: shuffled labels", 10
AGAINST_OTHERS, AMONG_OTHERS = "members against others", "others against others"
MIN_OF_A_SIDE = 20  # photos of a side

Pair = tuple[np.ndarray, np.ndarray]  # of members and of others
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Photos of one kind, of people to fit on or of others to score.

    Attributes:
        rows: of the pool.
        people: who is on each.
    """

    rows: np.ndarray
    people: np.ndarray


def measure(
    pool: Pool, network: AuditedNetwork, name: str, most: int, seed: int, report: Report = lambda line: None
) -> dict[str, Any]:
    """Measure one twin.

    Args:
        pool: crops and ledger.
        network: with weights and head.
        name: by which the ledger knows it.
        most: photos of a kind, of the people to fit on and of those to score.
        seed: of the choice, the orders and the classifiers.
        report: called with a line a run over the photos.

    Returns:
        JSON values: ``control_table``, ``rows``, ``paired``, ``speaks``, and what an audit needs.

    Raises:
        BadInput: the network's gradients cannot be read.
        TooFew: the ledger has not enough photos.
    """
    sides = {(p, group): _side(pool, name, p, group, most, seed) for p in PURPOSES for group in (MEMBERS, SIBLINGS)}
    few = min(len(side.rows) for side in sides.values())
    if few < MIN_OF_A_SIDE:
        raise TooFew(f"Gradients need {MIN_OF_A_SIDE} photos of each kind to fit and to score; the ledger has {few}.")
    reader = GradientReader(network)
    runs = _Runs(pool, reader, np.random.default_rng([seed, 7]), report)
    table, apart, features = _control_table(runs, sides, seed)
    fit, shown = (features.of(sides[p, MEMBERS], sides[p, SIBLINGS]) for p in PURPOSES[:2])
    scores, together = _scores(*fit, shown[0], seed)
    people = (sides[TEST, MEMBERS].people, sides[TEST, SIBLINGS].people)
    rows = {what: _figure(values, shown[1], people) for what, values in scores.items()}
    rows[SHUFFLED] = _shuffled(*fit, *shown, people, seed)
    best = max((YEOM, PROTOTYPE), key=lambda what: rows[what]["auc"])
    alone = [what for what in scores if what not in (YEOM, PROTOTYPE, WITH_LENGTHS)]
    strongest = max(alone, key=lambda what: rows[what]["auc"])
    paired = {
        "beats": _paired(scores[strongest], scores[best], shown[1], people, strongest, best),
        "adds": _paired(scores[WITH_LENGTHS], scores[PROTOTYPE], shown[1], people, WITH_LENGTHS, PROTOTYPE),
    }
    others = sides[CALIBRATION, SIBLINGS]
    known = runs.read(others.rows, reset=True)
    return {
        "network": name,
        "fingerprint": network.fingerprint,
        "seed": seed,
        **machine(),
        "step": asdict(TrainingStep()),
        "photos": {f"{p}, {group}": len(side.rows) for (p, group), side in sides.items() if p != CALIBRATION},
        "people": {p: len(np.unique(sides[p, MEMBERS].people)) for p in PURPOSES},
        "control_table": table,
        "orders_apart": apart,
        "rows": rows,
        "paired": paired,
        "speaks": any(one["low"] > 0 for one in paired.values()),
        "auditor": together.to_dict(),
        "unused": {
            "scores": [float(s) for s in together.scores(_lengths_and_prototype(known))],
            "people": [int(p) for p in others.people],
        },
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """Features of rows of the pool."""

    rows: np.ndarray
    features: GradientFeatures

    def of(self, first: Side, second: Side) -> tuple[GradientFeatures, np.ndarray]:
        """Return the features of two sides, and which are the first's."""
        place = {int(row): i for i, row in enumerate(self.rows)}
        picked = np.array([place[int(row)] for row in (*first.rows, *second.rows)])
        return self.features[picked], np.arange(len(picked)) < len(first.rows)


class _Runs:
    """Reads photos of a pool in an order."""

    def __init__(self, pool: Pool, reader: GradientReader, random: np.random.Generator, report: Report) -> None:
        self.pool, self.reader, self.random, self.report = pool, reader, random, report

    def read(self, rows: np.ndarray, reset: bool, shuffled: bool = False) -> GradientFeatures:
        """Read rows, in their order or in a drawn one; features are those of the rows, in the rows' order."""
        order = self.random.permutation(len(rows)) if shuffled else np.arange(len(rows))
        self.report(f"{len(rows)} photos, {'reset' if reset else 'no reset'}, {'shuffled' if shuffled else 'in order'}")
        return self.reader.read(self.pool.crops[rows[order]], reset)[np.argsort(order)]


def _control_table(
    runs: _Runs, sides: dict[tuple[str, str], Side], seed: int
) -> tuple[list[dict[str, Any]], float, _Read]:
    """Fill {reset, no reset} × {first side first, shuffled} × {members against others, others against others}."""
    halves = _halves(sides, np.random.default_rng([seed, 8]))
    contests = {
        AGAINST_OTHERS: {p: (sides[p, MEMBERS], sides[p, SIBLINGS]) for p in PURPOSES[:2]},
        AMONG_OTHERS: halves,
    }
    table: list[dict[str, Any]] = []
    found: dict[tuple[bool, bool, str], _Read] = {}
    for reset, shuffled in product((True, False), (False, True)):
        for contest, pairs in contests.items():
            # In order: all of the first side, to fit and to score, before the second.
            rows = np.concatenate([pairs[p][k].rows for k in (0, 1) for p in PURPOSES[:2]])
            read = _Read(rows, runs.read(rows, reset, shuffled))
            found[reset, shuffled, contest] = read
            fit, shown = (read.of(*pairs[p]) for p in PURPOSES[:2])
            scores = published_scores(combined(fit[0]), fit[1], combined(shown[0]), seed)
            figure = _figure(scores, shown[1], (pairs[PURPOSES[1]][0].people, pairs[PURPOSES[1]][1].people))
            table.append({"reset": reset, "shuffled": shuffled, "contest": contest, **figure})
    first, again = (found[True, shuffled, AGAINST_OTHERS].features for shuffled in (False, True))
    apart = max(float(np.abs(first.means[layer] - again.means[layer]).max()) for layer in LAYERS)
    return table, apart, found[True, False, AGAINST_OTHERS]


def _halves(sides: dict[tuple[str, str], Side], random: np.random.Generator) -> dict[str, tuple[Side, Side]]:
    """Split the others of each purpose in two halves that differ in nothing."""
    found = {}
    for purpose in PURPOSES[:2]:
        side = sides[purpose, SIBLINGS]
        order = random.permutation(len(side.rows))
        first, second = np.array_split(order, 2)
        found[purpose] = (Side(side.rows[first], side.people[first]), Side(side.rows[second], side.people[second]))
    return found


def combined(features: GradientFeatures) -> np.ndarray:
    """Return the published means of all layers: (N, sum of C)."""
    return np.concatenate([features.means[layer] for layer in LAYERS], axis=1)


def _lengths_and_prototype(features: GradientFeatures) -> np.ndarray:
    return np.concatenate([features.prototype, features.norms], axis=1)


def _scores(
    fit: GradientFeatures, member: np.ndarray, shown: GradientFeatures, seed: int
) -> tuple[dict[str, np.ndarray], Logistic]:
    """Score test photos by everything that is compared; and return what an audit would use."""
    together = Logistic.fit(_lengths_and_prototype(fit), member)
    found = {
        PUBLISHED.format(layer=layer): published_scores(fit.means[layer], member, shown.means[layer], seed)
        for layer in LAYERS
    }
    found[PUBLISHED.format(layer=COMBINED)] = published_scores(combined(fit), member, combined(shown), seed)
    found[LENGTHS] = Logistic.fit(fit.norms, member).scores(shown.norms)
    found[YEOM] = -shown.loss.astype(np.float64)
    found[PROTOTYPE] = Logistic.fit(fit.prototype, member).scores(shown.prototype)
    found[WITH_LENGTHS] = together.scores(_lengths_and_prototype(shown))
    return found, together


def _shuffled(
    fit: GradientFeatures,
    member: np.ndarray,
    shown: GradientFeatures,
    shown_member: np.ndarray,
    people: Pair,
    seed: int,
) -> dict[str, Any]:
    """What labels that mean nothing find: the mean AUC of several shufflings, and the 95 % interval over them and over people.

    One shuffling alone says little: where members differ strongly, any direction that chance fits tells them apart a little, one
    way or the other.
    """
    values, drawn = [], []
    for number in range(SHUFFLINGS):
        mixed = np.random.default_rng([seed, 9, number]).permutation(member)
        scores = published_scores(combined(fit), mixed, combined(shown), seed)
        values.append(auc(scores[shown_member], scores[~shown_member]))
        drawn.append(auc_draws(scores[shown_member], scores[~shown_member], *people))
    low, high = np.quantile(np.concatenate(drawn), TAILS)
    return {
        "auc": float(np.mean(values)), "auc_low": float(low), "auc_high": float(high),
        "members": int(shown_member.sum()), "non_members": int((~shown_member).sum()), "shufflings": SHUFFLINGS,
    }  # fmt: skip


def _side(pool: Pool, name: str, purpose: str, group: str, most: int, seed: int) -> Side:
    """Choose photos of generated people of one purpose and group."""
    index = rows_by_role(pool.rows, name, purpose, seed, 10**6)[group]
    index = index[[pool.rows[i].source == GAN for i in index]]
    rows = np.sort(np.random.default_rng([seed, len(index)]).permutation(index)[:most])
    return Side(rows, identity_numbers(pool.rows)[rows])


def _figure(scores: np.ndarray, member: np.ndarray, people: Pair) -> dict[str, Any]:
    """AUC with its 95 % interval over people."""
    drawn = auc_draws(scores[member], scores[~member], *people)
    value, (low, high), fewest = auc(scores[member], scores[~member]), np.quantile(drawn, TAILS), _fewest(people)
    low, high = widened(value, float(low), float(high), fewest)
    return {
        "auc": value, "auc_low": low, "auc_high": high,
        "members": int(member.sum()), "non_members": int((~member).sum()), "people": fewest,
    }  # fmt: skip


def _paired(
    ours: np.ndarray, theirs: np.ndarray, member: np.ndarray, people: Pair, what: str, than: str
) -> dict[str, Any]:
    """How much more AUC one score has than another on the same photos, with its 95 % interval over people."""
    drawn = [auc_draws(scores[member], scores[~member], *people) for scores in (ours, theirs)]
    low, high = np.quantile(drawn[0] - drawn[1], TAILS)
    gain = auc(ours[member], ours[~member]) - auc(theirs[member], theirs[~member])
    low, high = widened_gain(gain, float(low), float(high), _fewest(people))
    return {"what": what, "than": than, "gain": gain, "low": low, "high": high}


def widened_gain(gain: float, low: float, high: float, people: int) -> tuple[float, float]:
    """Widen the interval of a gain that no draw of people changed: as far as an AUC of so many without an exception may fall."""
    if low != high:
        return low, high
    unseen = 1 - widened(1.0, 1.0, 1.0, people)[0]
    return gain - unseen, gain + unseen


def _fewest(people: Pair) -> int:
    return min(len(np.unique(side)) for side in people)
