"""Train one network of a size, score it at once, and keep its figures: a run that is cut off goes on behind it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

from mint.bundles.bundle import PHOTO
from mint.errors import BadPool
from mint.lab.evaluation.metric_row import metric_row
from mint.lab.scaling.nested import Order, Size
from mint.lab.training.scoring import Tables, refit
from mint.lab.twin_bundles.pictures import MAX_PER_SOURCE, fitting_samples, pool_pictures
from mint.lab.twins.ledger import PAIRS, Row
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import Epoch, train_twin
from mint.lab.twins.verification import verification
from mint.networks.architectures import load_network
from mint.storage.files import json_bytes, read_json, write_json

NAME = PAIRS[0][0]  # whose roles the ledgers rewrite
FIGURES = "figures.json"
TOLD = 10  # epochs between two lines
DRAWS = 1000  # of people, for the intervals
PAIRS_OF_STRANGERS = 3000
AUDITORS = {
    PHOTO: "combined",
    "prototype/head": "prototype",
    "centred/head": "centred",
    "consistency/views": "consistency",
    "vanilla/all": "published, channel maxima",
    "cnn/all": "published, whole maps",
}
AGAINST = ("siblings", "outsiders")


def figures_of(
    pool: Pool,
    order: Order,
    size: Size,
    fitted: int,
    folder: Path,
    recipe: TwinRecipe,
    seed: int,
    device: str = "cpu",
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Return the figures of the network of one size: those on record, or train it and measure it.

    Args:
        pool: whose ledger ``order`` was drawn from.
        order: who is taken when.
        size: of the training set.
        fitted: see ``Order.ledger``.
        folder: keeps the training and ``figures.json``.
        recipe: of the network.
        seed: of auditors and subsets.
        device: to train on, ``cpu`` or ``cuda``.
        report: told a line now and then.

    Returns:
        ``members``, ``people``, ``photos``, ``training_accuracy``, ``seconds`` of training, ``precision``, ``fitted_on``
        (members that auditors were fitted on and validated on), ``strangers`` as ``verification`` gives them, and
        ``rows``: AUC and TPR of each auditor ``against`` siblings and outsiders, as ``metric_row`` gives them.

    Raises:
        BadPool: the folder holds a network of another pool, size, recipe or seed.
    """
    rows = order.ledger(size, fitted)
    about = json.loads(json_bytes(_about(rows, recipe, seed)))
    if (folder / FIGURES).is_file():
        kept: dict[str, Any] = read_json(folder / FIGURES)
        if kept.pop("about") != about or recipe.precision not in (AUTO, kept["precision"]):
            raise BadPool(
                f"{folder} holds a network of another pool, smallest size, recipe or seed. Choose another folder."
            )
        return kept
    found = _measured(Pool(rows, pool.crops), size, folder, recipe, seed, device, report)
    write_json(folder / FIGURES, {"about": about, **found})
    return found


def _about(rows: Sequence[Row], recipe: TwinRecipe, seed: int) -> dict[str, Any]:
    """Return what the figures hang on: every role and purpose, and all settings but the precision, which may be measured."""
    ledger = hashlib.sha256(json_bytes([astuple(row) for row in rows])).hexdigest()
    settings = {name: value for name, value in asdict(recipe).items() if name != "precision"}
    return {"ledger sha256": ledger, "recipe": settings, "seed": seed}


def _measured(
    pool: Pool, size: Size, folder: Path, recipe: TwinRecipe, seed: int, device: str, report: Callable[[str], None]
) -> dict[str, Any]:
    def told(epoch: Epoch, left: float) -> None:
        if epoch.epoch % TOLD == 0:
            report(f"epoch {epoch.epoch}: accuracy {epoch.accuracy:.4f}, {left / 60:.0f} min of training left")

    file = train_twin(pool, NAME, folder, recipe, device, told, report)
    log = read_json(folder / "log.json")
    network = load_network(file, recipe.architecture(), NAME)
    samples = fitting_samples(pool, NAME, seed)
    pictures = pool_pictures(pool, NAME, "test", seed, MAX_PER_SOURCE)
    pictures = {source: found for source, found in pictures.items() if len(found)}
    outsiders = pictures["outsiders"]
    people = [str(number) for number in outsiders.about["identity"]]
    report("fitting and scoring its auditors")
    tables = refit(network, samples, pictures, seed, published=True)
    return {
        "members": size.members,
        "people": len(log["identities"]),
        "photos": size.photos,
        "training_accuracy": log["epochs"][-1]["accuracy"],
        "seconds": sum(epoch["seconds"] for epoch in log["epochs"]),
        "precision": log["recipe"]["precision"],
        "fitted_on": {split: int(found.member.sum()) for split, found in samples.items()},
        "strangers": verification(network, outsiders.crops, people, PAIRS_OF_STRANGERS, seed),
        "rows": _rows(tables),
    }


def _rows(tables: Tables) -> list[dict[str, Any]]:
    members = tables["members"]
    return [
        {"auditor": label, "against": kind, **metric_row(members, tables[kind], column, DRAWS)}
        for kind in AGAINST
        for column, label in AUDITORS.items()
        if column in members
    ]
