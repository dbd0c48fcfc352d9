"""Train the references of each audited network, attack it, and write all figures after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.errors import BadPool
from mint.evidence.score_table import MEMBERS, SIBLINGS, TEST
from mint.lab.ceiling.card import FIGURES, render_ceiling
from mint.lab.ceiling.comparison import WANTED
from mint.lab.ceiling.measure import measured
from mint.lab.ceiling.photos import Target, photos_of
from mint.lab.ceiling.references import SEEDS, Asked, coins, known_people, logits_of, nearest_of, reference_logits
from mint.lab.twin_bundles.trained_network import Report
from mint.lab.twins.losses import COSFACE
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO, machine
from mint.storage.files import as_stored, write_json

ABOUT = ("people", "photos", "training_accuracy", "seconds", "precision")  # of each reference


def measure_ceiling(
    pool: Pool,
    out: Path,
    results: Path,
    targets: Sequence[Target],
    references: int,
    seed: int,
    changes: dict[str, Any],
    device: str = "cpu",
    report: Report = lambda line: None,
) -> dict[str, Any]:
    """Attack networks with references; a run that was cut off goes on behind its last epoch.

    Args:
        pool: that the targets were made with.
        out: gets a folder a target, with one a reference.
        results: the JSON of all figures, written anew after each target, and the card with it where it has the usual name.
        targets: the audited networks.
        references: of each target; even.
        seed: of halves and references.
        changes: of the targets' recipe, for the references. Where its precision is to be measured, the first one's holds for all.
        device: to train on.
        report: told a line now and then.

    Returns:
        What was written.

    Raises:
        BadPool: the pool is another one, or ``out`` holds other networks.
        ValueError: the number of references is odd, below 2 or not below 100.
    """
    if references >= SEEDS:
        raise ValueError(f"there are {SEEDS - 1} references at most, not {references}")
    used = coins(pool.rows, references, seed)
    networks: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for target in targets:
        report(f"{target.name}: choosing photos")
        networks[target.name] = _attacked(pool, out / target.name, target, used, seed, changes, device, report)
        recipe = replace(target.recipe, **changes)
        found = {
            "seed": seed,
            **machine(device),
            "references": references,
            "recipe": {name: value for name, value in as_stored(asdict(recipe)).items() if name != "seed"},
            "target recipe": as_stored(asdict(target.recipe)),
            "wanted": WANTED,
            "missing": len(targets) - len(networks),
            "networks": networks,
        }
        write_json(results, found)
        if results.name == FIGURES:
            render_ceiling(results.parent)
    return found


def _attacked(
    pool: Pool,
    folder: Path,
    target: Target,
    used: np.ndarray,
    seed: int,
    changes: dict[str, Any],
    device: str,
    report: Report,
) -> dict[str, Any]:
    rows = pool.rows
    photos = photos_of(rows, target)
    people = sorted({row.identity for row in rows if row.member(target.name)})
    if target.network.head is None or len(people) != len(target.network.head):
        raise BadPool(f"{target.name} knows other people than the pool's ledger says.")
    known = known_people(rows, target.name)
    names = [rows[i].identity for i in photos.rows]
    strangers = np.array([k for k, name in enumerate(names) if name not in known], np.int64)
    if len(strangers):
        nearest = nearest_of(target.network, people, pool.crops, photos.rows[strangers], known)
        for place, name in zip(strangers, nearest, strict=True):
            names[place] = name
    asked = Asked(photos.rows, tuple(names))
    logits = logits_of(target.network, people, pool.crops, asked, target.recipe.scale)
    recipe = replace(target.recipe, keep=(), **changes)
    trained: list[dict[str, Any]] = []
    for k in range(used.shape[1]):
        report(f"{target.name}: reference {k + 1} of {used.shape[1]}")
        mine = replace(recipe, seed=seed * SEEDS + k)
        at = folder / f"reference-{k:02d}"
        trained.append(reference_logits(pool, target.name, used[:, k], asked, at, mine, device, report))
        recipe = replace(recipe, precision=trained[-1]["precision"]) if recipe.precision == AUTO else recipe
    theirs = np.array([one["logits"] for one in trained]).T
    # Of the cosine's margin alone the logit under the trained loss is known without the angles.
    margin = target.recipe.margin if target.recipe.loss == COSFACE else 0.0
    offsets = tuple(dict.fromkeys((0.0, target.recipe.scale * margin)))
    report("attacking")
    return {
        "people": len({names[k] for kind in (MEMBERS, SIBLINGS) for k in photos.kinds[TEST, kind]}),
        "members": sum(row.member(target.name) for row in rows),
        "classes": len(people),
        "references": [{name: one[name] for name in ABOUT} for one in trained],
        **measured(photos, logits, theirs, used[photos.rows], offsets, seed),
    }
