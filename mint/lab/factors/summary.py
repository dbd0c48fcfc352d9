"""Figures of a setting over its seeds, and what it changes against the base on the same photos, with intervals over people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.errors import TooFew
from mint.evidence.bootstrap import DRAWS, identity_weights, weighted_auc, weighted_tprs
from mint.evidence.estimates import TAILS
from mint.evidence.metrics import LOW_FPR, auc, tpr_at_fpr, widened
from mint.evidence.score_table import EXPOSURE, MEMBERS
from mint.lab.factors.network import AUDITORS, SIDES
from mint.lab.factors.settings import BASE, Setting
from mint.lab.twins.ledger import Row

MIN_SEEDS = 2  # seeds: what one network shows may be that network's
MEASURES = ("auc", "tpr_at_1pct_fpr")
Floats = NDArray[np.float64]
Runs = Mapping[int, Mapping[str, Any]]  # seed to what ``figures_of`` returned
Scores = Mapping[str, Mapping[str, Any]]  # an auditor's, of either side


def summary(setting: Setting, runs: Runs, base: Runs, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return a setting's figures: one entry, or one for each dose where photos of one network differ in exposure.

    Args:
        setting: which.
        runs: its networks.
        base: those of the base.
        rows: the pool's ledger, for the people.

    Returns:
        ``factor``, ``level``, ``seeds``, of each seed's network ``people``, ``photos``, ``training_accuracy``, ``seconds``
        and ``strangers``, and a row for each auditor: means over the seeds, with intervals over people.
    """
    about = {
        "factor": setting.factor,
        "seeds": list(runs),
        **{name: [run[name] for run in runs.values()] for name in ("training_accuracy", "seconds", "strangers")},
        **{name: next(iter(runs.values()))[name] for name in ("people", "photos", "fitted_on")},
    }
    levels: dict[str, int | None] = {f"{dose} an epoch": dose for dose in setting.doses} or {setting.level: None}
    return [{**about, "level": level, "rows": _rows(setting, runs, base, rows, dose)} for level, dose in levels.items()]


def _rows(setting: Setting, runs: Runs, base: Runs, rows: Sequence[Row], dose: int | None) -> list[dict[str, Any]]:
    both = [seed for seed in runs if seed in base and setting.factor != BASE]
    found = []
    for auditor in AUDITORS.values():
        shown = {seed: of_dose(run["scores"][auditor], dose) for seed, run in runs.items()}
        figures = over_seeds(list(shown.values()), rows)
        if both:
            figures |= _gains([shown[seed] for seed in both], [base[seed]["scores"][auditor] for seed in both], rows)
        found.append({"auditor": auditor, **figures})
    return found


def over_seeds(networks: Sequence[Scores], rows: Sequence[Row]) -> dict[str, Any]:
    """Return AUC and TPR at 1 % FPR, means over networks that scored photos of the same people, and each network's."""
    values, drawn = _figures(networks, rows)
    members, siblings = (networks[0][side]["row"] for side in SIDES)
    people = {rows[i].identity for i in members}
    found: dict[str, Any] = {"members": len(members), "non_members": len(siblings), "member_people": len(people)}
    for name in MEASURES:
        if name not in values:
            found |= {name: None, f"{name}_low": None, f"{name}_high": None}
            continue
        value, (low, high) = float(np.mean(values[name])), np.quantile(drawn[name].mean(0), TAILS)
        low, high = widened(value, float(low), float(high), len(people))
        found |= {name: value, f"{name}_low": low, f"{name}_high": high, f"{name}_by_seed": values[name]}
    return found


def _gains(ours: Sequence[Scores], theirs: Sequence[Scores], rows: Sequence[Row]) -> dict[str, Any]:
    """Return what is gained over the base, of the same seeds and on the members that both were scored on.

    ``clear``: there are two seeds at least, all gains have one sign, and the interval of their mean leaves out 0.
    """
    pairs = [_in_common(mine, other) for mine, other in zip(ours, theirs, strict=True)]
    figures = [_figures(side, rows) for side in zip(*pairs, strict=True)]
    found: dict[str, Any] = {"gain_members": len(pairs[0][0][MEMBERS]["row"])}
    for name in MEASURES:
        if name not in figures[0][0]:
            continue
        by_seed = [a - b for a, b in zip(figures[0][0][name], figures[1][0][name], strict=True)]
        low, high = np.quantile((figures[0][1][name] - figures[1][1][name]).mean(0), TAILS)
        agree = len(by_seed) >= MIN_SEEDS and len({np.sign(gain) for gain in by_seed}) == 1
        clear = bool((low > 0 or high < 0) and agree)
        found |= {
            f"{name}_gain": float(np.mean(by_seed)), f"{name}_gain_low": float(low), f"{name}_gain_high": float(high),
            f"{name}_gain_by_seed": by_seed, f"{name}_gain_clear": clear,
        }  # fmt: skip
    return found


def _figures(networks: Sequence[Scores], rows: Sequence[Row]) -> tuple[dict[str, list[float]], dict[str, Floats]]:
    """Return measure to each network's value, and to (networks, draws) values of resampled people."""
    values: dict[str, list[float]] = {}
    drawn: dict[str, list[Floats]] = {}
    for scores in networks:
        m, n = (np.asarray(scores[side]["score"], np.float64) for side in SIDES)
        used, others = ([rows[i].identity for i in scores[side]["row"]] for side in SIDES)
        told = {"auc": auc(m, n)}
        with suppress(TooFew):
            told["tpr_at_1pct_fpr"] = tpr_at_fpr(m, n, LOW_FPR)
        blocks: dict[str, list[Floats]] = {name: [] for name in told}
        for weights in identity_weights(used, others, DRAWS, 0):
            blocks["auc"].append(weighted_auc(m, n, *weights))
            if "tpr_at_1pct_fpr" in told:
                blocks["tpr_at_1pct_fpr"].append(weighted_tprs(m, n, *weights, (LOW_FPR,))[0])
        for name, value in told.items():
            values.setdefault(name, []).append(value)
            drawn.setdefault(name, []).append(np.concatenate(blocks[name]))
    return values, {name: np.stack(found) for name, found in drawn.items()}


def of_dose(scores: Scores, dose: int | None) -> Scores:
    """Return the scores with only those members that an epoch shows so often; all if None."""
    if dose is None:
        return scores
    kept = [k for k, times in enumerate(scores[MEMBERS][EXPOSURE]) if times == dose]
    return {**scores, MEMBERS: _picked(scores[MEMBERS], kept)}


def _in_common(ours: Scores, theirs: Scores) -> tuple[Scores, Scores]:
    """Keep the photos of either side that both networks were scored on, in one order."""
    found: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for side in SIDES:
        shared = sorted(set(ours[side]["row"]) & set(theirs[side]["row"]))
        for kept, scores in zip(found, (ours, theirs), strict=True):
            place = {row: k for k, row in enumerate(scores[side]["row"])}
            kept[side] = _picked(scores[side], [place[row] for row in shared])
    return found


def _picked(side: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    return {name: [values[k] for k in kept] for name, values in side.items()}
