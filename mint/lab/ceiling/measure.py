"""Attack one network with its references: choose on people who are not for test, report on test people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.evidence.metrics import auc
from mint.evidence.score_table import CALIBRATION, MEMBERS, SIBLINGS, TEST
from mint.lab.ceiling.attacks import (
    Bools,
    Floats,
    RmiaSettings,
    fitted,
    lira_offline,
    lira_online,
    matched_slope,
    means,
    ratios,
    rmia,
)
from mint.lab.ceiling.comparison import Side, compared, found_by, rows_of, shuffled
from mint.lab.ceiling.photos import AGAINST, COUNTERPART, OURS, POPULATION, Kind, Photos

CONFIDENCE = "confidence"
LIRA, MATCHED, RMIA, FITTED = "LiRA", "LiRA, matched", "RMIA", "fitted"
ONLINE, FITTED_ONLINE = "LiRA, online", "fitted, online"
OFFLINE = (LIRA, MATCHED, RMIA, FITTED)  # of networks that did not use a photo
ATTACKS = (*OFFLINE, ONLINE, FITTED_ONLINE)
KNOWING = (FITTED, FITTED_ONLINE)  # photos of other people of which the use is known
ONLINE_NETWORKS = 4  # references: a variance needs two that used a photo and two that did not
GRID_A = tuple(round(0.1 * k, 1) for k in range(11))
GRID_GAMMA = (1.0, 2.0)


def measured(
    photos: Photos, target: Floats, references: Floats, used: Bools, offsets: tuple[float, ...], seed: int
) -> dict[str, Any]:
    """Return all figures of one audited network.

    Args:
        photos: the N that were asked about.
        target: (N,) logits under the audited network.
        references: (N, K) logits.
        used: (N, K) which reference used which photo.
        offsets: of the logits, that RMIA may choose from.
        seed: of the shuffled labels.

    Returns:
        ``rmia`` (settings), ``slope``, ``rows`` (AUC, TPR at 1 % and ``calibration_auc`` of each score, test people), ``ceiling``
        (against whom to the offline attack that is strongest on calibration people), ``comparisons`` of ours with every attack,
        ``controls``, and ``among_references``: how well the references' own photos are found.
    """
    settings = choose_rmia(photos, references, used, offsets)
    slope = matched_slope(*_at(photos, (CALIBRATION, SIBLINGS), target, references, used))
    scores = attack_scores(photos, target, references, used, settings, slope)
    sides = {kind: _side(photos, scores, kind) for kind in photos.kinds}
    attacks = [name for name in ATTACKS if name in scores]
    ours = [name for name in OURS if name in photos.ours[TEST, MEMBERS]]
    knows = dict.fromkeys(ours, "nothing") | {CONFIDENCE: "class"} | dict.fromkeys(attacks, "references")
    knows |= dict.fromkeys((name for name in KNOWING if name in attacks), "references and members")
    rows, ceiling, comparisons = [], {}, []
    for against in AGAINST:
        pair = sides[TEST, MEMBERS], sides[TEST, against]
        before = {
            name: auc(sides[CALIBRATION, MEMBERS][0][name], sides[CALIBRATION, against][0][name]) for name in knows
        }
        rows += [{**row, "calibration_auc": before[row["attack"]]} for row in rows_of(*pair, against, knows)]
        ceiling[against] = max((name for name in attacks if name in OFFLINE), key=lambda name: before[name])
        found = {name: found_by(name, *pair) for name in knows}
        comparisons += [
            {"against": against, **compared(found, mine, attack)} for attack in attacks for mine in (*ours, CONFIDENCE)
        ]
    return {
        "rmia": {"a": settings.a, "gamma": settings.gamma, "offset": settings.offset},
        "slope": slope,
        "rows": rows,
        "ceiling": ceiling,
        "comparisons": comparisons,
        "controls": list(_controls(sides, attacks, seed)),
        "among_references": among_references(photos, references, used, settings),
        "population": len(photos.kinds[POPULATION, SIBLINGS]),
    }


def attack_scores(
    photos: Photos, target: Floats, references: Floats, used: Bools, settings: RmiaSettings, slope: float
) -> dict[str, Floats]:
    """Return the (N,) scores of every attack that there are enough references for, and of confidence alone."""
    every = ratios(target, references, used, settings)
    found = {
        CONFIDENCE: target,
        LIRA: lira_offline(target, references, used),
        MATCHED: lira_offline(target, references, used, slope),
        RMIA: rmia(every, every[photos.kinds[POPULATION, SIBLINGS]], settings.gamma),
    }
    member = np.zeros(len(target), bool)
    member[photos.kinds[CALIBRATION, MEMBERS]] = True
    known = np.concatenate([photos.kinds[CALIBRATION, kind] for kind in (MEMBERS, SIBLINGS)])
    out, into = means(references, ~used), means(references, used)
    found[FITTED] = fitted(np.stack([target, out], 1), member, known, photos.people)
    found[FITTED_ONLINE] = fitted(np.stack([target, out, into], 1), member, known, photos.people)
    if references.shape[1] >= ONLINE_NETWORKS:
        found[ONLINE] = lira_online(target, references, used)
    return found


def choose_rmia(photos: Photos, references: Floats, used: Bools, offsets: tuple[float, ...]) -> RmiaSettings:
    """Choose RMIA's settings by attacking every reference with the others, on calibration people; the mean AUC decides.

    Of what the audited network used nothing is asked. With a single pair there is nobody to attack, and a is 0.
    """
    grid = [RmiaSettings(a, gamma, offset) for a in GRID_A for gamma in GRID_GAMMA for offset in offsets]
    places = np.union1d(photos.kinds[CALIBRATION, MEMBERS], photos.kinds[CALIBRATION, SIBLINGS])
    found = {s: [_rmia_among(photos, *one, places, s) for one in _others(references, used)] for s in grid}
    return max(grid, key=lambda s: (float(np.mean(found[s])) if found[s] else 0.0, -s.a))


def among_references(photos: Photos, references: Floats, used: Bools, settings: RmiaSettings) -> dict[str, list[float]]:
    """Return each reference's AUC, of photos of test people that it used against those that it did not, by attack.

    The other of its pair used exactly what it did not: with it among the references, a photo's membership would show in how many
    of them there are to ask.
    """
    places = np.union1d(photos.kinds[TEST, MEMBERS], photos.kinds[TEST, SIBLINGS])
    found: dict[str, list[float]] = {
        CONFIDENCE: [_auc(references[places, k], used[places, k]) for k in range(references.shape[1])]
    }
    for target, member, others, theirs in _others(references, used):
        scores = lira_offline(target, others, theirs)
        found.setdefault(LIRA, []).append(_auc(scores[places], member[places]))
        found.setdefault(RMIA, []).append(_rmia_among(photos, target, member, others, theirs, places, settings))
    return found


def _others(references: Floats, used: Bools) -> Iterator[tuple[Floats, Bools, Floats, Bools]]:
    """Yield each reference as an audited network, and those that are not of its pair as its references."""
    count = references.shape[1]
    for k in range(count if count > 2 else 0):
        rest = [other for other in range(count) if other // 2 != k // 2]
        yield references[:, k], used[:, k], references[:, rest], used[:, rest]


def _rmia_among(
    photos: Photos,
    target: Floats,
    member: Bools,
    others: Floats,
    theirs: Bools,
    places: NDArray[np.int64],
    settings: RmiaSettings,
) -> float:
    """Return RMIA's AUC on a reference; the population are those of its photos that the reference did not use."""
    every = ratios(target, others, theirs, settings)
    population = photos.kinds[POPULATION, SIBLINGS]
    scores = rmia(every[places], every[population[~member[population]]], settings.gamma)
    return _auc(scores, member[places])


