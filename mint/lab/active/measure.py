"""Figures of scores by group, with intervals over people; means over networks of several seeds, drawn together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.evidence.bootstrap import DRAWS, identity_weights
from mint.evidence.estimates import TAILS
from mint.evidence.metrics import CHANCE, auc, auc_draws, balanced_accuracy, best_threshold, clustered_rate, widened
from mint.evidence.score_table import OUTSIDERS, TEST, VALIDATION
from mint.lab.active.groups import KNOWN, SECRET, SECRET_SIBLINGS, UNSEEN, Groups
from mint.lab.inputs.splits import Indices

REACHED = 0.80  # balanced accuracy of known against unseen
LOST = 0.02  # of recognition, at most
EDITED = "known, edited"  # copies of known photos, altered as a messenger or another cut alters a photo
ACTIVE, HONEST, SHUFFLED = "active", "active, no ghosts", "shuffled lists"
PASSIVE, UNTRAINED, PIXELS, LEDGER = "passive", "untrained network", "pixels", "ledger of hashes"
CONTROLS = (PASSIVE, UNTRAINED, PIXELS, LEDGER)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contest:
    """Two sides of test photos.

    Attributes:
        name: of the row.
        group: of the first side.
        others: groups of the second side.
    """

    name: str
    group: str
    others: tuple[str, ...]


CONTESTS = (
    Contest("known against unseen", KNOWN, UNSEEN[KNOWN]),
    Contest("known against their siblings", KNOWN, UNSEEN[KNOWN][:1]),
    Contest("known against outsiders", KNOWN, (OUTSIDERS,)),
    Contest("known, edited, against unseen", EDITED, UNSEEN[KNOWN]),
    Contest("secret against unseen", SECRET, UNSEEN[SECRET]),
    Contest("secret against their siblings", SECRET, (SECRET_SIBLINGS,)),
    Contest("secret against outsiders", SECRET, (OUTSIDERS,)),
    Contest("ghosts against outsiders", "ghost", (OUTSIDERS,)),
)
KNOWN_UNSEEN, SECRET_UNSEEN = CONTESTS[0].name, CONTESTS[4].name


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What one auditor says of every photo that is scored.

    Attributes:
        scores: row number to score.
        edited: the same, of the edited copies of known photos.
    """

    scores: Mapping[int, float]
    edited: Mapping[int, float]

    def of(self, groups: Groups, group: str, purpose: str) -> tuple[Floats, Indices]:
        """Return scores and people of a group's photos of a purpose."""
        rows = groups.part(KNOWN if group == EDITED else group, purpose)
        source = self.edited if group == EDITED else self.scores
        return np.array([source[int(row)] for row in rows], np.float64), groups.people[rows].astype(np.int64)

    def sides(self, groups: Groups, contest: Contest, purpose: str) -> tuple[Floats, Floats, Indices, Indices]:
        """Return scores of both sides, then their people."""
        first, people = self.of(groups, contest.group, purpose)
        others = [self.of(groups, name, purpose) for name in contest.others]
        return first, np.concatenate([s for s, _ in others]), people, np.concatenate([p for _, p in others])

    def threshold(self, groups: Groups) -> float:
        """Return the threshold of the best balanced accuracy of known against unseen validation people.

        It lies midway to the next lower score, so that where a gap parts the sides its middle counts: a ledger's would
        be exact copies alone.
        """
        first, others, _, _ = self.sides(groups, CONTESTS[0], VALIDATION)
        at, every = best_threshold(first, others), np.concatenate([first, others])
        return float((at + max(every[every < at], default=at)) / 2)


def validation_auc(scored: Scored, groups: Groups) -> float:
    """Return the AUC of known against unseen validation people, by which weights of losses are compared."""
    return auc(*scored.sides(groups, CONTESTS[0], VALIDATION)[:2])


def contest_row(networks: Sequence[Scored], groups: Groups, contest: Contest) -> dict[str, Any]:
    """Return AUC and balanced accuracy of test photos: means over networks, with 95 % intervals over people.

    The threshold of the accuracy is each network's, of validation people.
    """
    values, drawn = _aucs(networks, groups, contest)
    accuracies, accuracy_draws = [], []
    for scored in networks:
        m, n, first, second = scored.sides(groups, contest, TEST)
        at = scored.threshold(groups)
        accuracies.append(balanced_accuracy(m, n, at))
        blocks = [
            (w_m @ (m >= at) / w_m.sum(1) + w_n @ (n < at) / w_n.sum(1)) / 2
            for w_m, w_n in identity_weights(first, second, DRAWS, 0)
        ]
        accuracy_draws.append(np.concatenate(blocks))
    m, n, first, second = networks[0].sides(groups, contest, TEST)
    counts = [len(np.unique(side)) for side in (first, second)]
    found: dict[str, Any] = {"contest": contest.name}
    for name, each, draws in (("auc", values, drawn), ("accuracy", accuracies, np.stack(accuracy_draws))):
        value, (low, high) = float(np.mean(each)), np.quantile(draws.mean(0), TAILS)
        low, high = widened(value, float(low), float(high), min(counts))
        found |= {name: value, f"{name}_low": low, f"{name}_high": high, f"{name}_by_seed": each}
    return found | {
        "members": len(m),
        "non_members": len(n),
        "member_people": counts[0],
        "non_member_people": counts[1],
    }


def called_used(networks: Sequence[Scored], groups: Groups, group: str) -> dict[str, Any]:
    """Return the share of a group's test photos that are called used at the networks' thresholds.

    Over several networks a person's photos count once for each: the interval allows for that as for several photos.
    """
    hits, people = [], []
    for scored in networks:
        scores, theirs = scored.of(groups, group, TEST)
        hits.append(scores >= scored.threshold(groups))
        people.append(theirs)
    found = clustered_rate(np.concatenate(hits), np.concatenate(people))
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n, "people": found.people}


def gate(systems: Mapping[str, Sequence[Scored]], groups: Groups) -> dict[str, Any]:
    """Ask whether the auditor may speak of photos that were kept from it: it must beat every control on secret photos.

    The claim is AUC(active) - max AUC(controls), secret against unseen, paired by people; it holds when the 95 % interval
    lies above 0. Controls below 0.5 count as 0.5: whoever beats them alone has found nothing.

    Returns:
        ``passes``, ``margin``, ``low``, ``high``, and ``best``: the control with the highest AUC.
    """
    contest = next(one for one in CONTESTS if one.name == SECRET_UNSEEN)
    figures = {name: _aucs(systems[name], groups, contest) for name in (ACTIVE, *CONTROLS)}
    means = {name: float(np.mean(values)) for name, (values, _) in figures.items()}
    best = max(CONTROLS, key=lambda name: means[name])
    beaten = np.max([figures[name][1].mean(0) for name in CONTROLS], axis=0).clip(min=CHANCE)
    low, high = np.quantile(figures[ACTIVE][1].mean(0) - beaten, TAILS)
    return {
        "passes": bool(low > 0), "margin": means[ACTIVE] - max(CHANCE, means[best]), "low": float(low), "high": float(high), "best": best,
    }  # fmt: skip


def _aucs(networks: Sequence[Scored], groups: Groups, contest: Contest) -> tuple[list[float], Floats]:
    """Return each network's AUC, and (networks, draws) of resampled people, the same for all networks and auditors."""
    values, drawn = [], []
    for scored in networks:
        m, n, first, second = scored.sides(groups, contest, TEST)
        values.append(auc(m, n))
        drawn.append(auc_draws(m, n, first, second, DRAWS))
    return values, np.stack(drawn)
