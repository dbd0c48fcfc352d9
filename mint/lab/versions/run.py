"""Train both twins' releases, score every photo under each, and write all figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from mint.evidence.score_table import OUTSIDERS, SIBLINGS
from mint.evidence.sequence import Floats
from mint.lab.scaling.nested import LEFT_OUT
from mint.lab.twin_bundles.roles import identity_numbers
from mint.lab.twins.ledger import PAIRS
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import machine
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import telling, train_twin
from mint.lab.versions.acceptance import acceptance
from mint.lab.versions.figures import figures, other_twin
from mint.lab.versions.fit import NEVER, History, calibrated
from mint.lab.versions.releases import DILUTED, KNOWN, TEST, VERSIONS, Releases, deal
from mint.lab.versions.scores import CENTRE, MIRROR, MORE_SEEN, SEEN, of_the_last, over_versions
from mint.networks.architectures import load_network
from mint.networks.base import AuditedNetwork
from mint.storage.files import as_stored, json_bytes, read_bytes, read_json, write_bytes, write_json
from mint.storage.tensors import MOST_BYTES, header

TWINS = PAIRS[0]
OUTSIDER_PHOTOS = 5  # of each person that are scored
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class VersionsRecipe:
    """Settings of the experiment.

    Attributes:
        first: recipe of the first release.
        update: of every later one, which goes on from the one before.
        people: that the twins are trained on.
        outsiders: people that they are not trained on, at most.
        seed: of who is used when.
    """

    first: TwinRecipe
    update: TwinRecipe
    people: int
    outsiders: int
    seed: int


def measure_versions(
    pool: Pool, out: Path, results: Path, recipe: VersionsRecipe, report: Report = lambda line: None
) -> dict[str, Any]:
    """Measure what a sequence of releases tells; a run that was cut off goes on behind its last epoch.

    Args:
        pool: made by ``make_pool``; its roles are dealt anew, its purposes kept.
        out: gets a folder a twin and release, and a file of scores a twin.
        results: the JSON of all figures.
        recipe: all settings.
        report: told a line now and then.

    Returns:
        What was written.

    Raises:
        BadPool: the pool has not enough people, or ``out`` holds other networks.
    """
    releases = deal(pool.rows, recipe.people, recipe.outsiders, recipe.seed)
    rows = scored_rows(releases)
    found: dict[str, Any] = {
        "seed": recipe.seed, **machine(), "people": recipe.people, "versions": VERSIONS,
        "outsiders": len({pool.rows[i].identity for i in rows[~releases.used[rows]]}),
        "recipes": as_stored([asdict(recipe.first), asdict(recipe.update)]),
        "passes": [VERSIONS * (1 + len(SEEN)), 1 + len(MORE_SEEN)],
        "photos": [[int(n) for n in releases.trained(t).sum(1)] for t in range(VERSIONS)], "twins": {},
    }  # fmt: skip
    scores: list[dict[str, Floats]] = []
    for name in TWINS:
        files = [_released(pool, releases, version, name, out, recipe, report) for version in range(VERSIONS)]
        networks = [load_network(file, recipe.first.architecture(), name) for file in files]
        report(f"{name}: scores")
        scores.append(_scored(out / f"scores-{name}.safetensors", networks, pool, rows))
        logs = [read_json(file.parent / "log.json") for file in files]
        found["twins"][name] = {
            "accuracy": [log["epochs"][-1]["accuracy"] for log in logs],
            "seconds": sum(epoch["seconds"] for log in logs for epoch in log["epochs"]),
        }
    for number, name in enumerate(TWINS):
        report(f"{name}: figures")
        found["twins"][name]["scores"] = _figures_of(number, releases, rows, scores[number])
    write_json(results, found)
    return found


def scored_rows(releases: Releases) -> NDArray[np.int64]:
    """Return the rows that are scored: all photos of used people, and ``OUTSIDER_PHOTOS`` of each of the others."""
    taken: dict[str, int] = {}
    kept = []
    for i, row in enumerate(releases.rows):
        taken[row.identity] = taken.get(row.identity, 0) + 1
        if releases.purposes[i] != LEFT_OUT and (releases.used[i] or taken[row.identity] <= OUTSIDER_PHOTOS):
            kept.append(i)
    return np.array(kept, dtype=np.int64)


def history(number: int, releases: Releases, rows: NDArray[np.int64], scores: Floats) -> History:
    """Return what is known of the scored photos under one twin.

    Args:
        number: of the twin.
        releases: who was used when.
        rows: the scored ones.
        scores: (N, V) of these.
    """
    first, out = releases.first[number, rows], releases.out[number, rows]
    kinds = np.where(first != NEVER, "", np.where(releases.used[rows], SIBLINGS, OUTSIDERS))
    people = identity_numbers(releases.rows)[rows].astype(np.int64)
    return History(scores, people, first, out, kinds)


def _figures_of(number: int, releases: Releases, rows: NDArray[np.int64], scores: dict[str, Floats]) -> dict[str, Any]:
    purposes = releases.purposes[rows]
    known, tested = purposes == KNOWN, purposes == TEST
    other = releases.first[1 - number, rows]  # what the other twin used, and what neither did
    found = {}
    for name in (MIRROR, CENTRE):
        every = history(number, releases, rows, scores[f"sequence {name}"])
        test = calibrated(every[known])
        last = scores[f"last {name}"]
        diluted = (every.first == DILUTED[0]) & (every.out == DILUTED[1])
        one = figures(test, every[known], every[tested], (last[known], last[tested]), diluted[tested])
        theirs, neither = (
            tested & releases.used[rows] & (every.first == NEVER) & of for of in (other != NEVER, other == NEVER)
        )
        one["other"] = other_twin(test, every.scores, every.people, theirs, neither)
        found[name] = {**one, "accepted": acceptance(one)}
    return found


def _released(
    pool: Pool, releases: Releases, version: int, name: str, out: Path, recipe: VersionsRecipe, report: Report
) -> Path:
    """Train a release, or go on with it; every one but the first starts from the one before."""
    told = telling(report, f"{name} v{version + 1}", every=5)
    settings = recipe.update if version else recipe.first
    before = (
        out / f"{name}-v{version}" / f"epoch-{(recipe.update if version > 1 else recipe.first).epochs:03d}.safetensors"
    )
    return train_twin(
        Pool(releases.ledger(version), pool.crops), name, out / f"{name}-v{version + 1}", settings, report=told,
        tell=report, start=before if version else None,
    )  # fmt: skip


def _scored(file: Path, networks: Sequence[AuditedNetwork], pool: Pool, rows: NDArray[np.int64]) -> dict[str, Floats]:
    """Return every score of these rows: those on record of the same networks and photos, or show them and record it."""
    about = [network.fingerprint for network in networks], [astuple(pool.rows[i])[0] for i in rows], SEEN, MORE_SEEN
    key = hashlib.sha256(json_bytes(about)).hexdigest()
    if file.is_file():
        data = read_bytes(file, MOST_BYTES)
        if header(data).get("__metadata__", {}).get("about") == key:
            return dict(load(data))
    crops = pool.crops[rows]
    found = {f"sequence {name}": values for name, values in over_versions(networks, crops).items()}
    found |= {f"last {name}": values for name, values in of_the_last(networks[-1], crops).items()}
    write_bytes(file, save({name: np.ascontiguousarray(values) for name, values in found.items()}, {"about": key}))
    return found


def small_recipe(
    people: int, outsiders: int, size: int, epochs: int, updates: int, seed: int, light: str
) -> VersionsRecipe:
    """Return the recipe of small networks: the twins' with one block a stage, later releases of fewer and smaller steps."""
    first = TwinRecipe(
        layers=(1, 1, 1, 1), input_size=size, embedding_size=128, epochs=epochs, keep=(), margin=0.3, seed=seed,
        precision="float32", light=light,
    )  # fmt: skip
    return VersionsRecipe(first, replace(first, epochs=updates), people, outsiders, seed)
