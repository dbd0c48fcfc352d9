"""What the reference tier is worth where the truth is known: on the twins, whose members are not shown to it.

``python -m tests.benchmarks.reference_tier --pool POOL`` writes ``weights/cards/reference-tier.json``;
``mint lab cards`` renders it. Training and validation people measure the deviations, calibration
people are scored; test people are left alone.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mint.auditors import Spec, build
from mint.auditors.features import read_features
from mint.auditors.kinds.consistency import Consistency
from mint.auditors.panel import Panel, readings
from mint.evidence.conformal import FalseAlarmBound, largest_p_values
from mint.evidence.metrics import auc, auc_interval, clustered_rate
from mint.evidence.person import MIN_PEOPLE, MIXED, NOT_USED, USED
from mint.evidence.score_table import CALIBRATION, PERSON, VALIDATION
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.inputs.splits import GROUPS
from mint.lab.persons.fit import calibrated, expected_cosine
from mint.lab.training.persons_from_store import known_people
from mint.lab.training.reference import fusions_of, person_weights, weigh
from mint.lab.training.scoring import FUSED
from mint.lab.twin_bundles.gallery import Gallery
from mint.lab.twin_bundles.persons import pool_people
from mint.lab.twin_bundles.roles import identity_numbers, rows_by_role
from mint.lab.twin_bundles.same_pool import check_pools
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import Pool, load_pool
from mint.networks.open import open_network
from mint.storage.files import write_json
from mint.storage.paths import WEIGHTS

TWINS = ("twin-a", "twin-b")
ALPHAS = (0.01, 0.05)
SIZES = (1, 2, 3, 5, 10)
MOST = 900  # of a kind


def main() -> None:
    """Measure both twins."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    check_pools(options.weights, TWINS, options.pool)
    pool = load_pool(options.pool)
    found = {}
    for name in TWINS:
        found[name] = worth(open_network(options.weights / name), pool, name, options.seed)
        print(name, found[name]["photos"])
    write_json(options.out or options.weights / "cards" / "reference-tier.json", found)


def worth(network: Any, pool: Pool, name: str, seed: int) -> dict[str, Any]:
    """Figures of one twin."""
    fitted = np.concatenate([_drawn(pool, name, purpose, "outsiders", seed) for purpose in ("training", "validation")])
    auditor = build(Spec("consistency", "views"), network)
    assert isinstance(auditor, Consistency)
    looks = [read_features(reading, maps=False) for _, reading in readings(network, pool.crops[fitted], views=True)]
    weigh(auditor, {key: torch.cat([look[key] for look in looks]) for key in auditor.needs}, taps=True)
    panel, fusions = Panel({FUSED[0]: auditor}), fusions_of(FUSED[0])
    numbers = identity_numbers(pool.rows)
    rows = {group: _drawn(pool, name, "calibration", group, seed) for group in GROUPS}
    scores = {group: panel.scores(network, pool.crops[index])[FUSED[0]] for group, index in rows.items()}
    half = np.array([for_calibration(pool.rows[i].identity) for i in rows["outsiders"]])
    against = {"outsiders": FalseAlarmBound.of(scores["outsiders"][half], numbers[rows["outsiders"]][half])}
    shown = {g: (scores[g], numbers[rows[g]]) for g in ("members", "siblings")}
    shown["outsiders"] = scores["outsiders"][~half], numbers[rows["outsiders"]][~half]
    photos: dict[str, Any] = {"compared with": int(half.sum()), "deviations of": len(fitted)}
    for group in ("siblings", "outsiders"):
        sides = [scores[g] for g in ("members", group)]
        low, high = auc_interval(*sides, *(numbers[rows[g]] for g in ("members", group)))
        photos[group] = {
            "auc": auc(*sides),
            "auc_low": low,
            "auc_high": high,
            "members": len(sides[0]),
            "others": len(sides[1]),
        }
    photos["suspected"] = {
        f"{alpha}": {
            g: clustered_rate(largest_p_values(values, against) <= alpha, people).to_dict()
            for g, (values, people) in shown.items()
        }
        for alpha in ALPHAS
    }
    return {"photos": photos, "people": _people(network, panel, fusions[PERSON], pool, name, seed)}


def _people(network: Any, panel: Panel, fusion: Any, pool: Pool, name: str, seed: int) -> list[dict[str, Any]]:
    kept = [i for i, row in enumerate(pool.rows) if row.purpose in (VALIDATION, CALIBRATION)]
    part = replace(pool, rows=tuple(pool.rows[i] for i in kept), crops=pool.crops[kept])
    gallery = Gallery(part)
    people = list(pool_people(gallery, name, seed))
    with tempfile.TemporaryDirectory() as folder:
        shown = gallery.show(network, panel, np.concatenate([person.rows for person in people]), Path(folder))
        known = known_people(shown, panel, fusion, people)
    expected = expected_cosine(known[VALIDATION]["outsiders"])
    test = calibrated(known, person_weights(known[VALIDATION]["outsiders"], expected), expected)
    found = []
    for n in SIZES:
        others = test.of(CALIBRATION, "outsiders", n)
        for kind in (USED, NOT_USED, MIXED):
            used = test.of(CALIBRATION, kind, n)
            if min(len(used), len(others)) < MIN_PEOPLE:
                continue
            low, high = auc_interval(used, others, np.arange(len(used)), -1 - np.arange(len(others)))
            found.append(
                {
                    "photos": n,
                    "bring": kind,
                    "auc": auc(used, others),
                    "auc_low": low,
                    "auc_high": high,
                    "people": len(used),
                    "others": len(others),
                }
            )
    return found


def _drawn(pool: Pool, name: str, purpose: str, group: str, seed: int) -> np.ndarray:
    index = rows_by_role(pool.rows, name, purpose, seed, 10**6)[group]
    index = index[[pool.rows[i].source == GAN for i in index]]
    return np.sort(np.random.default_rng([seed, len(index)]).permutation(index)[:MOST])


if __name__ == "__main__":
    main()