def _auc(scores: Floats, member: Bools) -> float:
    return auc(scores[member], scores[~member])


def _controls(sides: Mapping[Kind, Side], attacks: list[str], seed: int) -> Iterator[dict[str, Any]]:
    """Yield what must lie near 0.5: the other twin's photos, of which this one used none, and labels dealt anew."""
    knows = dict.fromkeys((CONFIDENCE, *attacks), "references")
    other = sides[COUNTERPART, MEMBERS], sides[COUNTERPART, SIBLINGS]
    mixed = shuffled(_only(sides[TEST, MEMBERS], knows), _only(sides[TEST, SIBLINGS], knows), seed)
    for name, pair in {"other twin": other, "shuffled labels": mixed}.items():
        yield from ({"control": name, **row} for row in rows_of(*pair, SIBLINGS, knows))


def _only(side: Side, names: Mapping[str, str]) -> Side:
    return {name: side[0][name] for name in names}, side[1]


def _side(photos: Photos, scores: Mapping[str, Floats], kind: Kind) -> Side:
    """Return the scores of the photos of a kind, with ours where the bundle has them, and their people."""
    places = photos.kinds[kind]
    attacks = {name: values[places] for name, values in scores.items()}
    return {**photos.ours.get(kind, {}), **attacks}, photos.people[places]


def _at(photos: Photos, kind: Kind, *values: NDArray[Any]) -> list[NDArray[Any]]:
    return [value[photos.kinds[kind]] for value in values]
