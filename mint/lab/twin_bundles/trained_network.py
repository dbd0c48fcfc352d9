"""Train one network of many, measure it at once, and keep its figures: a run that is cut off goes on behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from pathlib import Path

from mint.lab.training.on_record import Figures, another_network, figures_on_record, kept_figures
from mint.lab.twins.ledger import PAIRS, Row
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import telling, train_twin
from mint.networks.architectures import load_network
from mint.networks.torch_network import TorchNetwork
from mint.storage.files import json_bytes, read_json

NAME = PAIRS[0][0]  # whose roles the ledgers rewrite
Report = Callable[[str], None]


def on_record(
    folder: Path, rows: Sequence[Row], recipe: TwinRecipe, seed: int, measure: Callable[[], Figures], others: str
) -> Figures:
    """Return the figures of a network: those on record, or measure it and record them.

    Args:
        folder: keeps ``figures.json``.
        rows: the ledger that the network is trained and tested by.
        recipe: of the network.
        seed: of auditors and subsets.
        measure: returns the figures, ``precision`` among them.
        others: what else may have been asked for when the folder was filled, for the error.

    Raises:
        BadPool: the folder holds a network of another ledger, recipe or seed.
    """
    check_record(folder, rows, recipe, seed, others)
    return figures_on_record(folder, _about(rows, recipe, seed), measure, others, _same)


def check_record(folder: Path, rows: Sequence[Row], recipe: TwinRecipe, seed: int, others: str) -> None:
    """Refuse a folder with the figures of another network, as ``on_record`` does; one without figures is taken as it is.

    Raises:
        BadPool: the folder holds a network of another ledger, recipe or seed.
    """
    kept = kept_figures(folder, _about(rows, recipe, seed), others, _same)
    if kept is not None and recipe.precision not in (AUTO, kept["precision"]):
        raise another_network(folder, others)


def trained_network(
    pool: Pool, folder: Path, recipe: TwinRecipe, device: str, report: Report
) -> tuple[TorchNetwork, Figures]:
    """Train the network of a ledger, or go on where its training was cut off.

    Returns:
        The network, and ``people``, ``training_accuracy``, ``seconds`` of training and ``precision``.
    """
    file = train_twin(pool, NAME, folder, recipe, device, telling(report), report)
    log = read_json(folder / "log.json")
    return load_network(file, recipe.architecture(), NAME), {
        "people": len(log["identities"]),
        "training_accuracy": log["epochs"][-1]["accuracy"],
        "seconds": sum(epoch["seconds"] for epoch in log["epochs"]),
        "precision": log["recipe"]["precision"],
    }


def _about(rows: Sequence[Row], recipe: TwinRecipe, seed: int) -> Figures:
    """Return what figures hang on: every role and purpose, and all settings but the precision, which may be measured."""
    ledger = hashlib.sha256(json_bytes([astuple(row) for row in rows])).hexdigest()
    settings = {name: value for name, value in asdict(recipe).items() if name != "precision"}
    return {"ledger sha256": ledger, "recipe": settings, "seed": seed}


def _same(kept: Figures, asked: Figures) -> bool:
    """Compare what two figures hang on; a recipe on record may lack settings that came later."""
    recipes = [TwinRecipe.from_log(about["recipe"]) for about in (kept, asked)]
    return recipes[0] == recipes[1] and {**kept, "recipe": None} == {**asked, "recipe": None}
