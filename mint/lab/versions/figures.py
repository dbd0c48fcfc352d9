"""What the sequence of versions tells of test people, beside what the last version alone tells, and the controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf

from mint.evidence.bootstrap import DRAWS, identity_weights, weighted_auc, weighted_tprs
from mint.evidence.estimates import TAILS
from mint.evidence.metrics import LOW_FPR, auc, clustered_rate, tpr_at_fpr, widened
from mint.evidence.score_table import SIBLINGS
from mint.evidence.sequence import Floats, SequenceTest
from mint.lab.versions.acceptance import GAINS, LAST, TWO_PASSES
from mint.lab.versions.fit import History

ALPHAS = (0.01, 0.05)
SHUFFLED_SEED = 7
Bools = NDArray[np.bool_]
Row = dict[str, Any]


def figures(test: SequenceTest, known: History, tested: History, last: tuple[Floats, Floats], diluted: Bools) -> Row:
    """Return all figures of one score.

    Args:
        test: calibrated on ``known``.
        known: people that the test was calibrated on.
        tested: people that it knows nothing of.
        last: of the same forward passes under the last version alone: (N, K) scores of known and of tested photos.
        diluted: (N,) tested photos that one early version alone used.
    """
    final = linear(last[0], known)(last[1])
    sequence = test.statistic(tested.scores)
    others, stayed = tested.kinds == SIBLINGS, tested.stayed
    out = ~tested.never & ~stayed & ~diluted
    return {
        "presence": {
            name: compared(sequence, final, tested.scores[:, -1], tested, which, others)
            for name, which in (("stayed", stayed), ("diluted", diluted))
        },
        "version": version_figures(test, tested[stayed]),
        "alarms": [_alarms(test, tested, alpha, diluted) for alpha in ALPHAS],
        "removal": removal_figures(test, tested[stayed], tested[out]),
        "shuffled": shuffled(test, tested[stayed]),
    }


def linear(scores: Floats, known: History) -> Callable[[Floats], Floats]:
    """Fit the best linear score of members that stayed against siblings, with the covariance shrunk as for the sequence."""
    others = scores[known.kinds == SIBLINGS]
    towards = scores[known.stayed].mean(axis=0) - others.mean(axis=0)
    weights = np.linalg.solve(LedoitWolf().fit(others).covariance_, towards)
    return lambda shown: np.asarray(shown @ weights, np.float64)


def compared(sequence: Floats, final: Floats, one_look: Floats, of: History, used: Bools, others: Bools) -> Row:
    """Return AUC and TPR at 1 % FPR of the sequence and of the last version, and their differences, paired by people.

    The last version has two forms: of as many forward passes as the sequence, fitted; and of the two passes that a score takes
    under one version, with no fit. More passes can make it worse, so the sequence is set beside both.
    """
    scores = {"sequence": sequence, LAST: final, TWO_PASSES: one_look}
    people = of.people[used], of.people[others]
    weights = list(identity_weights(*people, DRAWS, 0))
    drawn: dict[str, dict[str, Floats]] = {}
    found: Row = {"members": int(used.sum()), "non_members": int(others.sum()), "people": len(np.unique(people[0]))}
    enough = LOW_FPR * others.sum() >= 10
    for name, score in scores.items():
        m, n = score[used], score[others]
        drawn[name] = {"auc": np.concatenate([weighted_auc(m, n, *block) for block in weights])}
        values = {"auc": auc(m, n)}
        if enough:
            drawn[name]["tpr"] = np.concatenate([weighted_tprs(m, n, *block, (LOW_FPR,))[0] for block in weights])
            values["tpr"] = tpr_at_fpr(m, n, LOW_FPR)
        found[name] = {key: _interval(value, drawn[name][key], found["people"]) for key, value in values.items()}
    for rival, gain in GAINS.items():
        found[gain] = {
            key: _interval(
                found["sequence"][key]["value"] - found[rival][key]["value"], drawn["sequence"][key] - drawn[rival][key]
            )
            for key in found["sequence"]
        }
    return found


def version_figures(test: SequenceTest, members: History) -> Row:
    """Return ``named`` of all members and by version, and how often naming the most common version would be right."""
    return {
        **named(test, members),
        "most_common": float(np.bincount(members.first).max() / len(members)),
        "by_version": [named(test, members[members.first == t]) for t in range(members.versions)],
    }


def named(test: SequenceTest, members: History) -> Row:
    """Return how often the version of the first use is named right and the set of versions holds it, and how large that is."""
    right, inside = test.first_used(members.scores) == members.first, test.sets(members.scores)
    covered = inside[np.arange(len(members)), members.first]
    return {
        "right": asdict(clustered_rate(right, members.people)),
        "covered": asdict(clustered_rate(covered, members.people)),
        "in_set": float(inside.sum(1).mean()),
    }


def removal_figures(test: SequenceTest, stayed: History, out: History) -> Row:
    """Return how well photos that were taken out are told from members that stayed, and at which version."""
    scores = {name: test.removal_statistic(of.scores) for name, of in (("out", out), ("stayed", stayed))}
    weights = identity_weights(out.people, stayed.people, DRAWS, 0)
    drawn = np.concatenate([weighted_auc(scores["out"], scores["stayed"], *block) for block in weights])
    p = {name: test.removal_p_values(of.scores) for name, of in (("out", out), ("stayed", stayed))}
    return {
        "auc": _interval(auc(scores["out"], scores["stayed"]), drawn, len(np.unique(out.people))),
        "right": asdict(clustered_rate(test.taken_out(out.scores) == out.out, out.people)),
        "fade": test.model.fade,
        "found": {f"{a:g}": asdict(clustered_rate(p["out"] <= a, out.people)) for a in ALPHAS},
        "alarms": {f"{a:g}": asdict(clustered_rate(p["stayed"] <= a, stayed.people)) for a in ALPHAS},
    }


def shuffled(test: SequenceTest, members: History) -> Row:
    """Return how often the version is named right when each photo's increments change places, as a mean over the versions.

    Of members that a later version than the first used first, and among these versions: by chance that is 1 of V - 1, whichever
    is named most. To shuffle the scores would not do: a photo that is used early scores high under many versions in any order.
    """
    later = members[members.first > 0]
    scores = increments_shuffled(later.scores - test.model.mean, SHUFFLED_SEED) + test.model.mean
    right = test.model.ratios(scores)[:, 1:].argmax(axis=1) + 1 == later.first
    each = [later.first == t for t in range(1, members.versions)]
    drawn = [
        np.mean([(w[:, of] @ right[of]) / np.maximum(w[:, of].sum(1), 1) for of in each], axis=0)
        for w, _ in identity_weights(later.people, later.people, DRAWS, 0)
    ]
    found = _interval(float(np.mean([right[of].mean() for of in each])), np.concatenate(drawn))
    return {"right": {**found, "n": len(later)}, "chance": 1 / len(each)}


def increments_shuffled(scores: Floats, seed: int) -> Floats:
    """Return (N, V) scores that begin as they did and whose increments stand in another order, drawn for each photo."""
    steps = np.random.default_rng(seed).permuted(np.diff(scores, axis=1), axis=1)
    found: Floats = np.concatenate([scores[:, :1], steps], axis=1).cumsum(axis=1)
    return found


def other_twin(test: SequenceTest, scores: Floats, people: NDArray[np.int64], used: Bools, neither: Bools) -> Row:
    """Return the AUC of one twin's members against photos that neither used, by a twin that used none of them."""
    statistic = test.statistic(scores)
    m, n = statistic[used], statistic[neither]
    drawn = np.concatenate(
        [weighted_auc(m, n, *block) for block in identity_weights(people[used], people[neither], DRAWS, 0)]
    )
    return {"auc": _interval(auc(m, n), drawn, len(np.unique(people[used]))), "members": len(m), "non_members": len(n)}


def _alarms(test: SequenceTest, tested: History, alpha: float, diluted: Bools) -> Row:
    low = test.p_values(tested.scores) <= alpha
    groups = {kind: tested.kinds == kind for kind in test.never} | {"stayed": tested.stayed, "diluted": diluted}
    return {
        "alpha": alpha,
        **{name: asdict(clustered_rate(low[of], tested.people[of])) for name, of in groups.items() if of.any()},
    }


def _interval(value: float, drawn: Floats, people: int | None = None) -> Mapping[str, float]:
    low, high = (float(q) for q in np.quantile(drawn, TAILS))
    if people is not None:
        low, high = widened(value, low, high, people)
    return {"value": value, "low": low, "high": high}
